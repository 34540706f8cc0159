// Answers that are known: a request whose answer was judged clean is asked again and compared in place, which costs a
// fraction of judging it.  What differs is judged in full.
#include <algorithm>
#include <cstring>

#include "harness/adapters/cpython/api/guarded.hpp"
#include "subject.hpp"

namespace bufspec::cpython {

namespace {

std::uintptr_t word_of(const void* pointer) noexcept { return reinterpret_cast<std::uintptr_t>(pointer); }
std::uintptr_t word_of(Py_ssize_t number) noexcept { return static_cast<std::uintptr_t>(number); }

// Whether `array` holds what was memorised; both null, or both not, is checked by the caller.
bool same_array(const ssize* array, const ssize* memorised, int ndim) noexcept {
  if (array == nullptr) return true;
  for (int i = 0; i < ndim; ++i)
    if (array[i] != memorised[i]) return false;
  return true;
}

bool same_text(const char* text, const char* memorised) noexcept {
  if (text == nullptr) return true;
  while (*text == *memorised) {
    if (*text == 0) return true;
    ++text;
    ++memorised;
  }
  return false;
}

}  // namespace

void ExporterSubject::forget_answers() {
  memories_.clear();
  memory_count_ = 0;
}

bool ExporterSubject::memorise(const Scenario& scenario, std::size_t memory) {
  const auto& steps = scenario.steps;
  if (steps.size() != 2 || steps[0].kind != StepKind::acquire || steps[1].kind != StepKind::release) return false;
  if (memories_.size() <= memory) memories_.resize(memory + 1);
  memory_count_ = memories_.size();
  Memory& kept = memories_[memory];
  Slot& slot = slot_of(steps[0]);
  Answer answer;
  acquire(steps[0].flags, slot, answer);
  const Py_buffer& view = py_buffer(slot.held.view());
  kept.granted = answer.granted;
  kept.flags = steps[0].flags;
  kept.held = &slot.held;
  kept.exception = answer.exception_set ? object.last_refusal() : nullptr;
  kept.view = view;
  kept.counts_references = answer.references_gained.has_value();
  kept.gained = answer.references_gained.value_or(0);
  bool fits = true;
  if (answer.granted) {
    // A copy is another block each time, and judged by what it holds.
    fits = slot.is_held && answer.block != Block::other && view.ndim >= 0 &&
           static_cast<std::size_t>(view.ndim) <= memorised_dimensions &&
           (view.format == nullptr || std::strlen(view.format) < memorised_format);
    const auto n = static_cast<std::size_t>(fits ? view.ndim : 0);
    if (fits && view.shape != nullptr) std::copy_n(view.shape, n, kept.shape.begin());
    if (fits && view.strides != nullptr) std::copy_n(view.strides, n, kept.strides.begin());
    if (fits && view.suboffsets != nullptr) std::copy_n(view.suboffsets, n, kept.suboffsets.begin());
    if (fits && view.format != nullptr) std::memcpy(kept.format.data(), view.format, std::strlen(view.format) + 1);
  }
  kept.is_set = fits;
  StepRecord ignored;
  release(slot, ignored);
  return fits;
}

[[gnu::always_inline]] inline bool ExporterSubject::matches(const Memory& memory, const Py_buffer& view) noexcept {
  const Py_buffer& kept = memory.view;
  const auto differ = [](const auto a, const auto b) { return word_of(a) ^ word_of(b); };
  // One branch for all fields: most answers match.  Other addresses with the same contents are rare, and are
  // judged anew; the same address may have new contents.
  const std::uintptr_t fields = differ(view.buf, kept.buf) | differ(view.obj, kept.obj) | differ(view.len, kept.len) |
                                differ(view.itemsize, kept.itemsize) | differ(view.readonly, kept.readonly) |
                                differ(view.ndim, kept.ndim) | differ(view.format, kept.format) |
                                differ(view.shape, kept.shape) | differ(view.strides, kept.strides) |
                                differ(view.suboffsets, kept.suboffsets);
  return fields == 0 && same_text(view.format, memory.format.data()) &&
         same_array(view.shape, memory.shape.data(), view.ndim) &&
         same_array(view.strides, memory.strides.data(), view.ndim) &&
         same_array(view.suboffsets, memory.suboffsets.data(), view.ndim);
}

[[gnu::always_inline]] inline bool ExporterSubject::ask_again(const Memory& kept, PyObject* asked,
                                                              Missed& missed) noexcept {
  engine::PoisonedView& held = *kept.held;
  held.poison_struct();  // canaries that are not intact end the fast way, so here they are
  Py_buffer& view = py_buffer(held.view());
  const auto before = Py_REFCNT(asked);
  if (PyObject_GetBuffer(asked, &view, kept.flags) != 0) {
    const bool exact = !kept.granted && PyErr_Occurred() == kept.exception && view.obj == kept.view.obj;
    PyErr_Clear();
    if (take_failed_request()) return false;  // the caller asks again
    return exact && held.canaries_intact() && Py_REFCNT(asked) == before;
  }
  if (!kept.granted || !matches(kept, view) || (kept.counts_references && Py_REFCNT(asked) != before + kept.gained)) {
    missed = {true, static_cast<long>(Py_REFCNT(asked) - before)};
    return false;
  }
  PyBuffer_Release(&view);
  // One look at the error indicator serves both calls: where one is set the caller asks again and finds which.
  return view.obj == nullptr && held.canaries_intact() && Py_REFCNT(asked) == before && PyErr_Occurred() == nullptr;
}

engine::Repeat ExporterSubject::repeat(const Scenario& scenario, std::size_t memory, Trace& trace) {
  if (memory >= memory_count_ || !memories_[memory].is_set) return engine::Repeat::unsupported;
  Missed missed;
  if (ask_again(memories_[memory], object.object(), missed)) return engine::Repeat::accepted;
  // What holds nothing is asked again by the caller, in full.
  return missed.is_held ? differs(scenario, memories_[memory], missed, trace) : engine::Repeat::unsupported;
}

engine::Repeated ExporterSubject::repeat_run(std::span<const engine::Known> known, engine::Breadcrumb& place,
                                             Trace& trace) {
  engine::Repeated done;
  PyObject* asked = object.object();
  Missed missed;
  for (const engine::Known& one : known) {
    place.leave(one.memory, 0);
    if (one.memory >= memory_count_ || !memories_[one.memory].is_set) {
      done.next = engine::Repeat::unsupported;
      return done;
    }
    const Memory& kept = memories_[one.memory];
    if (!ask_again(kept, asked, missed)) {
      done.next = missed.is_held ? differs(*one.scenario, kept, missed, trace) : engine::Repeat::unsupported;
      return done;
    }
    ++*one.counter;
    ++done.accepted;
  }
  return done;
}

engine::Repeat ExporterSubject::differs(const Scenario& scenario, const Memory& kept, const Missed& missed,
                                        Trace& trace) {
  Slot& slot = slot_of(scenario.steps[0]);
  trace = Trace{};
  if (!begin(scenario, trace)) return engine::Repeat::unsupported;
  Answer& answer = trace.steps.emplace_back().answer.emplace();
  answer.granted = true;
  Raised raised = take_exception();
  answer.exception_set = raised.is_set;
  answer.exception_name = std::move(raised.name);
  answer.canaries_intact = slot.held.canaries_intact();
  engine::copy_view(slot.held.view(), owner_of(slot.held.view().obj), richest_buf(), true, answer.view);
  if (kept.counts_references && answer.view.obj == Owner::exporter) answer.references_gained = missed.gained;
  slot.is_held = can_be_released(answer.view.obj);
  slot.owner_is_asked = false;
  release(slot, trace.steps.emplace_back());
  return engine::Repeat::differs;
}

}  // namespace bufspec::cpython
