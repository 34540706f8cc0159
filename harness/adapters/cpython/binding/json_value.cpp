#include "json_value.hpp"

#include "suites/engine/json/encoding.hpp"

namespace bufspec::cpython {

namespace {

// A str is read as UTF-8, so one with lone surrogates has to spell them with escapes, as json.dumps() does.
bool text_of(PyObject* given, std::string_view& text) {
  Py_ssize_t size = 0;
  const char* bytes = PyUnicode_AsUTF8AndSize(given, &size);
  if (bytes == nullptr) return false;
  text = {bytes, static_cast<std::size_t>(size)};
  return true;
}

template <typename T>
bool take(std::optional<T> read, const json::Fault& fault, T& into) {
  if (!read) {
    PyErr_SetString(PyExc_ValueError, fault.text().c_str());
    return false;
  }
  into = std::move(*read);
  return true;
}

}  // namespace

Ref object_from_json(const std::string& text) {
  const Ref module(PyImport_ImportModule("json"));
  if (!module) return {};
  return Ref(PyObject_CallMethod(module.get(), "loads", "s#", text.data(), static_cast<Py_ssize_t>(text.size())));
}

bool read_json(PyObject* given, Scenario& scenario) {
  std::string_view text;
  json::Fault fault;
  return text_of(given, text) && take(json::scenario_from(text, fault), fault, scenario);
}

bool read_json(PyObject* given, Trace& trace) {
  std::string_view text;
  json::Fault fault;
  return text_of(given, text) && take(json::trace_from(text, fault), fault, trace);
}

}  // namespace bufspec::cpython
