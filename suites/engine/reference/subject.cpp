#include "subject.hpp"

namespace bufspec::engine {

bool ReferenceExporterSubject::begin(const Scenario& scenario, Trace& trace) {
  // The richest answer of one edition says nothing of another.
  if (answered_by_ && *answered_by_ != scenario.edition) forget_object();
  answered_by_ = scenario.edition;
  reference.answer_by(scenario.edition);
  return ExporterDriver::begin(scenario, trace);
}

}  // namespace bufspec::engine
