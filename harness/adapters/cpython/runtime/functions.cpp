#include "functions.hpp"

namespace bufspec::cpython {

unsigned FunctionSubject::observes() const noexcept { return observation::result; }

bool FunctionSubject::begin(const Scenario& scenario, Trace& trace) {
  if (!scenario.layout || !exporter_.build(*scenario.layout).ok()) return false;
  trace.observes = observes();
  trace.runtime = static_cast<std::uint32_t>(Py_Version);
  return true;
}

Py_buffer struct_of(Exporter& exporter, const Layout& layout) {
  Py_buffer view{};
  Layout& kept = const_cast<Layout&>(exporter.layout());  // Py_buffer's arrays are not const; nobody writes to them
  view.buf = exporter.buf();
  view.len = exporter.length();
  view.itemsize = kept.itemsize;
  view.readonly = kept.readonly ? 1 : 0;
  view.ndim = kept.ndim;
  view.format = kept.format.data();
  if (kept.ndim > 0) {
    view.shape = kept.shape.data();
    view.strides = layout.has_strides ? kept.strides.data() : nullptr;
    view.suboffsets = layout.has_suboffsets ? const_cast<ssize*>(layout.suboffsets.data()) : nullptr;
  }
  return view;
}

void FunctionSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  StepRecord& record = trace.steps.emplace_back();
  if (scenario.steps[step].kind != StepKind::call || !scenario.layout) return;
  PyErr_Clear();
  const Py_buffer view = struct_of(exporter_, *scenario.layout);
  Called& called = record.called.emplace();
  switch (scenario.function) {
    case Function::is_contiguous:
      called.result = PyBuffer_IsContiguous(&view, scenario.order);
      break;
  }
  called.error = take_exception().error;
}

bool CheckSubject::begin(const Scenario& scenario, Trace& trace) {
  constexpr std::uint32_t first_with_pep688 = 0x030c0000;
  trace.observes = observes();
  trace.runtime = static_cast<std::uint32_t>(Py_Version);
  return scenario.check && trace.runtime >= first_with_pep688;
}

void CheckSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  StepRecord& record = trace.steps.emplace_back();
  if (scenario.steps[step].kind != StepKind::call || !scenario.check) return;
  Called& called = record.called.emplace();
  const std::string_view id = rule_id(*scenario.check);
  const Ref module(PyImport_ImportModule("bufspec.worker.pep688"));
  const Ref checks(module ? PyObject_GetAttrString(module.get(), "CHECKS") : nullptr);
  PyObject* const check =
      checks ? PyDict_GetItemString(checks.get(), std::string(id.substr(id.rfind('.') + 1)).c_str()) : nullptr;
  const Ref found(check != nullptr ? PyObject_CallNoArgs(check) : nullptr);
  if (found && PyUnicode_Check(found.get())) {
    called.wrong = text_from(found.get());
  } else {
    const Raised raised = take_exception();
    called.error = raised.error == Error::none ? Error::system_error : raised.error;
  }
}

std::unique_ptr<engine::Subject> function_subject(PyObject* name) {
  const std::string text = PyUnicode_Check(name) ? text_from(name) : std::string();
  if (text == "PyBuffer_IsContiguous") return std::make_unique<FunctionSubject>();
  if (text == "PEP 688") return std::make_unique<CheckSubject>();
  PyErr_Clear();
  PyErr_SetString(PyExc_ValueError, "the functions that can be judged are: 'PyBuffer_IsContiguous', 'PEP 688'");
  return nullptr;
}

}  // namespace bufspec::cpython
