#include "planned_memory.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace bufspec::engine {

namespace {

constexpr ssize most_element_bytes = ssize{1} << 24;
constexpr std::size_t plans_kept = 96;

// Calls visit(address) for each element in C order, its address computed from `buf`.
template <typename Visit>
void for_each_element(const Exporter& exporter, char* buf, ssize count, Visit visit) {
  if (count == 0) return;
  const Geometry geometry = geometry_of(exporter.layout());
  Extents index{};
  const std::span<ssize> position{index.data(), static_cast<std::size_t>(exporter.layout().ndim)};
  const std::span<const ssize> shape{exporter.layout().shape.data(), position.size()};
  do {
    visit(element_pointer(buf, geometry, position));
  } while (advance_index(position, shape, false));
}

}  // namespace

std::shared_ptr<PlannedMemory> PlannedMemory::of(const Layout& layout, ElementBytes contents) {
  // Never destroyed: objects of Python outlive static objects.
  static auto& kept = *new std::vector<std::shared_ptr<PlannedMemory>>;
  static std::size_t next = 0;
  for (const auto& plan : kept)
    if (plan->contents_ == contents && plan->described_ == layout) return plan;
  auto plan = std::make_shared<PlannedMemory>(layout, contents);
  if (!plan->build()) return nullptr;
  if (kept.size() < plans_kept) {
    kept.push_back(plan);
  } else {
    kept[next++ % plans_kept] = plan;
  }
  return plan;
}

bool PlannedMemory::build() {
  if (described_.format.size() > FormatText::capacity || !model_.build(described_, contents_).ok()) return false;
  const auto counted = element_count({described_.shape.data(), static_cast<std::size_t>(described_.ndim)});
  if (!counted.ok() || model_.length() > most_element_bytes || counted.value > most_element_bytes) return false;
  count_ = counted.value;
  elements_ = elements_at(model_.block().data());
  if (model_.layout().has_suboffsets && count_ > 0) find_pointers();
  find_element_bytes();
  return true;
}

void PlannedMemory::find_pointers() {
  const Layout& layout = model_.layout();
  const char* const block = model_.block().data();
  Extents index{};
  const std::span<ssize> position{index.data(), static_cast<std::size_t>(layout.ndim)};
  const std::span<const ssize> shape{layout.shape.data(), position.size()};
  do {
    const char* at = model_.buf();
    for (std::size_t d = 0; d < position.size(); ++d) {
      at += layout.strides[d] * position[d];
      if (layout.suboffsets[d] < 0) continue;
      pointers_.push_back(static_cast<std::size_t>(at - block));
      char* target = nullptr;
      std::memcpy(&target, at, sizeof target);
      at = target + layout.suboffsets[d];
    }
  } while (advance_index(position, shape, false));
  std::sort(pointers_.begin(), pointers_.end());
  pointers_.erase(std::unique(pointers_.begin(), pointers_.end()), pointers_.end());
}

void PlannedMemory::find_element_bytes() {
  in_element_.assign(bytes(), '\0');
  const auto itemsize = static_cast<std::size_t>(described_.itemsize);
  const char* const block = model_.block().data();
  for_each_element(model_, model_.buf(), count_, [&](const char* element) {
    const auto first = in_element_.begin() + (element - block);
    is_shared_ = is_shared_ ||
                 std::find(first, first + static_cast<ssize>(itemsize), '\1') != first + static_cast<ssize>(itemsize);
    std::fill_n(first, itemsize, '\1');
  });
}

void PlannedMemory::place(char* to) const noexcept {
  const std::span<char> block = model_.block();
  if (block.empty()) return;
  std::memcpy(to, block.data(), block.size());
  const std::uintptr_t moved = reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(block.data());
  for (const std::size_t place : pointers_) {
    std::uintptr_t address = 0;
    std::memcpy(&address, to + place, sizeof address);
    address += moved;
    std::memcpy(to + place, &address, sizeof address);
  }
}

MemoryChange PlannedMemory::change_of(const char* at) const {
  const std::span<char> block = model_.block();
  MemoryChange change;
  if (pointers_.empty() && (block.empty() || std::memcmp(block.data(), at, block.size()) == 0)) return change;
  std::string placed(block.begin(), block.end());
  const std::uintptr_t moved = reinterpret_cast<std::uintptr_t>(at) - reinterpret_cast<std::uintptr_t>(block.data());
  for (const std::size_t place : pointers_) {
    std::uintptr_t address = 0;
    std::memcpy(&address, placed.data() + place, sizeof address);
    address += moved;
    std::memcpy(placed.data() + place, &address, sizeof address);
  }
  for (std::size_t i = 0; i < placed.size(); ++i)
    if (placed[i] != at[i]) (in_element_[i] != 0 ? change.elements : change.gaps) = true;
  return change;
}

void PlannedMemory::copy_elements(const char* from, char* to) const noexcept {
  for (std::size_t i = 0; i < in_element_.size(); ++i)
    if (in_element_[i] != 0) to[i] = from[i];
}

std::vector<std::size_t> PlannedMemory::places() const {
  std::vector<std::size_t> places;
  const char* const block = model_.block().data();
  for_each_element(model_, model_.buf(), count_,
                   [&](const char* element) { places.push_back(static_cast<std::size_t>(element - block)); });
  return places;
}

std::string PlannedMemory::elements_at(char* at) const {
  std::string elements;
  elements.reserve(static_cast<std::size_t>(model_.length()));
  const auto itemsize = static_cast<std::size_t>(described_.itemsize);
  // Addresses are those of the model: a pointer that was overwritten leads nowhere else.
  const std::ptrdiff_t moved = at - model_.block().data();
  for_each_element(model_, model_.buf(), count_,
                   [&](const char* element) { elements.append(element + moved, itemsize); });
  return elements;
}

}  // namespace bufspec::engine
