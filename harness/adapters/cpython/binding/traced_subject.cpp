#include "traced_subject.hpp"

#include <utility>

#include "json_value.hpp"
#include "suites/engine/json/encoding.hpp"

namespace bufspec::cpython {

bool TracedSubject::begin(const Scenario& scenario, Trace& trace) {
  const std::string tried = json::text_of(scenario);
  const Ref answer(PyObject_CallFunction(give_.get(), "s#", tried.data(), static_cast<Py_ssize_t>(tried.size())));
  is_lost_ = !answer || (answer.get() != Py_None && !read_json(answer.get(), given_));
  if (is_lost_ || answer.get() == Py_None) return false;
  observes_ = given_.observes;
  // The steps come one at a time, as those of a subject that is here.
  std::vector<StepRecord> room = std::move(trace.steps);
  std::vector<StepRecord> steps = std::exchange(given_.steps, {});
  trace = std::move(given_);
  trace.steps = std::move(room);
  given_.steps = std::move(steps);
  const bool is_large = !scenario.layout && trace.richest && trace.richest->view.len > large_memory;
  return !(scenario.is_for_small_memory && is_large);
}

void TracedSubject::perform(const Scenario&, std::size_t step, Trace& trace) {
  if (step < given_.steps.size()) trace.steps.push_back(std::move(given_.steps[step]));
}

}  // namespace bufspec::cpython
