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

Ref object_from_tree(const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::null:
      break;
    case Tree::Kind::boolean:
      return Ref(PyBool_FromLong(tree.boolean ? 1 : 0));
    case Tree::Kind::integer:
      return Ref(PyLong_FromLongLong(tree.integer));
    case Tree::Kind::string:
      return Ref(
          PyUnicode_DecodeUTF8(tree.string.data(), static_cast<Py_ssize_t>(tree.string.size()), "backslashreplace"));
    case Tree::Kind::list: {
      Ref list(PyList_New(0));
      for (const Tree& one : tree.list) {
        const Ref made = object_from_tree(one);
        if (!list || !made || PyList_Append(list.get(), made.get()) != 0) return {};
      }
      return list;
    }
    case Tree::Kind::map: {
      Ref dict(PyDict_New());
      for (const auto& [key, value] : tree.map) {
        const Ref made = object_from_tree(value);
        if (!dict || !made || PyDict_SetItemString(dict.get(), key.c_str(), made.get()) != 0) return {};
      }
      return dict;
    }
  }
  return Ref::borrowed(Py_None);
}

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
