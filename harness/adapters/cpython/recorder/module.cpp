// bufspec._recorder: records the requests of this process.  Loaded into the application before its first line runs; it needs
// nothing else of bufspec there.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "definitions.hpp"
#include "events.hpp"
#include "record_file.hpp"
#include "wrapping.hpp"

namespace bufspec::recorder {

namespace {

bool is_recording = false;

// Calls a function that loads a module, and looks for what it brought.
PyObject* load(PyObject* function, PyObject* arguments, PyObject* keywords) {
  PyObject* const result = PyObject_Call(function, arguments, keywords);
  wrap_new_types(false);
  return result;
}

PyMethodDef load_method{"load", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(load)),
                        METH_VARARGS | METH_KEYWORDS, nullptr};

// importlib calls these by their names in _imp, so that another function there is called in their place.
bool watch_imports() {
  PyObject* const imp = PyImport_ImportModule("_imp");
  bool is_done = imp != nullptr;
  for (const char* const name : {"create_dynamic", "exec_dynamic", "create_builtin", "exec_builtin"}) {
    if (!is_done) break;
    PyObject* const function = PyObject_GetAttrString(imp, name);
    PyObject* const watched = function == nullptr ? nullptr : PyCFunction_NewEx(&load_method, function, nullptr);
    is_done = watched != nullptr && PyObject_SetAttrString(imp, name, watched) == 0;
    Py_XDECREF(function);
    Py_XDECREF(watched);
  }
  Py_XDECREF(imp);
  return is_done;
}

PyObject* end_of_application(PyObject*, PyObject*) {
  wrap_new_types(true);
  if (Head* const it = head()) {
    it->state = state::exit_began;
    if (unsigned char* const to = open_event()) close_event(kind::exit_began, to);
  }
  return Py_NewRef(Py_None);
}

PyMethodDef end_method{"end_of_application", end_of_application, METH_NOARGS, nullptr};

bool watch_end() {
  PyObject* const module = PyImport_ImportModule("atexit");
  PyObject* const function = PyCFunction_NewEx(&end_method, nullptr, nullptr);
  PyObject* const done =
      module == nullptr || function == nullptr ? nullptr : PyObject_CallMethod(module, "register", "O", function);
  Py_XDECREF(module);
  Py_XDECREF(function);
  Py_XDECREF(done);
  return done != nullptr;
}

PyObject* begin(PyObject*, PyObject* arguments) {
  const char* folder = nullptr;
  unsigned long long most = 0;
  int has_stacks = 0;
  if (PyArg_ParseTuple(arguments, "sKp:begin", &folder, &most, &has_stacks) == 0) return nullptr;
  if (is_recording) return Py_NewRef(Py_None);
  if (!open_record({folder, most, has_stacks != 0, Py_Version})) {
    PyErr_Format(PyExc_OSError, "no record can be written in %s: %s", folder, std::strerror(errno));
    return nullptr;
  }
  is_recording = true;
  begin_events(has_stacks != 0);
  const std::string wrong = begin_wrapping();
  if (!wrong.empty()) {
    PyErr_Format(PyExc_RuntimeError, "the slots of this interpreter were not found: %s", wrong.c_str());
    return nullptr;
  }
  if (!watch_imports() || !watch_end()) return nullptr;
  return Py_NewRef(Py_None);
}

PyMethodDef methods[]{
    {"begin", begin, METH_VARARGS,
     "begin(folder, most, stacks)\n\nRecords from now on, in a new file in that folder, of `most` bytes at most."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition{PyModuleDef_HEAD_INIT,
                       "_recorder",
                       "Records the requests of this process.",
                       -1,
                       methods,
                       nullptr,
                       nullptr,
                       nullptr,
                       nullptr};

// Runs when the process exits, after the interpreter has ended.
struct AtTheEnd {
  ~AtTheEnd() {
    if (Head* const it = is_recording ? head() : nullptr) {
      if (it->state == state::exit_began) it->state = state::ended;
      close_record();
    }
  }
};
AtTheEnd at_the_end;

}  // namespace

}  // namespace bufspec::recorder

PyMODINIT_FUNC PyInit__recorder() { return PyModule_Create(&bufspec::recorder::definition); }
