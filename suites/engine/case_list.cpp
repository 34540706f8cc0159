#include "case_list.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace bufspec::engine {

void CaseList::append(std::vector<Case> cases) {
  if (cases.empty()) return;
  for (std::size_t i = 0; i < cases.size(); ++i) held_ids_.emplace(cases[i].id, size_ + i);
  Stretch stretch{size_, cases.size(), std::move(cases), {}, {}};
  size_ += stretch.count;
  stretches_.push_back(std::move(stretch));
}

void CaseList::append(std::string prefix, std::size_t count, std::function<Scenario(std::size_t)> make) {
  if (count == 0) return;
  stretches_.push_back({size_, count, {}, std::move(prefix), std::move(make)});
  size_ += count;
}

const CaseList::Stretch& CaseList::stretch_of(std::size_t index) const {
  const auto behind = std::upper_bound(stretches_.begin(), stretches_.end(), index,
                                       [](std::size_t wanted, const Stretch& one) { return wanted < one.first; });
  return *(behind - 1);
}

std::string CaseList::id(std::size_t index) const {
  const Stretch& stretch = stretch_of(index);
  const std::size_t number = index - stretch.first;
  return stretch.held.empty() ? stretch.prefix + std::to_string(number) : stretch.held[number].id;
}

const Case& CaseList::get(std::size_t index, Case& space) const {
  const Stretch& stretch = stretch_of(index);
  const std::size_t number = index - stretch.first;
  if (!stretch.held.empty()) return stretch.held[number];
  space = {stretch.prefix + std::to_string(number), stretch.make(number)};
  return space;
}

Case CaseList::make(std::size_t index) const {
  Case space;
  const Case& found = get(index, space);
  return &found == &space ? space : found;
}

std::optional<std::size_t> CaseList::find(std::string_view id) const {
  if (const auto held = held_ids_.find(std::string(id)); held != held_ids_.end()) return held->second;
  for (const Stretch& stretch : stretches_) {
    if (!stretch.held.empty() || !id.starts_with(stretch.prefix)) continue;
    const std::string_view digits = id.substr(stretch.prefix.size());
    std::size_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    // One number has one spelling: "007" and "+7" name no case.
    if (read.ec == std::errc{} && number < stretch.count && std::to_string(number) == digits)
      return stretch.first + number;
  }
  return std::nullopt;
}

}  // namespace bufspec::engine
