#include "instrumented_log.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace bufspec::cpython {

namespace {

// Tokens are odd numbers far from every address.
constexpr std::uintptr_t token_mark = std::uintptr_t{0x5eed} << 48;

bool is_held(const LoggedRequest& request) noexcept { return request.request.granted && request.request.releases == 0; }

// Whether `entries` of the array at `given`, which is ours, hold what they have to; they do afterwards.
bool renew(ssize* given, const Extents& expected, std::size_t entries) noexcept {
  if (std::equal(given, given + entries, expected.begin())) return true;
  std::copy_n(expected.begin(), entries, given);
  return false;
}

}  // namespace

bool came_to_a_good_end(const LoggedRequest& request) noexcept {
  const Consumed::Request& seen = request.request;
  return seen.releases == (seen.granted ? 1 : 0) && seen.changed == 0;
}

LoggedRequest& RequestLog::add(int flags, bool is_watched) {
  std::unique_ptr<LoggedRequest> made;
  if (spare_.empty()) {
    made = std::make_unique<LoggedRequest>();
  } else {
    made = std::move(spare_.back());
    spare_.pop_back();
    made->request = {};
  }
  LoggedRequest& request = *requests_.emplace_back(std::move(made));
  request.request.flags = flags;
  request.is_watched = is_watched;
  request.number = serial_++;
  if (is_watched) ++asked_;
  return request;
}

void* RequestLog::token_of(const LoggedRequest& request) noexcept {
  return reinterpret_cast<void*>(token_mark | (request.number << 1U) | 1U);
}

LoggedRequest* RequestLog::find(const Py_buffer& view) noexcept {
  const auto last_that = [&](auto&& fits) -> LoggedRequest* {
    const auto found = std::find_if(requests_.rbegin(), requests_.rend(), [&](const auto& one) { return fits(*one); });
    return found == requests_.rend() ? nullptr : found->get();
  };
  if (LoggedRequest* const found =
          last_that([&](const LoggedRequest& one) { return one.request.granted && token_of(one) == view.internal; }))
    return found;
  if (LoggedRequest* const found =
          last_that([&](const LoggedRequest& one) { return is_held(one) && one.place == &view; }))
    return found;
  return last_that([&](const LoggedRequest& one) {
    return is_held(one) && one.handed.buf == view.buf && one.handed.len == view.len;
  });
}

void RequestLog::clear() {
  constexpr std::size_t most_spare = 16;
  for (auto& one : requests_) {
    if (spare_.size() == most_spare) break;
    if (one->own_memory.is_set()) one->own_memory = engine::GuardedBlock();
    if (one->own_arrays.is_set()) one->own_arrays = engine::GuardedBlock();
    spare_.push_back(std::move(one));
  }
  requests_.clear();
  serial_ = asked_ = 0;
}

void RequestLog::trim() {
  if (requests_.size() < trimmed_at_) return;
  const auto kept = static_cast<std::ptrdiff_t>(max_logged_requests);
  const auto recent = requests_.end() - kept;
  requests_.erase(std::remove_if(requests_.begin(), recent, [](const auto& one) { return came_to_a_good_end(*one); }),
                  recent);
  trimmed_at_ = 2 * requests_.size();  // those that came to no good end are not looked through each time
}

unsigned changes_of(const LoggedRequest& request, const Py_buffer& view, const HandedArrays& expected) noexcept {
  const Py_buffer& handed = request.handed;
  unsigned changed = 0;
  if (view.internal != handed.internal) changed |= field_bit::internal;
  const auto look = [&](ssize* given, ssize* now, const Extents& right, unsigned bit) {
    if (given != now) changed |= bit;
    if (given == nullptr) return;
    const auto entries = static_cast<std::size_t>(std::clamp(handed.ndim, 0, max_ndim));
    const bool in_struct = given == &request.place->len || given == &request.place->itemsize;
    // What lies in the struct itself may be gone with it, where it is released through a copy.
    if (in_struct && &view != request.place) return;
    if (!renew(given, right, entries)) changed |= bit;
  };
  look(handed.shape, view.shape, expected.shape, field_bit::shape);
  look(handed.strides, view.strides, expected.strides, field_bit::strides);
  look(handed.suboffsets, view.suboffsets, expected.suboffsets, field_bit::suboffsets);
  if (handed.format != view.format) changed |= field_bit::format;
  if (handed.format != nullptr) {
    const std::size_t length = std::strlen(expected.format) + 1;
    if (std::memcmp(handed.format, expected.format, length) != 0) {
      changed |= field_bit::format;
      std::memcpy(handed.format, expected.format, length);
    }
  }
  return changed;
}

}  // namespace bufspec::cpython
