#include "library.hpp"

#include "calls/calls.hpp"

namespace bufspec::cpython {

namespace {

const CaseCall* call_named(std::string_view name) noexcept {
  for (const auto calls :
       {function_calls(), memoryview_calls(), assignment_calls(), sequence_calls(), argument_calls(), request_calls()})
    for (const CaseCall& call : calls)
      if (call.name == name) return &call;
  return nullptr;
}

constexpr const char* no_such_function = "this interpreter has no such function";

}  // namespace

TableValue raised_error() {
  const Raised raised = take_exception();
  return found_error(raised.error == Error::other ? raised.name : error_name(raised.error));
}

unsigned RunningLibrary::observes() const noexcept {
  using namespace observation;
  return structure | exception | memory | requests | result | (counts_references() ? references : 0U);
}

std::uint32_t RunningLibrary::runtime() const noexcept { return static_cast<std::uint32_t>(Py_Version); }

engine::CallAnswer RunningLibrary::call(std::string_view name, const Tree& given, Edition) {
  const CaseCall* const call = call_named(name);
  if (call == nullptr) return engine::CallAnswer::none(no_such_function);
  function_is_missing = false;
  Tree found = call->answer(given);
  if (function_is_missing) {
    PyErr_Clear();
    return engine::CallAnswer::none(no_such_function);
  }
  if (PyErr_Occurred() != nullptr) throw UnusableCase("an exception was left: " + take_exception().name);
  if (found.is_null()) return engine::CallAnswer::none("the limited headers leave the name out");
  return engine::CallAnswer::of(std::move(found));
}

bool RunningLibrary::check(Rule rule, Called& called) {
  const std::string id(rule_id(rule));
  const Ref module(PyImport_ImportModule("bufspec.worker.checks"));
  const Ref made(module ? PyObject_CallMethod(module.get(), "make_check", "s", id.c_str()) : nullptr);
  if (made.get() == Py_None) return false;
  if (made && PyUnicode_Check(made.get())) {
    called.wrong = text_from(made.get());
  } else {
    const Raised raised = take_exception();
    called.error = raised.error == Error::none ? Error::system_error : raised.error;
  }
  return true;
}

}  // namespace bufspec::cpython
