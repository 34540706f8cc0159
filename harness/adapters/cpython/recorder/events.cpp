#include "events.hpp"

#include "definitions.hpp"
#include "record_file.hpp"
#include "thunks.hpp"

namespace bufspec::recorder {

namespace {

// How deep this thread is in requests, and how many requests it has made: whether one made others is seen by that.
thread_local std::uint32_t depth = 0;
thread_local std::uint64_t made = 0;
thread_local std::uint64_t thread_number = 0;

// Addresses are written as differences: a loop asks the same object again and again.
struct Last {
  std::uint64_t thread = 0;
  std::uint64_t threads = 0;
  std::int64_t object = 0, view = 0, memory = 0;
};
Last last;

unsigned char* put_address(unsigned char* to, const void* address, std::int64_t& before) noexcept {
  const auto now = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(address));
  to = put_signed(to, static_cast<std::int64_t>(static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(before)));
  before = now;
  return to;
}

// Whether an event can be written; wants the lock.
bool begin() noexcept {
  if (head() == nullptr) return false;
  if (take_is_new()) {
    forget_definitions();
    last = Last{};
    return true;
  }
  return true;
}

void note_thread() noexcept {
  if (thread_number == 0) thread_number = ++last.threads;
  if (last.thread == thread_number) return;
  unsigned char* const to = open_event();
  if (to == nullptr) return;
  close_event(kind::thread, put(to, thread_number));
  last.thread = thread_number;
}

// In a child of fork() nothing is defined before its file is there.
void prepare() noexcept {
  const Locked locked;
  static_cast<void>(begin());
}

Place place_now() noexcept {
  static const bool has_stacks = [] {
    const Locked locked;
    const Head* const it = head();
    return it != nullptr && it->has_stacks != 0;
  }();
  return has_stacks ? whole_stack() : innermost_place();
}

}  // namespace

void forget_answers() noexcept;
void forget_places() noexcept;
void forget_types() noexcept;

void forget_definitions() noexcept {
  forget_answers();
  forget_places();
  forget_types();
}

int recorded_get(std::size_t index, PyObject* exporter, Py_buffer* view, int word) noexcept {
  // Without a struct there is nothing to record: PyObject_GetBuffer(o, NULL, ...) was once a question of its own.
  if (view == nullptr) return original_get(index)(exporter, view, word);
  prepare();
  const Place place = place_now();
  const std::uint64_t type = number_of_type(Py_TYPE(exporter));
  const bool had_exception = PyErr_Occurred() != nullptr;
  const PyObject* const obj_before = view->obj;
  const std::uint64_t made_before = ++made;
  ++depth;
  const int status = original_get(index)(exporter, view, word);
  --depth;
  const std::uint64_t exception = had_exception ? 0 : number_of_exception(PyErr_Occurred());
  const std::uint8_t whose = view->obj == nullptr                     ? owner::null
                             : view->obj == exporter                  ? owner::exporter
                             : view->obj == obj_before && status != 0 ? owner::untouched
                                                                      : owner::other;
  const Locked locked;
  Head* const it = begin() ? head() : nullptr;
  if (it == nullptr) return status;
  it->requests++;
  note_thread();
  const std::uint64_t answer = number_of_answer(*view, word, status, whose, exception, had_exception);
  unsigned char* to = answer == 0 ? nullptr : open_event();
  if (to == nullptr) {
    it->unrecorded++;
    return status;
  }
  to = put(to, type);
  to = put(to, place.number);
  to = put(to, answer);
  to = put_address(to, exporter, last.object);
  to = put_address(to, view, last.view);
  to = put_address(to, status == 0 ? view->buf : nullptr, last.memory);
  if (whose == owner::other && status == 0) to = put_address(to, view->obj, last.object);
  const unsigned nested = (depth > 0 ? 1U : 0U) | (made != made_before ? 2U : 0U);
  close_event(static_cast<unsigned char>(kind::request + nested), to);
  return status;
}

void recorded_release(std::size_t index, PyObject* exporter, Py_buffer* view) noexcept {
  prepare();
  const Place place = place_now();
  const std::uint64_t type = number_of_type(Py_TYPE(exporter));
  const PyObject* const set = PyErr_Occurred();
  const void* const memory = view == nullptr ? nullptr : view->buf;
  // The exporter may die when its last view goes.
  original_release(index)(exporter, view);
  const PyObject* const now = PyErr_Occurred();
  const Locked locked;
  Head* const it = begin() ? head() : nullptr;
  if (it == nullptr) return;
  it->releases++;
  note_thread();
  unsigned char* to = open_event();
  if (to == nullptr) {
    it->unrecorded++;
    return;
  }
  to = put(to, type);
  to = put(to, place.number);
  to = put_address(to, exporter, last.object);
  to = put_address(to, view, last.view);
  to = put_address(to, memory, last.memory);
  if (set == nullptr && now == nullptr) return close_event(kind::release, to);
  *to++ = static_cast<unsigned char>((set != nullptr ? 1 : 0) | (now != nullptr ? 2 : 0) | (now != set ? 4 : 0));
  close_event(kind::release_with_exception, to);
}

}  // namespace bufspec::recorder
