// Exporters that write entries into an array of one: Overflowing two, Fitting one.
// Compiled with a sanitizer by test_sanitized_subjects.py.
#include <Python.h>

#include <stdlib.h>

static char block[8];

__attribute__((noinline)) static int fill_in(PyObject* self, Py_buffer* view, int flags, Py_ssize_t count) {
  if (PyBuffer_FillInfo(view, self, block, sizeof block, 0, flags) != 0) return -1;
  volatile Py_ssize_t entries = count;  // else the compiler sees the overflow before the sanitizer does
  Py_ssize_t* arrays = malloc(sizeof *arrays);
  for (Py_ssize_t i = 0; i < entries; ++i) arrays[i] = sizeof block;
  if (view->shape != NULL) view->shape = arrays;
  view->internal = arrays;
  return 0;
}

static int overflow(PyObject* self, Py_buffer* view, int flags) { return fill_in(self, view, flags, 2); }

static int fit(PyObject* self, Py_buffer* view, int flags) { return fill_in(self, view, flags, 1); }

static void let_go(PyObject* self, Py_buffer* view) {
  (void)self;
  free(view->internal);
}

static PyType_Slot overflowing[] = {{Py_bf_getbuffer, overflow}, {Py_bf_releasebuffer, let_go}, {0, NULL}};
static PyType_Slot fitting[] = {{Py_bf_getbuffer, fit}, {Py_bf_releasebuffer, let_go}, {0, NULL}};
static PyType_Spec specs[] = {
    {"sanitized.Overflowing", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, overflowing},
    {"sanitized.Fitting", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, fitting},
};
static const char* const names[] = {"Overflowing", "Fitting"};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "sanitized", NULL, -1, NULL, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_sanitized(void) {
  PyObject* module = PyModule_Create(&definition);
  for (int i = 0; module != NULL && i < 2; ++i) {
    PyObject* type = PyType_FromSpec(&specs[i]);
    if (type == NULL || PyModule_AddObjectRef(module, names[i], type) != 0) return NULL;
    Py_DECREF(type);
  }
  return module;
}
