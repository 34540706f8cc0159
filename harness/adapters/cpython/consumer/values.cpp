#include "values.hpp"

#include <algorithm>

namespace bufspec::cpython {

namespace {

constexpr std::size_t longest_shown = 100;
constexpr int deepest = 80;  // of lists in lists; a memory has at most 64 dimensions

bool is_row(PyObject* object) noexcept { return PyList_Check(object) != 0 || PyTuple_Check(object) != 0; }

bool is_nan(PyObject* object) {
  const int is_itself = PyObject_RichCompareBool(object, object, Py_EQ);  // takes an object as equal to itself
  if (is_itself < 0) return false;
  const Ref other(PyObject_RichCompare(object, object, Py_NE));
  return other.get() == Py_True;
}

bool rows_equal(PyObject* left, PyObject* right, int depth);
bool maps_equal(PyObject* left, PyObject* right, int depth);

// Arrays are compared by their memory where `==` does not say so: it may raise, compare identities, or find no NaN equal.
bool equal_at(PyObject* left, PyObject* right, int depth) {
  if (is_row(left) && is_row(right)) return depth < deepest && rows_equal(left, right, depth + 1);
  if (PyDict_Check(left) != 0 && PyDict_Check(right) != 0) return depth < deepest && maps_equal(left, right, depth + 1);
  if (PyObject_RichCompareBool(left, right, Py_EQ) == 1) return true;
  PyErr_Clear();
  if (const auto one = bytes_of(left)) return one == bytes_of(right);  // what it was given may be part of a result
  return is_nan(left) && is_nan(right);
}

bool rows_equal(PyObject* left, PyObject* right, int depth) {
  const Py_ssize_t size = PySequence_Size(left);
  if (size != PySequence_Size(right)) return false;
  for (Py_ssize_t i = 0; i < size; ++i) {
    const Ref one(PySequence_GetItem(left, i));
    const Ref other(PySequence_GetItem(right, i));
    if (!one || !other || !equal_at(one.get(), other.get(), depth)) return false;
  }
  return true;
}

bool maps_equal(PyObject* left, PyObject* right, int depth) {
  const Ref items(PyDict_Items(left));  // comparing may call code that changes what is compared
  if (!items || PyList_Size(items.get()) != PyDict_Size(right)) return false;
  for (Py_ssize_t i = 0; i < PyList_Size(items.get()); ++i) {
    PyObject* const item = PyList_GetItem(items.get(), i);
    const Ref other = Ref::borrowed(PyDict_GetItemWithError(right, PyTuple_GetItem(item, 0)));
    if (!other || !equal_at(PyTuple_GetItem(item, 1), other.get(), depth)) return false;
  }
  return true;
}

bool can_compare_at(PyObject* object, int depth) {
  if (is_row(object)) {
    for (Py_ssize_t i = 0; depth < deepest && i < PySequence_Size(object); ++i) {
      const Ref entry(PySequence_GetItem(object, i));
      if (!entry || !can_compare_at(entry.get(), depth + 1)) return false;
    }
    return true;
  }
  return PyType_GetSlot(Py_TYPE(object), Py_tp_richcompare) != PyType_GetSlot(&PyBaseObject_Type, Py_tp_richcompare);
}

// Counts the entries that are not as expected, and those of them that are as `other` has them.
void count_others(PyObject* given, PyObject* expected, PyObject* other, int depth, std::size_t& wrong,
                  std::size_t& others) {
  const bool are_rows = is_row(given) && is_row(expected) && is_row(other) && depth < deepest &&
                        PySequence_Size(given) == PySequence_Size(expected) &&
                        PySequence_Size(given) == PySequence_Size(other);
  if (!are_rows) {
    if (equal_at(given, expected, 0)) return;
    ++wrong;
    others += equal_at(given, other, 0) ? 1 : 0;
    return;
  }
  for (Py_ssize_t i = 0; i < PySequence_Size(given); ++i) {
    const Ref one(PySequence_GetItem(given, i));
    const Ref right(PySequence_GetItem(expected, i));
    const Ref instead(PySequence_GetItem(other, i));
    if (one && right && instead) count_others(one.get(), right.get(), instead.get(), depth + 1, wrong, others);
  }
}

Ref nested_at(PyObject* flat, const ssize* shape, int ndim, Py_ssize_t& next) {
  if (ndim == 0) {
    PyObject* const value = PyList_GetItem(flat, next++);
    return Ref::borrowed(value);
  }
  Ref row(PyList_New(0));
  for (ssize i = 0; row && i < shape[0]; ++i) {
    const Ref entry = nested_at(flat, shape + 1, ndim - 1, next);
    if (!entry || PyList_Append(row.get(), entry.get()) != 0) return {};
  }
  return row;
}

}  // namespace

std::optional<std::string> bytes_of(PyObject* object) {
  if (PyObject_CheckBuffer(object) == 0) return std::nullopt;
  Py_buffer view;
  if (PyObject_GetBuffer(object, &view, PyBUF_FULL_RO) != 0) {
    PyErr_Clear();
    return std::nullopt;
  }
  std::optional<std::string> bytes(std::in_place, static_cast<std::size_t>(std::max<Py_ssize_t>(0, view.len)), '\0');
  if (view.len > 0 && PyBuffer_ToContiguous(bytes->data(), &view, view.len, 'C') != 0) bytes.reset();
  PyBuffer_Release(&view);
  PyErr_Clear();
  return bytes;
}

bool are_equal(PyObject* left, PyObject* right) {
  // The interpreter compares long lists faster, but takes no NaN for another one, and no list for a tuple.
  const bool are_lists = PyList_CheckExact(left) != 0 && PyList_CheckExact(right) != 0;
  const bool equal =
      (are_lists && PyObject_RichCompareBool(left, right, Py_EQ) == 1) || (PyErr_Clear(), equal_at(left, right, 0));
  PyErr_Clear();
  return equal;
}

bool are_alike(PyObject* left, PyObject* right) {
  if (Py_TYPE(left) != Py_TYPE(right)) return false;
  if (PyObject_CheckBuffer(left) != 0) {
    const auto one = bytes_of(left);
    const auto other = bytes_of(right);
    if (one && other) return *one == *other;
  }
  return are_equal(left, right);
}

bool can_compare(PyObject* object) {
  const bool can = can_compare_at(object, 0);
  PyErr_Clear();
  return can;
}

bool is_mostly(PyObject* given, PyObject* expected, PyObject* other) {
  std::size_t wrong = 0;
  std::size_t others = 0;
  count_others(given, expected, other, 0, wrong, others);
  PyErr_Clear();
  return 2 * others > wrong;
}

std::optional<DifferentValue> first_difference(PyObject* given, PyObject* expected, const ssize* shape, int ndim) {
  if (ndim < 1) return DifferentValue{0, Ref::borrowed(given)};
  if (PyList_CheckExact(given) == 0 || PyList_CheckExact(expected) == 0) return std::nullopt;
  if (PyList_Size(given) != shape[0] || PyList_Size(expected) != shape[0]) return std::nullopt;
  for (ssize i = 0; i < shape[0]; ++i) {
    const Ref left = Ref::borrowed(PyList_GetItem(given, i));
    const Ref right = Ref::borrowed(PyList_GetItem(expected, i));
    if (!left || !right || are_equal(left.get(), right.get())) continue;
    auto found = first_difference(left.get(), right.get(), shape + 1, ndim - 1);
    std::size_t values_a_row = 1;
    for (int d = 1; d < ndim; ++d) values_a_row *= static_cast<std::size_t>(shape[d]);
    if (found) found->number += static_cast<std::size_t>(i) * values_a_row;
    return found;
  }
  return std::nullopt;
}

Ref values_of(std::string_view bytes, const std::string& format, ssize itemsize) {
  if (itemsize < 1) return {};
  const Ref module(PyImport_ImportModule("struct"));
  const Ref reader(module ? PyObject_CallMethod(module.get(), "Struct", "s", format.c_str()) : nullptr);
  const Ref size(reader ? PyObject_GetAttrString(reader.get(), "size") : nullptr);
  const bool fits = size && PyLong_AsSsize_t(size.get()) == itemsize;
  const Ref data(fits ? PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size())) : nullptr);
  const Ref items(data ? PyObject_CallMethod(reader.get(), "iter_unpack", "O", data.get()) : nullptr);
  Ref list(items ? PySequence_List(items.get()) : nullptr);
  for (Py_ssize_t i = 0; list && i < PyList_Size(list.get()); ++i) {
    PyObject* const item = PyList_GetItem(list.get(), i);
    if (PyTuple_Size(item) == 1 && PyList_SetItem(list.get(), i, Py_NewRef(PyTuple_GetItem(item, 0))) != 0)
      list.reset();
  }
  PyErr_Clear();
  return list;
}

Ref nested(PyObject* flat, const ssize* shape, int ndim) {
  Py_ssize_t next = 0;
  Ref list = nested_at(flat, shape, ndim, next);
  PyErr_Clear();
  if (list && next == PyList_Size(flat)) return list;
  return {};
}

std::string shown(PyObject* object) {
  const bool is_plain = PyBytes_Check(object) != 0 || PyByteArray_Check(object) != 0 || PyUnicode_Check(object) != 0 ||
                        PyLong_Check(object) != 0 || PyFloat_Check(object) != 0 || is_row(object) || object == Py_None;
  // Of a long list the beginning is enough.
  const bool is_long = PyList_CheckExact(object) != 0 && PyList_Size(object) > static_cast<Py_ssize_t>(longest_shown);
  if (is_long) {
    const Ref beginning(PyList_GetSlice(object, 0, static_cast<Py_ssize_t>(longest_shown)));
    return beginning ? shown(beginning.get()) : "a long list";
  }
  const Ref text(is_plain ? PyObject_Repr(object)
                          : PyObject_GetAttrString(reinterpret_cast<PyObject*>(Py_TYPE(object)), "__name__"));
  std::string words = text ? text_from(text.get()) : "an object";
  PyErr_Clear();
  if (!is_plain) return "an object of type " + words;
  if (words.find(" at 0x") != std::string::npos) return "a list with objects in it";
  if (words.size() > longest_shown) words = words.substr(0, longest_shown) + "...";
  return words;
}

}  // namespace bufspec::cpython
