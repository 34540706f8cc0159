// Fortran memory whose slot hands out copies in C order: right, writable, in the wrong order, or none but other strides.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

enum { RIGHT, WRITABLE_COPY, WRONG_ORDER, SAME_BLOCK, FOR_BYTES_TOO };

typedef struct {
  PyObject_HEAD int kind;
  Py_ssize_t itemsize, shape[2], fortran[2], c_order[2];
  char* values;
} Matrix;

static int refuse(Py_buffer* view) {
  view->obj = NULL;
  PyErr_SetString(PyExc_BufferError, "not in this order");
  return -1;
}

static char* copied(Matrix* self) {
  const Py_ssize_t rows = self->shape[0], columns = self->shape[1];
  char* made = malloc(self->itemsize * rows * columns);
  for (Py_ssize_t i = 0; i < rows; ++i)
    for (Py_ssize_t j = 0; j < columns; ++j) {
      const Py_ssize_t from = self->kind == WRONG_ORDER ? i * columns + j : j * rows + i;
      memcpy(made + (i * columns + j) * self->itemsize, self->values + from * self->itemsize, self->itemsize);
    }
  return made;
}

static int asks(int flags, int flag) { return (flags & flag) == flag; }

static int matrix_getbuffer(Matrix* self, Py_buffer* view, int flags) {
  const int wants_c = asks(flags, PyBUF_C_CONTIGUOUS), wants_bytes = !asks(flags, PyBUF_STRIDES);
  const int copies = wants_c || (wants_bytes && self->kind == FOR_BYTES_TOO);
  if (wants_bytes && !copies) return refuse(view);
  if (copies && (asks(flags, PyBUF_F_CONTIGUOUS) || (asks(flags, PyBUF_WRITABLE) && self->kind != WRITABLE_COPY)))
    return refuse(view);
  view->internal = copies && self->kind != SAME_BLOCK ? copied(self) : NULL;
  view->buf = view->internal ? view->internal : self->values;
  view->itemsize = self->itemsize;
  view->len = view->itemsize * self->shape[0] * self->shape[1];
  view->readonly = view->internal != NULL && self->kind != WRITABLE_COPY;
  view->ndim = asks(flags, PyBUF_ND) ? 2 : 1;
  view->format = !asks(flags, PyBUF_FORMAT) ? NULL : self->itemsize == 2 ? "h" : "i";
  view->shape = asks(flags, PyBUF_ND) ? self->shape : NULL;
  view->strides = wants_bytes ? NULL : copies ? self->c_order : self->fortran;
  view->suboffsets = NULL;
  view->obj = Py_NewRef(self);
  return 0;
}

static void matrix_releasebuffer(PyObject* self, Py_buffer* view) { free(view->internal); }

static void matrix_dealloc(Matrix* self) {
  free(self->values);
  Py_TYPE(self)->tp_free(self);
}

static PyBufferProcs matrix_buffer = {(getbufferproc)matrix_getbuffer, matrix_releasebuffer};
static PyTypeObject Matrix_Type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "copies.Matrix",
                                   .tp_basicsize = sizeof(Matrix), .tp_flags = Py_TPFLAGS_DEFAULT,
                                   .tp_dealloc = (destructor)matrix_dealloc, .tp_as_buffer = &matrix_buffer};

static PyObject* matrix(PyObject* module, PyObject* args) {
  int kind;
  Py_ssize_t rows, columns, given = 0;
  const char* values = NULL;  // as they lie in Fortran order
  if (!PyArg_ParseTuple(args, "inn|y#", &kind, &rows, &columns, &values, &given)) return NULL;
  Matrix* self = (Matrix*)Matrix_Type.tp_alloc(&Matrix_Type, 0);
  if (self == NULL) return NULL;
  self->kind = kind;
  self->shape[0] = rows, self->shape[1] = columns;
  self->itemsize = values ? given / (rows * columns) : 2;
  const Py_ssize_t size = self->itemsize;
  self->fortran[0] = size, self->fortran[1] = size * rows;
  self->c_order[0] = size * columns, self->c_order[1] = size;
  self->values = malloc(size * rows * columns);
  for (Py_ssize_t i = 0; !values && i < rows * columns; ++i) ((int16_t*)self->values)[i] = (int16_t)(i * 7 + 1);
  if (values) memcpy(self->values, values, given);
  return (PyObject*)self;
}

static PyMethodDef functions[] = {{"matrix", matrix, METH_VARARGS, NULL}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "copies", NULL, -1, functions};

PyMODINIT_FUNC PyInit_copies(void) { return PyType_Ready(&Matrix_Type) < 0 ? NULL : PyModule_Create(&module); }
