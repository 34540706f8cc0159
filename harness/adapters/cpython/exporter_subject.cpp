#include "exporter_subject.hpp"

#include <algorithm>
#include <cstring>

#include "bufspec/judge.hpp"

namespace bufspec::cpython {

namespace {

// What is asked before the steps, richest first: the first granted word's answer stands for the memory.
constexpr std::array survey_words{
    flag::FULL_RO,
    flag::INDIRECT,
    flag::RECORDS_RO,
    flag::STRIDED_RO,
    flag::C_CONTIGUOUS | flag::FORMAT,
    flag::F_CONTIGUOUS | flag::FORMAT,
    flag::C_CONTIGUOUS,
    flag::F_CONTIGUOUS,
    flag::ND | flag::FORMAT,
    flag::CONTIG_RO,
    flag::SIMPLE,
    flag::FULL,
    flag::INDIRECT | flag::WRITABLE,
    flag::RECORDS,
    flag::STRIDED,
    flag::C_CONTIGUOUS | flag::FORMAT | flag::WRITABLE,
    flag::F_CONTIGUOUS | flag::FORMAT | flag::WRITABLE,
    flag::CONTIG | flag::FORMAT,
    flag::CONTIG,
    flag::WRITABLE,
};

constexpr ssize largest_compared_memory = 65536;

bool is_granted(int result) noexcept { return result == 0; }

std::uint32_t runtime_version() noexcept { return static_cast<std::uint32_t>(Py_Version); }

// The elements of `view` in C order, or false if it has none to give or is too large.  No exception is left.
bool elements_of(const Py_buffer& view, std::string& elements) {
  if (view.len < 0 || view.len > largest_compared_memory) return false;
  if (view.ndim > 1 && view.shape == nullptr) return false;
  elements.resize(static_cast<std::size_t>(view.len));
  Py_buffer copy = view;  // the function takes it as not const; nothing is written to it
  if (PyBuffer_ToContiguous(elements.data(), &copy, view.len, 'C') == 0) return true;
  PyErr_Clear();
  return false;
}

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

ExporterSubject::~ExporterSubject() { end(); }

unsigned ExporterSubject::observes() const noexcept {
  return observation::structure | observation::canaries | observation::references | observation::exception |
         observation::memory | observation::result | observation::content;
}

bool ExporterSubject::make_object() {
  object_.reset();
  richest_.reset();
  memories_.clear();
  memory_count_ = 0;
  PyErr_Clear();
  object_.reset(PyObject_CallNoArgs(factory_.get()));
  factory_failed_ = !object_;
  if (factory_failed_) return false;
  survey();
  return true;
}

void ExporterSubject::survey() {
  richest_buf_ = nullptr;
  has_richest_elements_ = false;
  references_at_begin_ = references_of(object_.get());
  Slot& slot = slots_[0];
  for (const int word : survey_words) {
    Answer answer;
    acquire(word, slot, answer);
    if (!answer.granted) continue;
    richest_word_ = word;
    richest_buf_ = slot.held.struct_().buf;
    Layout layout;
    has_richest_elements_ = layout_from_answer(answer, layout) && answer.view.buf == Pointer::readable &&
                            elements_of(slot.held.struct_(), richest_elements_);
    richest_ = std::move(answer);
    StepRecord ignored;
    release(slot, ignored);
    return;
  }
}

bool ExporterSubject::begin(const Scenario& scenario, Trace& trace) {
  // The object is ready-made: a scenario that declares a memory, or is for another kind of subject, is not for it.
  if (scenario.target != Target::exporter || scenario.layout) return false;
  if (!object_ && !make_object()) return false;
  trace.observes = observes();
  trace.runtime = runtime_version();
  trace.richest = richest_;
  trace.richest_word = richest_word_;
  references_at_begin_ = references_of(object_.get());
  views_of_asked_ = 0;
  return true;
}

void ExporterSubject::acquire(int flags, Slot& slot, Answer& answer) {
  PyErr_Clear();
  PyObject* asked = object_.get();
  const auto before = references_of(asked);
  slot.held.poison();
  Py_buffer& view = slot.held.struct_();
  const int result = PyObject_GetBuffer(asked, &view, flags);
  answer.granted = is_granted(result);
  answer.status = result;
  answer.exception_set = PyErr_Occurred() != nullptr;
  slot.exception = PyErr_Occurred();
  if (answer.exception_set) {
    Raised raised = take_exception();
    answer.error = raised.error;
    answer.exception_name = std::move(raised.name);
  }
  answer.canaries_intact = slot.held.canaries_intact();
  copy_view(view, asked, richest_buf_, answer.granted, answer.view);
  const auto after = references_of(asked);
  // Only the object that was asked was counted before; a redirected owner is not known until it answers.
  const bool counts = before && after && (!answer.granted || answer.view.obj == Owner::exporter);
  if (counts) answer.references_gained = *after - *before;

  slot.was_granted = answer.granted;
  // A view without a true owner cannot be released: PyBuffer_Release would follow the pointer.
  slot.is_held = answer.granted && answer.view.obj != Owner::untouched && answer.view.obj != Owner::garbage;
  slot.owner_is_asked = slot.is_held && answer.view.obj == Owner::exporter;
  if (slot.owner_is_asked) ++views_of_asked_;
  if (slot.is_held && richest_buf_ != nullptr && view.buf != richest_buf_ && answer.view.buf == Pointer::readable)
    answer.elements = compare_elements(view);
}

SameElements ExporterSubject::compare_elements(const Py_buffer& view) const {
  std::string elements;
  if (!has_richest_elements_ || !elements_of(view, elements)) return SameElements::not_compared;
  return elements == richest_elements_ ? SameElements::same : SameElements::different;
}

void ExporterSubject::release(Slot& slot, StepRecord& record) {
  if (!slot.is_held) return;
  PyErr_Clear();
  Py_buffer& view = slot.held.struct_();
  PyBuffer_Release(&view);
  slot.is_held = false;
  Released released;
  released.exception_set = PyErr_Occurred() != nullptr;
  PyErr_Clear();
  released.canaries_intact = slot.held.canaries_intact();
  released.obj = view.obj == nullptr ? Owner::null : view.obj == object_.get() ? Owner::exporter : Owner::other;
  if (slot.owner_is_asked) {
    --views_of_asked_;
    const auto after = references_of(object_.get());
    if (after && references_at_begin_) released.references_kept = *after - *references_at_begin_ - views_of_asked_;
  }
  record.released = released;
}

void ExporterSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  const Step& what = scenario.steps[step];
  StepRecord& record = trace.steps.emplace_back();
  Slot& slot = slots_[what.slot % max_slots];
  switch (what.kind) {
    case StepKind::acquire: {
      StepRecord ignored;
      release(slot, ignored);  // a scenario that acquires into a held slot gives the first view back
      acquire(what.flags, slot, record.answer.emplace());
      return;
    }
    case StepKind::release:
      release(slot, record);
      return;
    default:
      return;  // not for exporters: nothing is recorded, so nothing is judged
  }
}

void ExporterSubject::end() {
  for (Slot& slot : slots_) {
    StepRecord ignored;
    release(slot, ignored);
  }
}

bool ExporterSubject::memorise(const Scenario& scenario, std::size_t memory) {
  const auto& steps = scenario.steps;
  if (steps.size() != 2 || steps[0].kind != StepKind::acquire || steps[1].kind != StepKind::release) return false;
  if (memories_.size() <= memory) memories_.resize(memory + 1);
  memory_count_ = memories_.size();
  Memory& kept = memories_[memory];
  Slot& slot = slots_[steps[0].slot % max_slots];
  Answer answer;
  acquire(steps[0].flags, slot, answer);
  const Py_buffer& view = slot.held.struct_();
  kept.granted = answer.granted;
  kept.flags = steps[0].flags;
  kept.held = &slot.held;
  kept.exception = slot.exception;
  kept.view = view;
  kept.counts_references = answer.references_gained.has_value();
  bool fits = true;
  if (answer.granted) {
    fits = slot.is_held && view.ndim >= 0 && static_cast<std::size_t>(view.ndim) <= memorised_dimensions &&
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
  HeldView& held = *kept.held;
  held.poison_struct();  // canaries that are not intact end the fast way, so here they are
  Py_buffer& view = held.struct_();
  const auto before = Py_REFCNT(asked);
  if (PyObject_GetBuffer(asked, &view, kept.flags) != 0) {
    const bool exact = !kept.granted && PyErr_Occurred() == kept.exception && view.obj == kept.view.obj;
    PyErr_Clear();
    return exact && held.canaries_intact() && Py_REFCNT(asked) == before;
  }
  if (!kept.granted || !matches(kept, view) || (kept.counts_references && Py_REFCNT(asked) != before + 1)) {
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
  if (ask_again(memories_[memory], object_.get(), missed)) return engine::Repeat::accepted;
  // What holds nothing is asked again by the caller, in full.
  return missed.is_held ? differs(scenario, memories_[memory], missed, trace) : engine::Repeat::unsupported;
}

engine::Repeated ExporterSubject::repeat_run(std::span<const engine::Known> known, engine::Breadcrumb& place,
                                             Trace& trace) {
  engine::Repeated done;
  PyObject* asked = object_.get();
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
  Slot& slot = slots_[scenario.steps[0].slot % max_slots];
  trace = Trace{};
  if (!begin(scenario, trace)) return engine::Repeat::unsupported;
  Answer& answer = trace.steps.emplace_back().answer.emplace();
  answer.granted = true;
  answer.exception_set = PyErr_Occurred() != nullptr;
  answer.exception_name = take_exception().name;
  answer.canaries_intact = slot.held.canaries_intact();
  copy_view(slot.held.struct_(), object_.get(), richest_buf_, true, answer.view);
  if (kept.counts_references && answer.view.obj == Owner::exporter) answer.references_gained = missed.gained;
  slot.is_held = answer.view.obj != Owner::untouched && answer.view.obj != Owner::garbage;
  slot.owner_is_asked = false;
  release(slot, trace.steps.emplace_back());
  return engine::Repeat::differs;
}

}  // namespace bufspec::cpython
