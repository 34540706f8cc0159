#include "events.hpp"

#include "definitions.hpp"
#include "frames.hpp"
#include "record_file.hpp"
#include "thunks.hpp"

namespace bufspec::recorder {

namespace {

// How deep this thread is in requests, and how many requests it has made: whether one made others is seen by that.
struct Thread {
  std::uint64_t number = 0;
  std::uint64_t made = 0;
  std::uint64_t depth = 0;
};
[[gnu::tls_model("initial-exec")]] thread_local Thread this_thread;

// Addresses are written as differences: a loop asks the same object again and again.
struct Last {
  std::uint64_t thread = 0;
  std::int64_t object = 0, view = 0, memory = 0;
};
Last last;
std::uint64_t threads = 0;
std::uint64_t files = 0;  // a number is defined in the file that was written to when it was asked for
bool has_stacks = false;

// Only the main interpreter is recorded: others may have a lock of their own.
PyInterpreterState* recorded_interpreter = nullptr;

unsigned char* put_address(unsigned char* to, const void* address, std::int64_t& before) noexcept {
  const auto now = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(address));
  to = put_signed(to, static_cast<std::int64_t>(static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(before)));
  before = now;
  return to;
}

void note_thread() noexcept {
  Thread& it = this_thread;
  if (it.number == 0) it.number = ++threads;
  if (last.thread == it.number) return;
  unsigned char* const to = open_event();
  if (to == nullptr) return;
  close_event(kind::thread, put(to, it.number));
  last.thread = it.number;
}

Place place_now() noexcept { return has_stacks ? whole_stack() : innermost_place(); }

bool is_recorded() noexcept { return PyInterpreterState_Get() == recorded_interpreter && head() != nullptr; }

}  // namespace

void forget_answers() noexcept;
void forget_places() noexcept;
void forget_types() noexcept;

void begin_events(bool stacks) noexcept {
  has_stacks = stacks;
  find_frames();
  recorded_interpreter = PyInterpreterState_Get();
}

void forget_definitions() noexcept {
  last = Last{};
  ++files;
  forget_answers();
  forget_places();
  forget_types();
}

int recorded_get(std::size_t index, PyObject* exporter, Py_buffer* view, int word) noexcept {
  // Without a struct there is nothing to record: PyObject_GetBuffer(o, NULL, ...) was once a question of its own.
  if (view == nullptr || !is_recorded()) return original_get(index)(exporter, view, word);
  const Place place = place_now();
  const std::uint64_t type = number_of_type(Py_TYPE(exporter));
  const bool had_exception = PyErr_Occurred() != nullptr;
  const PyObject* const obj_before = view->obj;
  Thread& thread = this_thread;
  const std::uint64_t file_before = files;
  const std::uint64_t made_before = ++thread.made;
  ++thread.depth;
  const int status = original_get(index)(exporter, view, word);
  --thread.depth;
  PyObject* const raised = PyErr_Occurred();
  const std::uint64_t exception = had_exception || raised == nullptr ? 0 : number_of_exception(raised);
  const std::uint8_t whose = view->obj == nullptr                     ? owner::null
                             : view->obj == exporter                  ? owner::exporter
                             : view->obj == obj_before && status != 0 ? owner::untouched
                                                                      : owner::other;
  Head* const it = head();
  if (it == nullptr) return status;
  if (files != file_before) return it->unrecorded++, status;
  it->requests++;
  note_thread();
  const std::uint64_t answer =
      number_of_answer(*view, {.word = word,
                               .status = status,
                               .readonly = 0,
                               .ndim = 0,
                               .len = 0,
                               .itemsize = 0,
                               .exception = static_cast<std::uint16_t>(exception),
                               .format_size = 0,
                               .set = had_exception ? answer_bit::exception_before : std::uint8_t{0},
                               .owner = whose,
                               .read = 0,
                               .unused = 0});
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
  const unsigned nested = (thread.depth > 0 ? 1U : 0U) | (thread.made != made_before ? 2U : 0U);
  close_event(static_cast<unsigned char>(kind::request + nested), to);
  return status;
}

void recorded_release(std::size_t index, PyObject* exporter, Py_buffer* view) noexcept {
  if (!is_recorded()) return original_release(index)(exporter, view);
  const Place place = place_now();
  const std::uint64_t type = number_of_type(Py_TYPE(exporter));
  const PyObject* const set = PyErr_Occurred();
  const void* const memory = view == nullptr ? nullptr : view->buf;
  const std::uint64_t file_before = files;
  // The exporter may die when its last view goes.
  original_release(index)(exporter, view);
  const PyObject* const now = PyErr_Occurred();
  Head* const it = head();
  if (it == nullptr) return;
  if (files != file_before) {
    it->unrecorded++;
    return;
  }
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
