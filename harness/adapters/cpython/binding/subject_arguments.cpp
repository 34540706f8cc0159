#include "subject_arguments.hpp"

namespace bufspec::cpython {

namespace {

bool operations_from(PyObject* given, std::vector<Operation>& operations) {
  const Ref list(PySequence_List(given));
  const Py_ssize_t count = list ? PyList_Size(list.get()) : 0;
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* pair = PyList_GetItem(list.get(), i);
    const char* name = nullptr;
    PyObject* callable = nullptr;
    if (PyTuple_Check(pair) == 0 || PyArg_ParseTuple(pair, "sO", &name, &callable) == 0 ||
        PyCallable_Check(callable) == 0) {
      PyErr_SetString(PyExc_TypeError, "each operation is a tuple of its name and a callable of the object");
      return false;
    }
    operations.push_back({name, Ref::borrowed(callable)});
  }
  return static_cast<bool>(list);
}

bool expect_from(PyObject* given, Ref& expect) {
  if (PyBytes_Check(given) == 0) {
    PyErr_SetString(PyExc_TypeError, "the elements that are expected are given as bytes");
    return false;
  }
  expect = Ref::borrowed(given);
  return true;
}

}  // namespace

bool declaration_from(const SubjectArguments& arguments, ExporterDeclaration& declared) {
  if (PyCallable_Check(arguments.what) == 0) {
    PyErr_SetString(PyExc_TypeError, "an exporter is given as the callable that makes its objects");
    return false;
  }
  declared.factory = Ref::borrowed(arguments.what);
  declared.is_volatile = arguments.is_volatile != 0;
  declared.is_readonly = arguments.is_readonly != 0;
  const auto is_given = [](PyObject* argument) { return argument != nullptr && argument != Py_None; };
  if (is_given(arguments.build)) declared.build = Ref::borrowed(arguments.build);
  if (is_given(arguments.check)) {
    if (PyCallable_Check(arguments.check) == 0) {
      PyErr_SetString(PyExc_TypeError, "checks are given as a callable of the id of a rule");
      return false;
    }
    declared.check = Ref::borrowed(arguments.check);
  }
  return (!is_given(arguments.operations) || operations_from(arguments.operations, declared.operations)) &&
         (!is_given(arguments.expect) || expect_from(arguments.expect, declared.expect));
}

}  // namespace bufspec::cpython
