#include "subject.hpp"

#include "bufspec/functions.hpp"

namespace bufspec::engine {

bool ReferenceExporterSubject::begin(const Scenario& scenario, Trace& trace) {
  // The richest answer of one edition says nothing of another.
  if (answered_by_ && *answered_by_ != scenario.edition) forget_object();
  answered_by_ = scenario.edition;
  reference.answer_by(scenario.edition);
  return ExporterDriver::begin(scenario, trace);
}

unsigned ReferenceFunctionSubject::observes() const noexcept { return observation::result; }

bool ReferenceFunctionSubject::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::function || !scenario.layout || !well_formed(*scenario.layout).ok()) return false;
  trace.observes = observes();
  trace.runtime = latest_runtime;
  return true;
}

void ReferenceFunctionSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  StepRecord& record = trace.steps.emplace_back();
  if (scenario.steps[step].kind != StepKind::call || !scenario.layout) return;
  Layout layout = *scenario.layout;  // the arrays of a struct are not const
  Buffer view{};
  view.itemsize = layout.itemsize;
  view.ndim = layout.ndim;
  const std::span<const ssize> shape{layout.shape.data(), static_cast<std::size_t>(layout.ndim)};
  view.len = byte_length(element_count(shape).value, layout.itemsize).value;
  if (layout.ndim > 0) {
    view.shape = layout.shape.data();
    view.strides = layout.has_strides ? layout.strides.data() : nullptr;
    view.suboffsets = layout.has_suboffsets ? layout.suboffsets.data() : nullptr;
  }
  Called& called = record.called.emplace();
  switch (scenario.function) {
    case Function::is_contiguous:
      called.result = is_contiguous(view, scenario.order) ? 1 : 0;
      break;
  }
}

}  // namespace bufspec::engine
