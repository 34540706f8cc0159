// An exporter that writes ENTRIES entries into an array of one: with 2 it overflows, with 1 it is right.
// Compiled with a sanitizer by test_sanitized_subjects.py.
#include <Python.h>

#include <stdlib.h>

static char block[8];

static int fill_in(PyObject* self, Py_buffer* view, int flags) {
  if (PyBuffer_FillInfo(view, self, block, sizeof block, 0, flags) != 0) return -1;
  volatile Py_ssize_t entries = ENTRIES;  // else the compiler sees the overflow before the sanitizer does
  Py_ssize_t* arrays = malloc(sizeof *arrays);
  for (Py_ssize_t i = 0; i < entries; ++i) arrays[i] = sizeof block;
  if (view->shape != NULL) view->shape = arrays;
  view->internal = arrays;
  return 0;
}

static void let_go(PyObject* self, Py_buffer* view) {
  (void)self;
  free(view->internal);
}

static PyType_Slot slots[] = {{Py_bf_getbuffer, fill_in}, {Py_bf_releasebuffer, let_go}, {0, NULL}};
static PyType_Spec spec = {"sanitized.Exporter", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "sanitized", NULL, -1, NULL, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_sanitized(void) {
  PyObject* module = PyModule_Create(&definition);
  PyObject* type = module == NULL ? NULL : PyType_FromSpec(&spec);
  if (type == NULL || PyModule_AddObjectRef(module, "Exporter", type) != 0) return NULL;
  Py_DECREF(type);
  return module;
}
