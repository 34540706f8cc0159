// An object with methods that make views of it: two leak with each view, one is right.  Used by leak_by_method.py.
#include <Python.h>

typedef struct {
  PyObject_HEAD short samples[45];
} Track;

static int track_getbuffer(Track *self, Py_buffer *view, int flags) {
  return PyBuffer_FillInfo(view, (PyObject *)self, self->samples, sizeof self->samples, 0, flags);
}

static PyObject *right(Track *self, PyObject *unused) { return PyMemoryView_FromObject((PyObject *)self); }

// The reference that FillInfo takes is not in the books of PyMemoryView_FromBuffer.
static PyObject *leaks_track(Track *self, PyObject *unused) {
  Py_buffer view;
  if (track_getbuffer(self, &view, PyBUF_FULL) < 0) return NULL;
  return PyMemoryView_FromBuffer(&view);
}

// The view itself gets a reference too many, as after Py_BuildValue with "O": so it is never released.
static PyObject *leaks_view(Track *self, PyObject *unused) { return Py_XNewRef(right(self, NULL)); }

static PyMethodDef track_methods[] = {{"right", (PyCFunction)right, METH_NOARGS, NULL},
                                      {"leaks_track", (PyCFunction)leaks_track, METH_NOARGS, NULL},
                                      {"leaks_view", (PyCFunction)leaks_view, METH_NOARGS, NULL},
                                      {NULL}};
static PyBufferProcs track_buffer = {(getbufferproc)track_getbuffer, NULL};
static PyTypeObject Track_Type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "leaks.Track",
                                  .tp_basicsize = sizeof(Track),
                                  .tp_flags = Py_TPFLAGS_DEFAULT,
                                  .tp_methods = track_methods,
                                  .tp_new = PyType_GenericNew,
                                  .tp_as_buffer = &track_buffer};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "leaks", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_leaks(void) {
  PyObject *module = PyModule_Create(&definition);
  if (module == NULL || PyModule_AddType(module, &Track_Type) < 0) return NULL;
  return module;
}
