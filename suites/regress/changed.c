/* Changed(habit) exports 12 bytes, and grows while views are held: the block that they show is kept for them.  grow() makes the
   memory larger, fold() makes a matrix of it, which it refuses while a view is held, and close() ends it.  Habits:
     "right"        old blocks are kept until no view is held any more
     "current"      a release frees the block that is shown now, not the one that its view shows
     "first"        old blocks go with the first release, whichever view that is
     "closed"       once it is closed the memory goes with the first release
     "flips"        once it has grown, a second view has another readonly than the first
     "shares"       there is room for the shapes of 16 views: those after them share the last one, which a release clears
     "stale order"  what was in Fortran order with one dimension is taken to be so with two
     "busy"         every seventh request is refused, whatever it asks for
     "uncounted"    a view that was asked for with C_CONTIGUOUS | FORMAT is not counted: grow() frees its block
     "anew"         __init__() once more frees the memory of views that are held; the others refuse that                     */
#include <Python.h>

enum { room = 16, most_kept = 32, length = 12 };

typedef struct {
  PyObject_HEAD const char *habit;
  char *block, *kept[most_kept];
  int exports, kept_count, has_grown, is_closed, ndim, asked, is_used[room];
  Py_ssize_t size, shapes[room][2], strides[2];
} Changed;

static int does(Changed *self, const char *habit) { return strcmp(self->habit, habit) == 0; }
static int asks(int flags, int flag) { return (flags & flag) == flag; }

static int refuse(Py_buffer *view, PyObject *error, const char *reason) {
  view->obj = NULL;
  PyErr_SetString(error, reason);
  return -1;
}

static int get_buffer(Changed *self, Py_buffer *view, int flags) {
  if (self->is_closed) return refuse(view, PyExc_ValueError, "closed");
  if (does(self, "busy") && ++self->asked % 7 == 0) return refuse(view, PyExc_BufferError, "busy");
  if (asks(flags, PyBUF_F_CONTIGUOUS) && self->ndim == 2 && !does(self, "stale order"))
    return refuse(view, PyExc_BufferError, "rows lie one after another");
  int place = 0;
  while (place < room - 1 && self->is_used[place]) ++place;
  if (place == room - 1 && self->is_used[place] && !does(self, "shares"))
    return refuse(view, PyExc_BufferError, "too many views");
  self->is_used[place] = 1;
  Py_ssize_t *shape = self->shapes[place];
  shape[0] = self->ndim == 2 ? self->size / 2 : self->size;
  shape[1] = 2;
  self->strides[0] = self->ndim;
  self->strides[1] = 1;
  view->buf = self->block;
  view->len = self->size;
  view->itemsize = 1;
  view->readonly = 0;
  if (does(self, "flips") && self->has_grown && self->exports > 0 && !asks(flags, PyBUF_WRITABLE)) view->readonly = 1;
  view->ndim = self->ndim;
  view->format = asks(flags, PyBUF_FORMAT) ? "B" : NULL;
  view->shape = asks(flags, PyBUF_ND) ? shape : NULL;
  view->strides = asks(flags, PyBUF_STRIDES) ? self->strides : NULL;
  view->suboffsets = NULL;
  view->internal = &self->is_used[place];
  view->obj = Py_NewRef(self);
  if (does(self, "uncounted") && flags == (PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)) {
    self->is_used[place] = 0;
    view->internal = NULL;
    return 0;
  }
  ++self->exports;
  return 0;
}

static void release_buffer(Changed *self, Py_buffer *view) {
  int *is_used = view->internal;
  if (is_used == NULL) return;
  --self->exports;
  *is_used = 0;
  if (does(self, "shares") && is_used == &self->is_used[room - 1]) self->shapes[room - 1][0] = 0;
  if (does(self, "current") && self->kept_count > 0) {
    free(self->block);
    self->block = self->kept[--self->kept_count];
  }
  if (does(self, "closed") && self->is_closed) {
    free(self->block);
    self->block = NULL;
  }
  if (self->exports > 0 && !does(self, "first")) return;
  while (self->kept_count > 0) free(self->kept[--self->kept_count]);
}

static PyObject *grow(Changed *self, PyObject *none) {
  if (self->is_closed || self->kept_count == most_kept || self->size > 4096) {
    PyErr_SetString(PyExc_ValueError, "it does not grow any more");
    return NULL;
  }
  char *made = calloc(2, self->size);
  memcpy(made, self->block, self->size);
  if (self->exports > 0)
    self->kept[self->kept_count++] = self->block;
  else
    free(self->block);
  self->block = made;
  self->size *= 2;
  self->has_grown = 1;
  Py_RETURN_NONE;
}

static PyObject *fold(Changed *self, PyObject *none) {
  if (self->exports > 0) {
    PyErr_SetString(PyExc_BufferError, "exported");
    return NULL;
  }
  self->ndim = 2;
  Py_RETURN_NONE;
}

static PyObject *close_it(Changed *self, PyObject *none) {
  self->is_closed = 1;
  Py_RETURN_NONE;
}

static int init(Changed *self, PyObject *arguments, PyObject *keywords) {
  const int is_again = self->block != NULL;
  if (is_again && self->exports > 0 && !does(self, "anew")) {
    PyErr_SetString(PyExc_BufferError, "exported");
    return -1;
  }
  if (!PyArg_ParseTuple(arguments, is_again ? "|s" : "s", &self->habit)) return -1;
  free(self->block);
  self->size = length;
  self->ndim = 1;
  self->block = malloc(length);
  for (int i = 0; i < length; ++i) self->block[i] = (char)(i + 1);
  return 0;
}

static void deallocate(Changed *self) {
  while (self->kept_count > 0) free(self->kept[--self->kept_count]);
  free(self->block);
  Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef methods[] = {{"grow", (PyCFunction)grow, METH_NOARGS, "Twice as many bytes, in another block."},
                                {"fold", (PyCFunction)fold, METH_NOARGS, "The same bytes in two columns."},
                                {"close", (PyCFunction)close_it, METH_NOARGS, "No more views."},
                                {NULL}};
static PyBufferProcs buffer = {(getbufferproc)get_buffer, (releasebufferproc)release_buffer};
static PyTypeObject type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "changed.Changed",
                            .tp_basicsize = sizeof(Changed),
                            .tp_flags = Py_TPFLAGS_DEFAULT,
                            .tp_new = PyType_GenericNew,
                            .tp_init = (initproc)init,
                            .tp_dealloc = (destructor)deallocate,
                            .tp_methods = methods,
                            .tp_as_buffer = &buffer};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "changed", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_changed(void) {
  PyObject *made = PyModule_Create(&module);
  if (made == NULL || PyType_Ready(&type) < 0) return NULL;
  PyModule_AddObjectRef(made, "Changed", (PyObject *)&type);
  return made;
}
