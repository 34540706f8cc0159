// An exporter with a seeded heap overflow: its arrays have room for one dimension, and it writes two entries.
// Only for the sanitizer preset, which must turn red on it; never part of a package.
#include <Python.h>

#include <cstdlib>

namespace {

constexpr Py_ssize_t length = 8;
char block[length];

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  if (PyBuffer_FillInfo(view, self, block, length, 1, flags) != 0) return -1;
  // Not a constant to the compiler, which would otherwise see the overflow before the sanitizer does.
  volatile Py_ssize_t entries = 1;
  auto* arrays = static_cast<Py_ssize_t*>(std::malloc(static_cast<std::size_t>(entries) * sizeof(Py_ssize_t)));
  for (Py_ssize_t i = 0; i <= entries; ++i) arrays[i] = length;
  if (view->shape != nullptr) view->shape = arrays;
  view->internal = arrays;
  return 0;
}

void release_buffer(PyObject*, Py_buffer* view) { std::free(view->internal); }

PyType_Slot exporter_slots[] = {
    {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
    {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
    {0, nullptr},
};

PyType_Spec exporter_spec = {"overflowing.Exporter", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, exporter_slots};

PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT, "overflowing", nullptr, -1, nullptr, nullptr, nullptr, nullptr, nullptr,
};

}  // namespace

PyMODINIT_FUNC PyInit_overflowing() {
  PyObject* module = PyModule_Create(&module_definition);
  if (module == nullptr) return nullptr;
  PyObject* type = PyType_FromSpec(&exporter_spec);
  if (type == nullptr || PyModule_AddObjectRef(module, "Exporter", type) != 0) {
    Py_XDECREF(type);
    Py_DECREF(module);
    return nullptr;
  }
  Py_DECREF(type);
  return module;
}
