/* Stateful(habit) exports 24 bytes, in two dimensions: 4 rows of 6.  What its operations make of it, and its own tobytes(), differ
   by habit.
   These conform:
     "turned"       turn() swaps the dimensions by the strides; tobytes() gives the memory as it lies
     "ring"         push() writes over the oldest byte; tobytes() begins with the oldest that there is
     "room"         push() needs another byte, and makes room for twice as many, which the buffer shows; tobytes() gives what is used
   These do not:
     "frozen"       freeze() makes the memory unwritable, under views that say they may write
     "collected"    grow() leaves the memory of older views to a cycle of references, with which it goes
     "turns"        turn() swaps the dimensions of views to come; their arrays are in eight places that are taken in turn
     "locked"       a release that finds an exception set forgets to count: grow() is refused for ever                          */
#define _GNU_SOURCE
#include <Python.h>
#include <sys/mman.h>

enum { most = 1024, few = 8, length = 24, rows = 4, columns = 6, page = 4096 };

typedef struct {
  PyObject_HEAD const char *habit;
  char *block;
  Py_ssize_t size, used, first, shape[2], strides[2], turns[few][4];
  int ndim, exports, turn;
} Stateful;

static int does(Stateful *self, const char *habit) { return strcmp(self->habit, habit) == 0; }
static int asks(int flags, int flag) { return (flags & flag) == flag; }

static int refuse(Py_buffer *view, const char *reason) {
  view->obj = NULL;
  PyErr_SetString(PyExc_BufferError, reason);
  return -1;
}

static int get_buffer(Stateful *self, Py_buffer *view, int flags) {
  const int is_c = self->ndim < 2 || self->strides[1] == 1;
  if (!is_c && (!asks(flags, PyBUF_STRIDES) || asks(flags, PyBUF_C_CONTIGUOUS))) return refuse(view, "not in C order");
  if (is_c && self->ndim == 2 && asks(flags, PyBUF_F_CONTIGUOUS)) return refuse(view, "not in Fortran order");
  const int is_own = !does(self, "turns");
  Py_ssize_t *arrays = is_own ? PyMem_Malloc(4 * sizeof *arrays) : self->turns[self->turn++ % few];
  memcpy(arrays, self->shape, sizeof self->shape);
  memcpy(arrays + 2, self->strides, sizeof self->strides);
  view->buf = self->block;
  view->len = self->size;
  view->itemsize = 1;
  view->readonly = 0;
  view->ndim = self->ndim;
  view->format = asks(flags, PyBUF_FORMAT) ? "B" : NULL;
  view->shape = asks(flags, PyBUF_ND) ? arrays : NULL;
  view->strides = asks(flags, PyBUF_STRIDES) ? arrays + 2 : NULL;
  view->suboffsets = NULL;
  view->internal = is_own ? arrays : NULL;
  view->obj = Py_NewRef(self);
  ++self->exports;
  return 0;
}

static void release_buffer(Stateful *self, Py_buffer *view) {
  PyMem_Free(view->internal);
  if (does(self, "locked") && PyErr_Occurred() != NULL) return;
  --self->exports;
}

static PyObject *turn(Stateful *self, PyObject *none) {
  for (int each = 0; each < 2; ++each) {
    Py_ssize_t *pair = each == 0 ? self->shape : self->strides, kept = pair[0];
    pair[0] = pair[1];
    pair[1] = kept;
  }
  Py_RETURN_NONE;
}

static PyObject *push(Stateful *self, PyObject *none) {
  if (does(self, "ring")) {
    self->block[self->first++ % self->size] = 'x';
    Py_RETURN_NONE;
  }
  if (self->exports > 0 || self->size > most) {
    PyErr_SetString(PyExc_BufferError, "exported, or full");
    return NULL;
  }
  if (self->used == self->size) {
    self->block = realloc(self->block, 2 * self->size);
    memset(self->block + self->size, 0, self->size);
    self->shape[0] = self->size *= 2;
  }
  self->block[self->used++] = 'x';
  Py_RETURN_NONE;
}

static PyObject *freeze(Stateful *self, PyObject *none) {
  if (mprotect(self->block, page, PROT_READ) != 0) return PyErr_SetFromErrno(PyExc_OSError);
  Py_RETURN_NONE;
}

static void forget(PyObject *capsule) { free(PyCapsule_GetPointer(capsule, NULL)); }

static PyObject *grow(Stateful *self, PyObject *none) {
  if (does(self, "locked") && self->exports > 0) {
    PyErr_SetString(PyExc_BufferError, "exported");
    return NULL;
  }
  if (self->size > most) Py_RETURN_NONE;
  char *made = calloc(2, self->size);
  memcpy(made, self->block, self->size);
  PyObject *cycle = PyList_New(0), *old = PyCapsule_New(self->block, NULL, forget);
  PyList_Append(cycle, cycle);
  PyList_Append(cycle, old);
  Py_DECREF(old);
  Py_DECREF(cycle);
  self->block = made;
  self->shape[0] = self->used = self->size *= 2;
  Py_RETURN_NONE;
}

static PyObject *to_bytes(Stateful *self, PyObject *none) {
  if (!does(self, "ring")) return PyBytes_FromStringAndSize(self->block, self->used);
  PyObject *made = PyBytes_FromStringAndSize(NULL, self->size);
  for (Py_ssize_t k = 0; k < self->size; ++k)
    PyBytes_AsString(made)[k] = self->block[(self->first + k) % self->size];
  return made;
}

static int init(Stateful *self, PyObject *arguments, PyObject *keywords) {
  if (self->block != NULL) {
    PyErr_SetString(PyExc_RuntimeError, "begun already");
    return -1;
  }
  if (!PyArg_ParseTuple(arguments, "s", &self->habit)) return -1;
  const int is_matrix = self->habit[0] == 't';
  self->size = self->used = length;
  self->ndim = is_matrix ? 2 : 1;
  self->shape[0] = is_matrix ? rows : length;
  self->shape[1] = columns;
  self->strides[0] = is_matrix ? columns : 1;
  self->strides[1] = 1;
  self->block = does(self, "frozen") ? mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : malloc(length);
  for (int i = 0; i < length; ++i) self->block[i] = (char)(i + 1);
  return 0;
}

static void deallocate(Stateful *self) {
  if (self->block != NULL && does(self, "frozen"))
    munmap(self->block, page);
  else
    free(self->block);
  Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef methods[] = {{"turn", (PyCFunction)turn, METH_NOARGS, "The same elements, the dimensions swapped."},
                                {"push", (PyCFunction)push, METH_NOARGS, "One byte more, or in place of another."},
                                {"freeze", (PyCFunction)freeze, METH_NOARGS, "No more writing."},
                                {"grow", (PyCFunction)grow, METH_NOARGS, "Twice as many bytes, in another block."},
                                {"tobytes", (PyCFunction)to_bytes, METH_NOARGS, "What it holds, in an order of its own."},
                                {NULL}};
static PyBufferProcs buffer = {(getbufferproc)get_buffer, (releasebufferproc)release_buffer};
static PyTypeObject type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "stateful.Stateful",
                            .tp_basicsize = sizeof(Stateful),
                            .tp_flags = Py_TPFLAGS_DEFAULT,
                            .tp_new = PyType_GenericNew,
                            .tp_init = (initproc)init,
                            .tp_dealloc = (destructor)deallocate,
                            .tp_methods = methods,
                            .tp_as_buffer = &buffer};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "stateful", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_stateful(void) {
  PyObject *made = PyModule_Create(&module);
  if (made == NULL || PyType_Ready(&type) < 0) return NULL;
  PyModule_AddObjectRef(made, "Stateful", (PyObject *)&type);
  return made;
}
