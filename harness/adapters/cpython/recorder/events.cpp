#include "events.hpp"

#include "definitions.hpp"
#include "frames.hpp"
#include "record_file.hpp"
#include "repeats.hpp"
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

// Where whole stacks are recorded the innermost frame does not stand for the place.
FrameKey place_key(const RunningThread& running) noexcept { return has_stacks ? FrameKey{} : running.innermost(); }

bool is_recorded(const RunningThread& running) noexcept {
  return running.is_of(recorded_interpreter) && head() != nullptr;
}

// Whether another event with the same addresses is of the same type and made at the same place.
bool is_lasting(const Call& call) noexcept { return is_watched_code(call.place.code) && is_watched_type(call.type); }

unsigned char* put_slot(unsigned char* to, SlotNumber slot, unsigned char kind) noexcept {
  to = put(to, std::uint64_t{slot});
  *to++ = kind;
  return to;
}

// Closes an event that put_slot() began, or one that is in no slot.
void close_kept(SlotNumber slot, unsigned char kind, unsigned char* to) noexcept {
  close_event(slot == no_slot ? kind : kind::kept, to);
}

}  // namespace

void forget_answers() noexcept;
void forget_places() noexcept;
void forget_types() noexcept;

void begin_events(bool stacks) noexcept {
  has_stacks = stacks;
  find_offsets();
  recorded_interpreter = PyInterpreterState_Get();
}

void forget_definitions() noexcept {
  last = Last{};
  ++files;
  forget_answers();
  forget_places();
  forget_types();
  forget_repeats();
}

int recorded_get(std::size_t index, PyObject* exporter, Py_buffer* view, int word) noexcept {
  // Without a struct there is nothing to record: PyObject_GetBuffer(o, NULL, ...) was once a question of its own.
  const RunningThread running;
  if (view == nullptr || !is_recorded(running)) return original_get(index)(exporter, view, word);
  const Call call{place_key(running), Py_TYPE(exporter), exporter, view, function_of_request(index, word)};
  const bool had_exception = running.has_exception();
  const PyObject* const obj_before = view->obj;
  Thread& thread = this_thread;
  const std::uint64_t file_before = files;
  const std::uint64_t made_before = ++thread.made;
  ++thread.depth;
  const int status = original_get(index)(exporter, view, word);
  --thread.depth;
  const bool has_exception = running.has_exception();
  Head* const it = head();
  if (it == nullptr) return status;
  if (files != file_before) return it->unrecorded++, status;
  it->requests++;
  note_thread();
  const unsigned nested = (thread.depth > 0 ? 1U : 0U) | (thread.made != made_before ? 2U : 0U);
  const bool is_plain = call.place.code != nullptr && status == 0 && nested == 0 && !had_exception && !has_exception;
  if (is_plain) {
    const SlotNumber slot = slot_with(call, *view);
    if (slot != no_slot) {
      if (!write_again(slot)) it->unrecorded++;
      return status;
    }
  }
  const Place place = place_now();
  const std::uint64_t type = number_of_type(Py_TYPE(exporter));
  const std::uint64_t exception = had_exception || !has_exception ? 0 : number_of_exception(PyErr_Occurred());
  const std::uint8_t whose = view->obj == nullptr                     ? owner::null
                             : view->obj == exporter                  ? owner::exporter
                             : view->obj == obj_before && status != 0 ? owner::untouched
                                                                      : owner::other;
  const AnswerNumber answer =
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
  unsigned char* to = answer.value == 0 ? nullptr : open_event();
  if (to == nullptr) {
    it->unrecorded++;
    return status;
  }
  const auto kind = static_cast<unsigned char>(kind::request + nested);
  const bool is_kept = is_plain && was_seen(call) && is_lasting(call) && call.type == Py_TYPE(exporter);
  const SlotNumber slot = is_kept ? keep_request(call, *view, answer.read) : no_slot;
  if (slot != no_slot) to = put_slot(to, slot, kind);
  to = put(to, type);
  to = put(to, place.number);
  to = put(to, answer.value);
  to = put_address(to, exporter, last.object);
  to = put_address(to, view, last.view);
  to = put_address(to, status == 0 ? view->buf : nullptr, last.memory);
  if (whose == owner::other && status == 0) to = put_address(to, view->obj, last.object);
  close_kept(slot, kind, to);
  return status;
}

void recorded_release(std::size_t index, PyObject* exporter, Py_buffer* view) noexcept {
  const RunningThread running;
  if (!is_recorded(running)) return original_release(index)(exporter, view);
  const Call call{place_key(running), Py_TYPE(exporter), exporter, view, function_of_release(index)};
  const void* const memory = view == nullptr ? nullptr : view->buf;
  KeptRelease known = call.place.code == nullptr ? KeptRelease{} : release_with(call, memory);
  if (known.slot == no_slot) {
    // Now, for the exporter and its type may die when its last view goes.
    known.place = place_now().number;
    known.type = number_of_type(Py_TYPE(exporter));
  }
  const PyObject* const set = running.has_exception() ? PyErr_Occurred() : nullptr;
  const std::uint64_t file_before = files;
  original_release(index)(exporter, view);
  const PyObject* const now = running.has_exception() ? PyErr_Occurred() : nullptr;
  Head* const it = head();
  if (it == nullptr) return;
  if (files != file_before) {
    it->unrecorded++;
    return;
  }
  it->releases++;
  note_thread();
  const bool is_plain = set == nullptr && now == nullptr;
  if (is_plain && is_kept_still(known)) {
    if (!write_again(known.slot)) it->unrecorded++;
    return;
  }
  unsigned char* to = open_event();
  if (to == nullptr) {
    it->unrecorded++;
    return;
  }
  const bool is_kept =
      is_plain && call.place.code != nullptr && known.slot == no_slot && was_seen(call) && is_lasting(call);
  const SlotNumber slot = is_kept ? keep_release(call, memory, known.type, known.place) : no_slot;
  if (slot != no_slot) to = put_slot(to, slot, kind::release);
  to = put(to, known.type);
  to = put(to, known.place);
  to = put_address(to, exporter, last.object);
  to = put_address(to, view, last.view);
  to = put_address(to, memory, last.memory);
  if (is_plain) return close_kept(slot, kind::release, to);
  *to++ = static_cast<unsigned char>((set != nullptr ? 1 : 0) | (now != nullptr ? 2 : 0) | (now != set ? 4 : 0));
  close_kept(no_slot, kind::release_with_exception, to);
}

}  // namespace bufspec::recorder
