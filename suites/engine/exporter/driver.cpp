#include "driver.hpp"

#include <algorithm>
#include <utility>

#include "suites/engine/observe/process_bytes.hpp"

namespace bufspec::engine {

namespace {

bool looks_again(const Step& step) noexcept { return step.kind == StepKind::read || step.kind == StepKind::write; }

// Whether something happens to the object before a view is read.  What we write ourselves is looked at where it was written.
bool looks_after_an_event(const std::vector<Step>& steps) noexcept {
  const auto is_event = [](const Step& step) {
    switch (step.kind) {
      case StepKind::acquire:
      case StepKind::acquire_direct:
      case StepKind::read:
      case StepKind::write:
        return false;
      default:
        return true;
    }
  };
  const auto is_read = [](const Step& step) { return step.kind == StepKind::read; };
  return std::any_of(std::find_if(steps.begin(), steps.end(), is_event), steps.end(), is_read);
}

// Whether the steps after the first are of an object that nobody has asked.
bool is_of_another(const std::vector<Step>& steps) noexcept {
  return steps.size() > 1 && steps.front().kind == StepKind::drop;
}

// The reserved words through the slot leave a stuck export count behind in CPython 3.13's own types.
bool may_lock_for_ever(const Step& step) noexcept {
  return step.kind == StepKind::acquire_direct && (step.flags == flag::READ || step.flags == flag::WRITE);
}

}  // namespace

ExporterDriver::ExporterDriver(Exported& exported, Survey survey)
    : exported_(exported),
      survey_(survey),
      observed_(exported.observes() | (can_measure_process() ? observation::process : 0U)) {
  pin_mapping_size();
}

ExporterDriver::~ExporterDriver() { ExporterDriver::end(); }

void ExporterDriver::tell_richest(Trace& trace) const {
  trace.richest = richest_;
  trace.richest_word = richest_word_;
}

unsigned ExporterDriver::observes() const noexcept { return observed_; }

bool ExporterDriver::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::exporter) return false;
  const auto& steps = scenario.steps;
  // A built object is looked at only while nothing else happens to it.
  is_watching_ = !scenario.layout && std::any_of(steps.begin(), steps.end(), looks_again);
  looks_at_whole_ = begins_anew_ = false;
  if (scenario.layout) {
    const bool is_there = has_object_ && !is_spoilt_ && built_layout_ && *built_layout_ == *scenario.layout;
    if (!is_there && !put_object(&*scenario.layout)) return false;
    faults_.renew();
    if (survey_ == Survey::ready_made)
      richest_buf_ = nullptr;  // that of the first answer of the scenario takes its place, and its elements
    else
      survey();
  } else {
    if (!has_object()) return false;
    faults_.renew();
    watch_frees();
    survey();
    looks_at_whole_ = is_watching_ && looks_after_an_event(steps) && !is_volatile();
    begins_anew_ = is_of_another(steps);
    const auto has_one = [](const Step& step) { return has_operation(step.kind); };
    if ((begins_anew_ || std::any_of(steps.begin(), steps.end(), has_one)) && !makes_fresh_objects()) return false;
  }
  tell_richest(trace);
  trace.declared_readonly = exported_.is_declared_readonly();
  if (scenario.is_for_small_memory && !scenario.layout && richest_ && richest_->view.len > large_memory) return false;
  is_spoilt_ = std::any_of(steps.begin(), steps.end(), may_lock_for_ever);
  trace.observes = observes();
  trace.runtime = exported_.runtime();
  references_at_begin_ = exported_.references();
  held_references_ = 0;
  is_changed_ = has_made_another_ = false;
  changes_ = 0;
  says_ = Says::nothing;
  return true;
}

void ExporterDriver::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  perform_step(scenario, step, trace);
  if (begins_anew_ && trace.steps.back().answer) look_beside_the_first(slot_of(scenario.steps[step]), trace);
}

void ExporterDriver::perform_step(const Scenario& scenario, std::size_t step, Trace& trace) {
  const Step& what = scenario.steps[step];
  StepRecord& record = trace.steps.emplace_back();
  Slot& slot = slot_of(what);
  ++events_;
  switch (what.kind) {
    case StepKind::acquire:
    case StepKind::acquire_direct: {
      if (slot.is_held) {  // a scenario that acquires into a held slot releases the first view
        StepRecord ignored;
        release(slot, ignored);
      }
      if (!has_object_) return;
      if (what.kind == StepKind::acquire_direct) return acquire_direct(what.flags, slot, record);
      return acquire(what.flags, slot, record.answer.emplace());
    }
    case StepKind::release:
      return release(slot, record);
    case StepKind::release_raising:
      return release(slot, record, true);
    case StepKind::release_copy:
      return release_copy(slot, record);
    case StepKind::read:
      return read(slot, record);
    case StepKind::write:
      return write(slot, record);
    case StepKind::mutate:
      return mutate(static_cast<std::size_t>(what.flags), record);
    case StepKind::collect:
      return exported_.collect();
    case StepKind::drop:
      return step == 0 && begins_anew_ ? begin_anew(trace) : drop();
    case StepKind::another:
      return use_another(static_cast<std::size_t>(what.flags));
    case StepKind::reenter:
      return re_enter(what.flags, record);
    case StepKind::repeat:
      return repeat_request(what, record);
    case StepKind::threads:
      return ask_in_threads(what, step, record);
    case StepKind::hold:
      return hold(what);
    case StepKind::call:
      return check(scenario, record);
    case StepKind::consume:
      return;  // not for exporters: nothing is recorded, so nothing is judged
  }
}

void ExporterDriver::check(const Scenario& scenario, StepRecord& record) {
  Called called;
  if (scenario.check && exported_.check(*scenario.check, called)) record.called = std::move(called);
}

void ExporterDriver::end() {
  for (Slot& slot : slots_) {
    if (!slot.is_held) continue;
    StepRecord ignored;
    release(slot, ignored);
  }
  let_go_of_more();
}

}  // namespace bufspec::engine
