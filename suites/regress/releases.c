// Releases that set an exception, clear the one that is set, raise in its place, or leave all as it is.
#include <Python.h>

enum { RIGHT, SETS, CLEARS, REPLACES, SAVES };

typedef struct {
  PyObject_HEAD int kind;
  char bytes[6];
} Releasing;

static int get_buffer(Releasing* self, Py_buffer* view, int flags) {
  return PyBuffer_FillInfo(view, (PyObject*)self, self->bytes, sizeof self->bytes, 0, flags);
}

static void release_buffer(Releasing* self, Py_buffer* view) {
  PyObject *type, *value, *traceback;
  switch (self->kind) {
    case SETS:
      PyErr_SetString(PyExc_ValueError, "by the release");
      break;
    case CLEARS:
      PyErr_Clear();
      break;
    case REPLACES:
      if (PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "by the release");
      break;
    case SAVES:
      PyErr_Fetch(&type, &value, &traceback);
      PyErr_SetString(PyExc_ValueError, "handled");
      PyErr_Clear();
      PyErr_Restore(type, value, traceback);
      break;
  }
}

static PyBufferProcs releasing_buffer = {(getbufferproc)get_buffer, (releasebufferproc)release_buffer};
static PyTypeObject Releasing_Type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "releases.Releasing",
                                      .tp_basicsize = sizeof(Releasing), .tp_flags = Py_TPFLAGS_DEFAULT,
                                      .tp_as_buffer = &releasing_buffer};

static PyObject* releasing(PyObject* module, PyObject* args) {
  int kind;
  if (!PyArg_ParseTuple(args, "i", &kind)) return NULL;
  Releasing* self = (Releasing*)Releasing_Type.tp_alloc(&Releasing_Type, 0);
  if (self) self->kind = kind;
  return (PyObject*)self;
}

static PyMethodDef functions[] = {{"releasing", releasing, METH_VARARGS, NULL}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "releases", NULL, -1, functions};

PyMODINIT_FUNC PyInit_releases(void) { return PyType_Ready(&Releasing_Type) < 0 ? NULL : PyModule_Create(&module); }
