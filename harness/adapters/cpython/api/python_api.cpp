#include "python_api.hpp"

#include <array>
#include <cstring>

#include "suites/engine/observe/poisoned_view.hpp"
#include "suites/engine/observe/probe.hpp"

namespace bufspec::cpython {

namespace {

Error kind_of(PyObject* type) {
  struct Known {
    PyObject* type;
    Error error;
  };
  const Known known[]{
      {PyExc_BufferError, Error::buffer_error},
      {PyExc_TypeError, Error::type_error},
      {PyExc_UnicodeEncodeError, Error::unicode_encode_error},  // before its base, ValueError
      {PyExc_ValueError, Error::value_error},
      {PyExc_IndexError, Error::index_error},
      {PyExc_NotImplementedError, Error::not_implemented_error},
      {PyExc_SystemError, Error::system_error},
      {PyExc_OverflowError, Error::overflow_error},
      {PyExc_MemoryError, Error::memory_error},
  };
  for (const Known& one : known)
    if (PyErr_GivenExceptionMatches(type, one.type) != 0) return one.error;
  return Error::other;
}

// A type that is not on the heap lives as long as the process, and its name is what it was.
bool is_lasting(PyObject* type) noexcept {
  return PyType_Check(type) != 0 && (PyType_GetFlags(reinterpret_cast<PyTypeObject*>(type)) & Py_TPFLAGS_HEAPTYPE) == 0;
}

// What an exception says may be of any length; nobody reads more than its beginning.
constexpr Py_ssize_t longest_text = 2000;

}  // namespace

bool function_is_missing = false;

bool counts_references() noexcept {
  static const bool counts = PySys_GetObject("getrefcount") != nullptr;
  return counts;
}

Raised take_exception() {
  if (PyErr_Occurred() == nullptr) return {};
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  const Ref owned_type(type);
  const Ref owned_value(value);
  const Ref owned_traceback(traceback);
  // Refusals come in rows of one type.
  thread_local PyObject* last_type = nullptr;
  thread_local Raised last;
  if (type == last_type) return last;
  Raised raised{true, kind_of(type), {}};
  const Ref name(PyObject_GetAttrString(type, "__name__"));
  if (name) raised.name = beginning_of(name.get(), longest_name);
  PyErr_Clear();
  // struct.error has no C name; its module tells it from other classes called "error".
  if (raised.error == Error::other && raised.name == "error") {
    const Ref module(PyObject_GetAttrString(type, "__module__"));
    if (module && text_from(module.get()) == "struct") raised.error = Error::struct_error;
    PyErr_Clear();
  }
  if (is_lasting(type)) {
    last_type = type;
    last = raised;
  }
  return raised;
}

std::string take_exception_text() {
  if (PyErr_Occurred() == nullptr) return {};
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  const Ref owned_type(type);
  const Ref owned_value(value);
  const Ref owned_traceback(traceback);
  const Ref name(PyObject_GetAttrString(type, "__name__"));
  std::string text = name ? beginning_of(name.get(), longest_name) : "an exception";
  PyErr_Clear();
  const Ref said(value != nullptr ? PyObject_Str(value) : nullptr);  // which may raise in its turn
  const std::string words = said ? beginning_of(said.get(), longest_text) : std::string();
  PyErr_Clear();
  return words.empty() ? text : text + ": " + words;
}

Owner owner_of(const void* obj, PyObject* asked) noexcept {
  if (obj == nullptr) return Owner::null;
  if (obj == asked) return Owner::exporter;
  if (reinterpret_cast<std::uintptr_t>(obj) == engine::poison_word) return Owner::untouched;
  // An object begins with a count and a type, and the type is an object too.
  std::array<char, 2 * sizeof(void*)> head{};
  if (reinterpret_cast<std::uintptr_t>(obj) % sizeof(void*) != 0) return Owner::garbage;
  if (engine::read_safely(obj, head) != head.size()) return Owner::garbage;
  void* type = nullptr;
  std::memcpy(&type, static_cast<const char*>(obj) + offsetof(PyObject, ob_type), sizeof type);
  return type != nullptr && engine::read_safely(type, head) == head.size() ? Owner::other : Owner::garbage;
}

void raise_error(Error error, const char* reason) {
  PyObject* type = PyExc_RuntimeError;
  switch (error) {
    case Error::buffer_error:
      type = PyExc_BufferError;
      break;
    case Error::type_error:
      type = PyExc_TypeError;
      break;
    case Error::value_error:
    case Error::struct_error:
    case Error::unicode_encode_error:
      type = PyExc_ValueError;
      break;
    case Error::index_error:
      type = PyExc_IndexError;
      break;
    case Error::not_implemented_error:
      type = PyExc_NotImplementedError;
      break;
    case Error::system_error:
      type = PyExc_SystemError;
      break;
    case Error::overflow_error:
      type = PyExc_OverflowError;
      break;
    case Error::memory_error:
      type = PyExc_MemoryError;
      break;
    case Error::none:
    case Error::other:
      break;
  }
  PyErr_SetString(type, reason);
}

std::string beginning_of(PyObject* text, Py_ssize_t most) {
  if (PyUnicode_Check(text) == 0) return {};
  const Ref beginning(PyUnicode_Substring(text, 0, most));
  return beginning ? text_from(beginning.get()) : std::string();
}

std::string text_from(PyObject* text) {
  Py_ssize_t size = 0;
  const char* characters = PyUnicode_AsUTF8AndSize(text, &size);
  return characters == nullptr ? std::string() : std::string(characters, static_cast<std::size_t>(size));
}

}  // namespace bufspec::cpython
