/* Memory(allocator, size, habit="") exports `size` bytes that come from one of several allocators.

   Its methods do what no exporter may do while a view is held: grow() moves the memory and frees the old block, renew()
   frees it and takes another of the same size, shrink() gives up the second half where it lies.  Habits:
     "keeps"     the old block is freed when no view is held any more: then all three are right
     "stale"     each request shows memory that has just been freed
     "unowned"   a view keeps another object alive, not this one
     "inside"    the memory lies in the middle of a larger block
     "looked up" free() is found by its name at run time, as ctypes finds it
     "later"     grow() is only noted, and done by the next request
   A habit may be several of these, one after the other.                                                                */
#define PY_SSIZE_T_CLEAN
#define _GNU_SOURCE
#include <Python.h>
#include <dlfcn.h>
#include <sys/mman.h>

enum { most_kept = 64, room_before = 4096 };

typedef struct {
  PyObject_HEAD char *block;
  Py_ssize_t size;
  const char *allocator;
  const char *habit;
  long views;
  char *kept[most_kept];
  Py_ssize_t kept_sizes[most_kept];
  int kept_count;
  int grows_later;
} Memory;

static int is(const char *text, const char *other) { return strcmp(text, other) == 0; }
static int does(Memory *self, const char *habit) { return strstr(self->habit, habit) != NULL; }
static Py_ssize_t before(Memory *self) { return does(self, "inside") ? room_before : 0; }

static void *allocate(Memory *self, Py_ssize_t size) {
  size += before(self);
  if (is(self->allocator, "mmap")) {
    void *made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return made == MAP_FAILED ? NULL : made;
  }
  if (is(self->allocator, "PyMem")) return PyMem_Malloc(size);
  if (is(self->allocator, "PyMem_Raw")) return PyMem_RawMalloc(size);
  if (is(self->allocator, "PyObject")) return PyObject_Malloc(size);
  return malloc(size);
}

static void give_up(Memory *self, void *block, Py_ssize_t size) {
  if (is(self->allocator, "mmap")) {
    munmap(block, size + before(self));
  } else if (is(self->allocator, "PyMem")) {
    PyMem_Free(block);
  } else if (is(self->allocator, "PyMem_Raw")) {
    PyMem_RawFree(block);
  } else if (is(self->allocator, "PyObject")) {
    PyObject_Free(block);
  } else if (does(self, "looked up")) {
    ((void (*)(void *))dlsym(dlopen("libc.so.6", RTLD_LAZY), "free"))(block);
  } else {
    free(block);
  }
}

static void retire(Memory *self, void *block, Py_ssize_t size) {
  if (does(self, "keeps") && self->views > 0 && self->kept_count < most_kept) {
    self->kept[self->kept_count] = block;
    self->kept_sizes[self->kept_count++] = size;
  } else {
    give_up(self, block, size);
  }
}

static int init(Memory *self, PyObject *arguments, PyObject *keywords) {
  (void)keywords;
  self->habit = "";
  if (!PyArg_ParseTuple(arguments, "sn|s", &self->allocator, &self->size, &self->habit)) return -1;
  self->block = allocate(self, self->size);
  if (self->block == NULL) return PyErr_NoMemory(), -1;
  memset(self->block, 7, self->size + before(self));
  return 0;
}

static void deallocate(Memory *self) {
  if (self->block != NULL) give_up(self, self->block, self->size);
  Py_TYPE(self)->tp_free((PyObject *)self);
}

static void grow_now(Memory *self) {
  char *old = self->block;
  char *made = allocate(self, 2 * self->size);
  memset(made, 8, 2 * self->size + before(self));
  memcpy(made, old, self->size + before(self));
  retire(self, old, self->size);
  self->block = made;
  self->size *= 2;
}

static int get_buffer(Memory *self, Py_buffer *view, int flags) {
  if (self->grows_later) grow_now(self);
  self->grows_later = 0;
  PyObject *owner = (PyObject *)self;
  if (does(self, "unowned")) owner = Py_None;
  if (does(self, "stale")) {
    char *lost = allocate(self, self->size);
    give_up(self, lost, self->size);
    return PyBuffer_FillInfo(view, owner, lost, self->size, 1, flags);
  }
  int status = PyBuffer_FillInfo(view, owner, self->block + before(self), self->size, 0, flags);
  if (status == 0) ++self->views;
  return status;
}

static void release_buffer(Memory *self, Py_buffer *view) {
  (void)view;
  if (--self->views > 0) return;
  while (self->kept_count > 0) {
    --self->kept_count;
    give_up(self, self->kept[self->kept_count], self->kept_sizes[self->kept_count]);
  }
}

static PyObject *grow(Memory *self, PyObject *none) {
  (void)none;
  if (does(self, "later"))
    self->grows_later = 1;
  else
    grow_now(self);
  Py_RETURN_NONE;
}

static PyObject *renew(Memory *self, PyObject *none) {
  (void)none;
  retire(self, self->block, self->size);
  self->block = allocate(self, self->size);
  memset(self->block, 9, self->size + before(self));
  Py_RETURN_NONE;
}

/* As realloc() does: of mapped memory the pages are unmapped. */
static PyObject *shrink(Memory *self, PyObject *none) {
  (void)none;
  Py_ssize_t half = self->size / 2;
  if (does(self, "keeps")) Py_RETURN_NONE;
  if (is(self->allocator, "mmap")) {
    Py_ssize_t page = 4096, kept = (half + page - 1) / page * page, all = (self->size + page - 1) / page * page;
    if (kept < all) munmap(self->block + kept, all - kept);
  } else {
    self->block = realloc(self->block, half);
  }
  self->size = half;
  Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"grow", (PyCFunction)grow, METH_NOARGS, "Move to a larger block."},
                                {"renew", (PyCFunction)renew, METH_NOARGS, "Another block of the same size."},
                                {"shrink", (PyCFunction)shrink, METH_NOARGS, "Give up the second half."},
                                {NULL, NULL, 0, NULL}};
static PyBufferProcs buffer = {(getbufferproc)get_buffer, (releasebufferproc)release_buffer};
static PyTypeObject type = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "memory_of_any_allocator.Memory",
                            .tp_basicsize = sizeof(Memory),
                            .tp_flags = Py_TPFLAGS_DEFAULT,
                            .tp_new = PyType_GenericNew,
                            .tp_init = (initproc)init,
                            .tp_dealloc = (destructor)deallocate,
                            .tp_methods = methods,
                            .tp_as_buffer = &buffer};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "memory_of_any_allocator", NULL, -1, NULL, NULL, NULL, NULL,
                                    NULL};

PyMODINIT_FUNC PyInit_memory_of_any_allocator(void) {
  PyObject *made = PyModule_Create(&module);
  if (made == NULL || PyType_Ready(&type) < 0) return NULL;
  PyModule_AddObjectRef(made, "Memory", (PyObject *)&type);
  return made;
}
