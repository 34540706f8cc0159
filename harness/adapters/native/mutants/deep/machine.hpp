// What has an exporter to see, and in which order, before it goes wrong?  The words in which a deep mutant says so.
//
// Each step of a chain is code of its own once it is compiled: coverage instrumentation shows how far a chain has come.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bufspec::deep {

enum class Happens : std::uint8_t { get, get_by_slot, release, operation, use };

// What happened to an object just now.
struct Event {
  Happens what = Happens::get;
  int flags = 0;  // of a request
  int number = 0;  // of an operation; of a release how many of the views that are held are older
  int held = 0;  // views, before it
  long calls = 0;  // all that happened to the object, with this
  int ndim = 1;  // of the object's memory
  std::ptrdiff_t items = 6;
  char format = 'i';
};

struct State {
  int at = 0;  // how far the chain has come
  long calls = 0;
  bool is_wrong = false;
};

// What makes an answer wrong, once it is.
enum class Fault : std::uint8_t { len, readonly, itemsize, no_shape, no_strides, format, ndim, refuses, keeps };

// Whether the events of `steps` have come one right after another.
template <typename... Steps>
[[gnu::always_inline]] inline bool chain(State& state, const Event& event, Steps... steps) {
  int number = 0;
  bool is_next = false;
  const auto try_step = [&](auto step) __attribute__((always_inline)) {
    if (state.at != number++ || is_next) return;
    if (!step(event)) return;
    is_next = true;
  };
  const auto before = state.at;
  (try_step(steps), ...);
  if (!is_next) {
    state.at = 0;
    return false;
  }
  state.at = before + 1;
  if (state.at < static_cast<int>(sizeof...(Steps))) return false;
  state.at = 0;
  return true;
}

[[gnu::always_inline]] inline auto get(int all, int none = 0) {
  return [=](const Event& e) __attribute__((always_inline)) {
    return e.what == Happens::get && (e.flags & all) == all && (e.flags & none) == 0;
  };
}
[[gnu::always_inline]] inline auto any_get() { return get(0); }
[[gnu::always_inline]] inline auto slot(int all, int none = 0) {
  return [=](const Event& e) __attribute__((always_inline)) {
    return e.what == Happens::get_by_slot && (e.flags & all) == all && (e.flags & none) == 0;
  };
}
// A release of the view that so many of those that are held are older than.
[[gnu::always_inline]] inline auto released(int age) {
  return [=](const Event& e) __attribute__((always_inline)) { return e.what == Happens::release && e.number == age; };
}
// A release of the newest of so many views.
[[gnu::always_inline]] inline auto newest_of(int held) {
  return [=](const Event& e) __attribute__((always_inline)) {
    return e.what == Happens::release && e.held == held && e.number == held - 1;
  };
}
[[gnu::always_inline]] inline auto operation(int number) {
  return [=](const Event& e)
             __attribute__((always_inline)) { return e.what == Happens::operation && e.number == number; };
}
[[gnu::always_inline]] inline auto use() {
  return [](const Event& e) __attribute__((always_inline)) { return e.what == Happens::use; };
}

// A request while so many views are held.
[[gnu::always_inline]] inline auto holds(int views) {
  return [=](const Event& e) __attribute__((always_inline)) { return e.what == Happens::get && e.held == views; };
}
// The same, after at least so many events, and fewer than so many.
[[gnu::always_inline]] inline auto within(long least, long end, int views) {
  return [=](const Event& e) __attribute__((always_inline)) {
    return e.what == Happens::get && e.held == views && e.calls >= least && e.calls < end;
  };
}
// A request to an object of such a memory.
[[gnu::always_inline]] inline auto items_are(std::ptrdiff_t items) {
  return [=](const Event& e) __attribute__((always_inline)) { return e.what == Happens::get && e.items == items; };
}
[[gnu::always_inline]] inline auto ndim_is(int ndim) {
  return [=](const Event& e) __attribute__((always_inline)) { return e.what == Happens::get && e.ndim == ndim; };
}
[[gnu::always_inline]] inline auto format_is(char format) {
  return [=](const Event& e) __attribute__((always_inline)) { return e.what == Happens::get && e.format == format; };
}

}  // namespace bufspec::deep
