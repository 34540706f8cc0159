// What does a two-dimensional exporter answer whose slot is written as that of pybind11 is: the orders tested one after
// the other, C first?  Asked for both it grants C order.  Nobody who uses such an object reads a wrong element.
#include <Python.h>

typedef struct {
  PyObject_HEAD int values[6];
  Py_ssize_t shape[2];
  Py_ssize_t strides[2];
  int readonly;
} Matrix;

static int refuse(Py_buffer *view, const char *why) {
  memset(view, 0, sizeof *view);
  PyErr_SetString(PyExc_BufferError, why);
  return -1;
}

static int asks(int flags, int flag) { return (flags & flag) == flag; }

static int matrix_getbuffer(Matrix *self, Py_buffer *view, int flags) {
  memset(view, 0, sizeof *view);
  if (asks(flags, PyBUF_WRITABLE) && self->readonly) return refuse(view, "read-only");
  view->itemsize = sizeof(int);
  view->len = sizeof self->values;
  view->ndim = 2;
  view->shape = self->shape;
  view->strides = self->strides;
  view->readonly = self->readonly;
  if (asks(flags, PyBUF_FORMAT)) view->format = "i";
  if (asks(flags, PyBUF_C_CONTIGUOUS)) {
    if (!PyBuffer_IsContiguous(view, 'C')) return refuse(view, "not C-contiguous");
  } else if (asks(flags, PyBUF_F_CONTIGUOUS)) {
    if (!PyBuffer_IsContiguous(view, 'F')) return refuse(view, "not Fortran contiguous");
  } else if (asks(flags, PyBUF_ANY_CONTIGUOUS)) {
    if (!PyBuffer_IsContiguous(view, 'A')) return refuse(view, "not contiguous");
  } else if (!asks(flags, PyBUF_STRIDES)) {
    if (!PyBuffer_IsContiguous(view, 'C')) return refuse(view, "needs strides");
    view->strides = NULL;
    if (!asks(flags, PyBUF_ND)) {
      view->shape = NULL;
      view->ndim = 0;
    }
  }
  view->buf = self->values;
  view->obj = Py_NewRef(self);
  return 0;
}

static PyObject *made(PyTypeObject *type, Py_ssize_t row, Py_ssize_t column, int readonly) {
  Matrix *self = (Matrix *)type->tp_alloc(type, 0);
  if (self == NULL) return NULL;
  for (int i = 0; i < 6; ++i) self->values[i] = i + 1;
  self->shape[0] = 2;
  self->shape[1] = 3;
  self->strides[0] = row;
  self->strides[1] = column;
  self->readonly = readonly;
  return (PyObject *)self;
}

static PyBufferProcs matrix_buffer = {(getbufferproc)matrix_getbuffer, NULL};
static PyTypeObject Matrix_Type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "both_orders.Matrix",
                                   .tp_basicsize = sizeof(Matrix),
                                   .tp_flags = Py_TPFLAGS_DEFAULT,
                                   .tp_as_buffer = &matrix_buffer};

static PyObject *make(PyObject *module, PyObject *args) {
  Py_ssize_t row, column;
  int readonly;
  return PyArg_ParseTuple(args, "nnp", &row, &column, &readonly) ? made(&Matrix_Type, row, column, readonly) : NULL;
}

// A slot that tests any bit of a flag: what a word with the own bit of F_CONTIGUOUS and of STRIDES alone gets (0x050) is
// strides without a shape, which is no reading of that word.
static int loose_getbuffer(Matrix *self, Py_buffer *view, int flags) {
  const int partial = flags & 0x1f0;
  if (partial == 0 || asks(flags, PyBUF_ND)) return matrix_getbuffer(self, view, flags);
  if (matrix_getbuffer(self, view, (flags & ~0x1f0) | PyBUF_STRIDES) != 0) return -1;
  view->shape = NULL;
  view->ndim = 2;
  return 0;
}

static PyBufferProcs loose_buffer = {(getbufferproc)loose_getbuffer, NULL};
static PyTypeObject Loose_Type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "both_orders.Loose",
                                  .tp_basicsize = sizeof(Matrix),
                                  .tp_flags = Py_TPFLAGS_DEFAULT,
                                  .tp_as_buffer = &loose_buffer};

static PyObject *make_loose(PyObject *module, PyObject *unused) { return made(&Loose_Type, 12, 4, 0); }

static PyMethodDef functions[] = {{"matrix", make, METH_VARARGS, NULL}, {"loose", make_loose, METH_NOARGS, NULL}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "both_orders", NULL, -1, functions};

PyMODINIT_FUNC PyInit_both_orders(void) {
  if (PyType_Ready(&Matrix_Type) < 0 || PyType_Ready(&Loose_Type) < 0) return NULL;
  return PyModule_Create(&module);
}
