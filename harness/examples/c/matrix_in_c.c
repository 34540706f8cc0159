/* A matrix of doubles in C order that exports its memory: what a right bf_getbuffer looks like in C. */
#include <Python.h>

typedef struct {
  PyObject_HEAD
  double *items;
  Py_ssize_t shape[2];
  Py_ssize_t strides[2];
  Py_ssize_t exports; /* While views are held the memory must not move. */
} Matrix;

/* Replace the memory by one of zeros; -1 with an exception set if that cannot be. */
static int matrix_allocate(Matrix *self, Py_ssize_t rows, Py_ssize_t columns) {
  if (rows < 0 || columns < 0) {
    PyErr_SetString(PyExc_ValueError, "a matrix has no negative number of rows or columns");
    return -1;
  }
  if (columns > 0 && rows > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(double) / columns) {
    PyErr_NoMemory();
    return -1;
  }
  size_t count = (size_t)(rows * columns);
  double *items = PyMem_Calloc(count ? count : 1, sizeof(double));
  if (items == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  PyMem_Free(self->items);
  self->items = items;
  self->shape[0] = rows;
  self->shape[1] = columns;
  self->strides[0] = columns * (Py_ssize_t)sizeof(double);
  self->strides[1] = sizeof(double);
  return 0;
}

static PyObject *matrix_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  static char *names[] = {"rows", "columns", NULL};
  Py_ssize_t rows, columns;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "nn:Matrix", names, &rows, &columns))
    return NULL;
  allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  Matrix *self = (Matrix *)alloc(type, 0);
  if (self == NULL)
    return NULL;
  if (matrix_allocate(self, rows, columns) < 0) {
    Py_DECREF(self);
    return NULL;
  }
  return (PyObject *)self;
}

static void matrix_dealloc(Matrix *self) {
  PyTypeObject *type = Py_TYPE(self);
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  PyMem_Free(self->items);
  release(self);
  Py_DECREF(type);
}

static PyObject *matrix_resize(Matrix *self, PyObject *args) {
  Py_ssize_t rows, columns;
  if (!PyArg_ParseTuple(args, "nn:resize", &rows, &columns))
    return NULL;
  if (self->exports > 0) {
    PyErr_SetString(PyExc_BufferError, "cannot resize a matrix while its memory is exported");
    return NULL;
  }
  if (matrix_allocate(self, rows, columns) < 0)
    return NULL;
  Py_RETURN_NONE;
}

static int matrix_getbuffer(Matrix *self, Py_buffer *view, int flags) {
  view->obj = NULL; /* what a refusal must leave */
  /* With less than two rows or columns the memory is contiguous in both orders. */
  int both_orders = self->shape[0] <= 1 || self->shape[1] <= 1;
  if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && !both_orders) {
    PyErr_SetString(PyExc_BufferError, "a matrix has its items in C order");
    return -1;
  }
  view->buf = self->items;
  view->len = self->shape[0] * self->shape[1] * (Py_ssize_t)sizeof(double);
  view->itemsize = sizeof(double);
  view->readonly = 0;
  view->ndim = 2;
  /* What is not requested must be NULL: the consumer would have to look at it. */
  view->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? "d" : NULL;
  view->shape = (flags & PyBUF_ND) == PyBUF_ND ? self->shape : NULL;
  view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? self->strides : NULL;
  view->suboffsets = NULL;
  view->internal = NULL;
  self->exports++;
  view->obj = Py_NewRef((PyObject *)self);
  return 0;
}

static void matrix_releasebuffer(Matrix *self, Py_buffer *view) {
  (void)view;
  self->exports--; /* PyBuffer_Release() takes care of view->obj. */
}

static PyMethodDef matrix_methods[] = {
    {"resize", (PyCFunction)matrix_resize, METH_VARARGS, "Make it another size, all zeros."},
    {NULL, NULL, 0, NULL}};

static PyType_Slot matrix_slots[] = {{Py_tp_new, matrix_new},
                                     {Py_tp_dealloc, matrix_dealloc},
                                     {Py_tp_methods, matrix_methods},
                                     {Py_bf_getbuffer, matrix_getbuffer},
                                     {Py_bf_releasebuffer, matrix_releasebuffer},
                                     {0, NULL}};

static PyType_Spec matrix_spec = {.name = "matrix_in_c.Matrix",
                                  .basicsize = sizeof(Matrix),
                                  .flags = Py_TPFLAGS_DEFAULT,
                                  .slots = matrix_slots};

static int module_exec(PyObject *module) {
  PyObject *type = PyType_FromModuleAndSpec(module, &matrix_spec, NULL);
  if (type == NULL)
    return -1;
  int status = PyModule_AddType(module, (PyTypeObject *)type);
  Py_DECREF(type);
  return status;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT, .m_name = "matrix_in_c", .m_size = 0, .m_slots = module_slots};

PyMODINIT_FUNC PyInit_matrix_in_c(void) { return PyModuleDef_Init(&module); }
