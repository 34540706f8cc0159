#include "object_size.hpp"

#include <cstdlib>

namespace bufspec::cpython {

namespace {

// In front of an object lie two words for the collector and two for a __dict__ and weak references that the interpreter manages.
constexpr std::size_t head_size = 2 * sizeof(void*);
constexpr unsigned long managed_weakrefs = 1UL << 3;
constexpr unsigned long managed_dict = 1UL << 4;

// A number of the type, as `type` itself knows it: a metaclass of the subject's is not asked.
std::size_t number_of(PyTypeObject* type, const char* name) noexcept {
  const Ref text(PyUnicode_InternFromString(name));
  const Ref number(text ? PyObject_GenericGetAttr(reinterpret_cast<PyObject*>(type), text.get()) : nullptr);
  const Py_ssize_t value = number && PyLong_CheckExact(number.get()) ? PyLong_AsSsize_t(number.get()) : 0;
  PyErr_Clear();
  return value > 0 ? static_cast<std::size_t>(value) : 0;
}

}  // namespace

std::size_t block_size_of(PyObject* object) noexcept {
  PyTypeObject* const type = Py_TYPE(object);
  std::size_t size = number_of(type, "__basicsize__");
  if (size == 0) return 0;
  if (const std::size_t of_item = number_of(type, "__itemsize__"); of_item > 0)
    size += of_item * static_cast<std::size_t>(std::abs(Py_SIZE(object)));
  const unsigned long flags = PyType_GetFlags(type);
  if ((flags & Py_TPFLAGS_HAVE_GC) != 0) size += head_size;
  if ((flags & (managed_dict | managed_weakrefs)) != 0) size += head_size;
  return size;
}

}  // namespace bufspec::cpython
