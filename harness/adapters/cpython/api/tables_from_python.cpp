#include "tables_from_python.hpp"

#include "suites/support/tables.hpp"

namespace bufspec::cpython {

namespace {

constexpr int deepest_table = 64;

bool convert(PyObject* object, TableValue& value, int depth) {
  if (depth > deepest_table) {
    PyErr_SetString(PyExc_ValueError, "a table is nested deeper than 64 levels");
    return false;
  }
  if (object == Py_None) {
    value = TableValue::of_null();
    return true;
  }
  if (PyBool_Check(object)) {
    value = TableValue::of(object == Py_True);
    return true;
  }
  if (PyLong_Check(object)) {
    const long long integer = PyLong_AsLongLong(object);
    if (integer == -1 && PyErr_Occurred() != nullptr) return false;
    value = TableValue::of(static_cast<std::int64_t>(integer));
    return true;
  }
  if (PyUnicode_Check(object)) {
    value = TableValue::of(text_from(object));
    return PyErr_Occurred() == nullptr;
  }
  if (PyList_Check(object)) {
    value = TableValue::empty_list();
    const Py_ssize_t size = PyList_Size(object);
    for (Py_ssize_t i = 0; i < size; ++i)
      if (!convert(PyList_GetItem(object, i), value.list.emplace_back(), depth + 1)) return false;
    return true;
  }
  if (PyDict_Check(object)) {
    value = TableValue::empty_map();
    PyObject* key = nullptr;
    PyObject* item = nullptr;
    Py_ssize_t position = 0;
    while (PyDict_Next(object, &position, &key, &item) != 0) {
      if (!PyUnicode_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "a key of a table is not a text");
        return false;
      }
      auto& entry = value.map.emplace_back(text_from(key), TableValue{});
      if (!convert(item, entry.second, depth + 1)) return false;
    }
    return true;
  }
  PyErr_SetString(PyExc_TypeError, "a table holds something other than dict, list, str, int, bool and None");
  return false;
}

}  // namespace

bool value_from_python(PyObject* object, TableValue& value) { return convert(object, value, 0); }

bool layout_from_python(PyObject* described, const char* what, Layout& layout) {
  TableValue tree;
  if (!value_from_python(described, tree)) return false;
  std::vector<TableProblem> problems;
  layout = layout_from_value(tree, what, problems);
  if (problems.empty()) return true;
  PyErr_SetString(PyExc_ValueError, (problems.front().message + " (" + problems.front().hint + ")").c_str());
  return false;
}

}  // namespace bufspec::cpython
