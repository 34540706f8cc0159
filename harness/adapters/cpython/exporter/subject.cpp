#include "subject.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "suites/engine/observe/process_bytes.hpp"

namespace bufspec::cpython {

namespace {

bool changes_the_object(const Step& step) noexcept { return step.kind == StepKind::mutate; }

// The reserved words through the slot leave a stuck export count behind in CPython 3.13's own types.
bool may_lock_for_ever(const Step& step) noexcept {
  return step.kind == StepKind::acquire_direct && (step.flags == flag::READ || step.flags == flag::WRITE);
}

}  // namespace

ExporterSubject::ExporterSubject(ExporterDeclaration declared)
    : declared_(std::move(declared)), built_(declared_.build.get()) {}

ExporterSubject::~ExporterSubject() { end(); }

unsigned ExporterSubject::observes() const noexcept {
  return observation::structure | observation::canaries | observation::references | observation::exception |
         observation::memory | observation::result | observation::mutation |
         (engine::can_measure_process() ? observation::process : 0U) |
         (declared_.is_volatile ? 0U : observation::content);
}

bool ExporterSubject::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::exporter) return false;
  if (scenario.layout) {
    const bool is_there = object_ && !is_spoilt_ && built_layout_ && *built_layout_ == *scenario.layout;
    if (!built_.can_build() || (!is_there && !build_object(*scenario.layout))) return false;
    faults_.renew();
    richest_buf_ = nullptr;  // that of the first answer of the scenario takes its place
  } else {
    if (!has_object()) return false;
    faults_.renew();
    survey();
    if (std::any_of(scenario.steps.begin(), scenario.steps.end(), changes_the_object) && !makes_fresh_objects())
      return false;
    trace.richest = richest_;
    trace.richest_word = richest_word_;
  }
  is_spoilt_ = std::any_of(scenario.steps.begin(), scenario.steps.end(), may_lock_for_ever);
  trace.observes = observes();
  trace.runtime = static_cast<std::uint32_t>(Py_Version);
  references_at_begin_ = references_of(asked_);
  held_references_ = 0;
  is_changed_ = false;
  return true;
}

void ExporterSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  const Step& what = scenario.steps[step];
  StepRecord& record = trace.steps.emplace_back();
  Slot& slot = slots_[what.slot % max_slots];
  ++events_;
  switch (what.kind) {
    case StepKind::acquire:
    case StepKind::acquire_direct: {
      if (slot.is_held) {  // a scenario that acquires into a held slot gives the first view back
        StepRecord ignored;
        release(slot, ignored);
      }
      // What an object answers that an operation has changed cannot be held against what it answered before.
      if (!object_ || is_changed_) return;
      if (what.kind == StepKind::acquire_direct) return acquire_direct(what.flags, slot, record);
      return acquire(what.flags, slot, record.answer.emplace());
    }
    case StepKind::release:
      return release(slot, record);
    case StepKind::release_copy:
      return release_copy(slot, record);
    case StepKind::read:
      return read(slot, record);
    case StepKind::write:
      return write(slot, record);
    case StepKind::mutate:
      return mutate(static_cast<std::size_t>(what.flags), record);
    case StepKind::collect:
      PyGC_Collect();
      PyErr_Clear();
      return;
    case StepKind::drop:
      return drop();
    case StepKind::reenter:
      return reenter(what.flags, record);
    case StepKind::repeat:
      return repeat_request(what, record);
    case StepKind::threads:
      return ask_in_threads(what, step, record);
    case StepKind::consume:
    case StepKind::call:
      return;  // not for exporters: nothing is recorded, so nothing is judged
  }
}

void ExporterSubject::end() {
  for (Slot& slot : slots_) {
    if (!slot.is_held) continue;
    StepRecord ignored;
    release(slot, ignored);
  }
}

}  // namespace bufspec::cpython
