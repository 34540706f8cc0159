// A subject that is somewhere else: a callable of Python gives the whole trace of each scenario, as JSON.  It is judged as any
// other; what its peer is and how it is reached is the callable's affair.
#pragma once

#include <optional>

#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::cpython {

class TracedSubject final : public engine::Subject {
 public:
  // `give(scenario text)` returns the text of a trace, or None for a scenario that cannot be tried; what it raises
  // ends the run.
  explicit TracedSubject(PyObject* give) : give_(Ref::borrowed(give)) {}

  [[nodiscard]] unsigned observes() const noexcept override { return observes_; }
  [[nodiscard]] bool is_lost() const noexcept override { return is_lost_; }
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override {}

 private:
  Ref give_;
  unsigned observes_ = 0;
  bool is_lost_ = false;  // an exception is set
  Trace given_;
};

}  // namespace bufspec::cpython
