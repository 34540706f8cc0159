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
#include "suites/engine/memory/guarded_memory.hpp"

namespace bufspec::cpython {

// The arrays of a view, as they lie in memory.
struct HandedArrays {
  Extents shape;
  Extents strides;
  Extents suboffsets;
  char format[FormatText::capacity + 1];
};

// One request and the view that was handed out for it.
struct LoggedRequest {
  Consumed::Request request;
  std::size_t number = 0;  // from 0 on, refused ones counted
  std::uint64_t thread = 0;
  bool is_watched = true;  // false: ours, or made while nobody looks
  const Py_buffer* place = nullptr;  // where the struct was
  Py_buffer handed{};  // what it held
  char* memory = nullptr;  // where the memory of this view begins
  engine::GuardedBlock own_memory;  // a copy for this view, if it has one
  engine::GuardedBlock own_arrays;  // room for its arrays, if they are its own
};

class RequestLog {
 public:
  // A new request.  The reference is valid until trim().
  [[nodiscard]] LoggedRequest& add(int flags, bool is_watched);

  // The request that `view` was handed out for: by its internal, by its place, by what it shows; null if there is none.
  [[nodiscard]] LoggedRequest* find(const Py_buffer& view) noexcept;

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

// field_bit::* of what `view` no longer holds as it was handed out for `request`: pointers, contents, internal.
// `expected` are the arrays as they have to be; what was changed in place is put right.
[[nodiscard]] unsigned changes_of(const LoggedRequest& request, const Py_buffer& view,
                                  const HandedArrays& expected) noexcept;

}  // namespace bufspec::cpython
