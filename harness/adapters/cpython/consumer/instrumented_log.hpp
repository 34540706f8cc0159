// What an instrumented exporter was asked, what it handed out for it, and what came back.
// A consumer may spoil everything that it was given: a view is found by what it holds and by where it lies, and nothing
// that a consumer wrote is followed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bufspec/trace.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/engine/memory/handed_memory.hpp"

namespace bufspec::cpython {

// One request and the view that was handed out for it.
struct LoggedRequest {
  Consumed::Request request;
  std::size_t number = 0;  // from 0 on, refused ones counted
  std::uint64_t thread = 0;
  bool is_watched = true;  // false: ours, or made while nobody looks
  engine::HandedView view;
};

class RequestLog {
 public:
  // A new request.  The reference is valid until trim().
  [[nodiscard]] LoggedRequest& add(int flags, bool is_watched);

  // The request that `view` was handed out for: by its internal, by its place, by what it shows; null if there is none.
  [[nodiscard]] LoggedRequest* find(const Buffer& view) noexcept;

  // What a consumer is told to keep in `internal`.  No address.
  [[nodiscard]] static void* token_of(const LoggedRequest& request) noexcept;

  // Forgets requests that came to a good end, the oldest first, where there are many of them.
  void trim();

  // Forgets everything.  Requires: no view is held.
  void clear();

  [[nodiscard]] const std::deque<std::unique_ptr<LoggedRequest>>& all() const noexcept { return requests_; }
  [[nodiscard]] std::size_t asked() const noexcept { return asked_; }  // watched requests so far

 private:
  std::deque<std::unique_ptr<LoggedRequest>> requests_;
  std::vector<std::unique_ptr<LoggedRequest>> spare_;  // of clear(), used again
  std::size_t serial_ = 0;
  std::size_t asked_ = 0;
  std::size_t trimmed_at_ = 2 * max_logged_requests;
};

// Whether it was refused and not released, or granted and released once, unchanged.
[[nodiscard]] bool came_to_a_good_end(const LoggedRequest& request) noexcept;

}  // namespace bufspec::cpython
