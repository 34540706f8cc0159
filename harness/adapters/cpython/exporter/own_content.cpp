#include "own_content.hpp"

namespace bufspec::cpython {

namespace {

constexpr Py_ssize_t most_items = 4096;
constexpr Py_ssize_t most_bytes = Py_ssize_t{1} << 20;

std::optional<std::string> text_of(PyObject* bytes) {
  if (bytes == nullptr || PyBytes_CheckExact(bytes) == 0 || PyBytes_Size(bytes) > most_bytes) return std::nullopt;
  return std::string(PyBytes_AsString(bytes), static_cast<std::size_t>(PyBytes_Size(bytes)));
}

std::optional<std::string> by_method(PyObject* object) {
  // Looked up in the type, as the interpreter does: what an instance carries may be anything.
  auto* const type = reinterpret_cast<PyObject*>(Py_TYPE(object));
  for (const char* name : {"__bytes__", "tobytes"}) {
    const Ref method(PyObject_GetAttrString(type, name));
    PyErr_Clear();
    if (!method) continue;
    const Ref bytes(PyObject_CallFunctionObjArgs(method.get(), object, nullptr));
    PyErr_Clear();
    return text_of(bytes.get());
  }
  return std::nullopt;
}

std::optional<std::string> by_items(PyObject* object) {
  if (PySequence_Check(object) == 0) return std::nullopt;
  const Py_ssize_t count = PySequence_Size(object);
  if (count < 0 || count > most_items) return std::nullopt;
  std::string items;
  items.reserve(static_cast<std::size_t>(count));
  for (Py_ssize_t n = 0; n < count; ++n) {
    const Ref item(PySequence_GetItem(object, n));
    if (!item || PyLong_CheckExact(item.get()) == 0) return std::nullopt;
    const long value = PyLong_AsLong(item.get());
    if (value < 0 || value > 255) return std::nullopt;
    items.push_back(static_cast<char>(value));
  }
  return items;
}

}  // namespace

OwnContent own_content(PyObject* object) {
  OwnContent content{by_method(object), by_items(object)};
  PyErr_Clear();
  return content;
}

}  // namespace bufspec::cpython
