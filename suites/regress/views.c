// Views of bytes with any strides, and whatever else a slot may be told: to grant WRITABLE, to own the bytes.
#include <Python.h>

typedef struct {
  PyObject_HEAD PyObject *bytes;
  char format[8];
  int ndim, writable, claims;
  Py_ssize_t itemsize, length, shape[2], strides[2];
} View;

static int asks(int flags, int flag) { return (flags & flag) == flag; }

static int view_getbuffer(View *self, Py_buffer *view, int flags) {
  char *start = PyUnicode_Check(self->bytes) ? (char *)PyUnicode_AsUTF8(self->bytes) : PyBytes_AS_STRING(self->bytes);
  view->buf = start;
  view->itemsize = self->itemsize;
  view->ndim = self->ndim;
  view->len = self->length;
  view->readonly = self->claims ? !asks(flags, PyBUF_WRITABLE) : !self->writable;
  view->format = self->format;
  view->shape = self->shape;
  view->strides = self->strides;
  view->suboffsets = NULL;
  const int is_c = PyBuffer_IsContiguous(view, 'C'), is_f = PyBuffer_IsContiguous(view, 'F');
  if ((asks(flags, PyBUF_WRITABLE) && !self->writable && !self->claims) || (!asks(flags, PyBUF_STRIDES) && !is_c) ||
      (asks(flags, PyBUF_C_CONTIGUOUS) && !is_c) || (asks(flags, PyBUF_F_CONTIGUOUS) && !is_f) ||
      (asks(flags, PyBUF_ANY_CONTIGUOUS) && !is_c && !is_f)) {
    view->obj = NULL;
    PyErr_SetString(PyExc_BufferError, "cannot be met");
    return -1;
  }
  if (!asks(flags, PyBUF_FORMAT)) view->format = NULL;
  if (!asks(flags, PyBUF_ND)) view->shape = NULL;
  if (!asks(flags, PyBUF_STRIDES)) view->strides = NULL;
  view->internal = NULL;
  view->obj = Py_NewRef(self);
  return 0;
}

static int view_traverse(View *self, visitproc visit, void *arg) {
  Py_VISIT(self->bytes);
  return 0;
}

static void view_dealloc(View *self) {
  PyObject_GC_UnTrack(self);
  Py_CLEAR(self->bytes);
  PyObject_GC_Del(self);
}

static PyBufferProcs view_buffer = {(getbufferproc)view_getbuffer, NULL};
static PyTypeObject View_Type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "views.View",
                                 .tp_basicsize = sizeof(View),
                                 .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
                                 .tp_traverse = (traverseproc)view_traverse,
                                 .tp_dealloc = (destructor)view_dealloc,
                                 .tp_as_buffer = &view_buffer};

// view(bytes, format, itemsize, shape, strides, writable=0, claims=0): `writable` is readonly 0 for all, `claims` for WRITABLE.
static PyObject *view(PyObject *module, PyObject *args) {
  PyObject *bytes, *shape, *strides;
  const char *format;
  Py_ssize_t itemsize;
  int writable = 0, claims = 0;
  if (!PyArg_ParseTuple(args, "OsnOO|ii", &bytes, &format, &itemsize, &shape, &strides, &writable, &claims)) return NULL;
  View *self = PyObject_GC_New(View, &View_Type);
  if (self == NULL) return NULL;
  self->bytes = Py_NewRef(bytes);
  snprintf(self->format, sizeof self->format, "%s", format);
  self->itemsize = self->length = itemsize;
  self->writable = writable, self->claims = claims;
  self->ndim = (int)PyList_GET_SIZE(shape);
  for (int i = 0; i < self->ndim; ++i) {
    self->shape[i] = PyLong_AsSsize_t(PyList_GET_ITEM(shape, i));
    self->strides[i] = PyLong_AsSsize_t(PyList_GET_ITEM(strides, i));
    self->length *= self->shape[i];
  }
  PyObject_GC_Track(self);
  return (PyObject *)self;
}

static PyMethodDef functions[] = {{"view", view, METH_VARARGS, NULL}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "views", NULL, -1, functions};

PyMODINIT_FUNC PyInit_views(void) { return PyType_Ready(&View_Type) < 0 ? NULL : PyModule_Create(&module); }
