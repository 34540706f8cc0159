#include "instrumented_log.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace bufspec::cpython {

namespace {

// Tokens are odd numbers far from every address.
constexpr std::uintptr_t token_mark = std::uintptr_t{0x5eed} << 48;

bool is_held(const LoggedRequest& request) noexcept { return request.request.granted && request.request.releases == 0; }

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

LoggedRequest* RequestLog::find(const Buffer& view) noexcept {
  const auto last_that = [&](auto&& fits) -> LoggedRequest* {
    const auto found = std::find_if(requests_.rbegin(), requests_.rend(), [&](const auto& one) { return fits(*one); });
    return found == requests_.rend() ? nullptr : found->get();
  };
  if (LoggedRequest* const found =
          last_that([&](const LoggedRequest& one) { return one.request.granted && token_of(one) == view.internal; }))
    return found;
  if (LoggedRequest* const found =
          last_that([&](const LoggedRequest& one) { return is_held(one) && one.view.place == &view; }))
    return found;
  return last_that([&](const LoggedRequest& one) {
    return is_held(one) && one.view.handed.buf == view.buf && one.view.handed.len == view.len;
  });
}

void RequestLog::clear() {
  constexpr std::size_t most_spare = 16;
  for (auto& one : requests_) {
    if (spare_.size() == most_spare) break;
    one->view.forget_own();
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

}  // namespace bufspec::cpython
