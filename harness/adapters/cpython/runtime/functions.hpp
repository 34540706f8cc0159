// Functions of the runtime, which are called.
#pragma once

#include <memory>

#include "bufspec/exporter.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::cpython {

// PyBuffer_IsContiguous of the running interpreter; it makes no checks.
class FunctionSubject final : public engine::Subject {
 public:
  [[nodiscard]] unsigned observes() const noexcept override;
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override {}

 private:
  Exporter exporter_;
};

// What the running interpreter does for classes with `__buffer__`: makes the checks of bufspec/pep688.py, and those
// alone.  An interpreter without PEP 688 (before 3.12) makes none.
class CheckSubject final : public engine::Subject {
 public:
  [[nodiscard]] unsigned observes() const noexcept override { return observation::result; }
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override {}
};

// The subject that a declared name of a function means; null with an exception set if there is none.
[[nodiscard]] std::unique_ptr<engine::Subject> function_subject(PyObject* name);

// The struct of a view of `exporter`'s memory as `layout` describes it, absent strides left absent.  Not a view:
// nothing is held and nothing is to be released.
[[nodiscard]] Py_buffer struct_of(Exporter& exporter, const Layout& layout);

}  // namespace bufspec::cpython
