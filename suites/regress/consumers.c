// Consumers of each kind as C makes them, right ones and wrong ones.  Used by the consumer_*.py of this folder.
#include <Python.h>

static PyObject *released(Py_buffer *view, PyObject *result) {
  PyBuffer_Release(view);
  return result;
}

// A copy of structures `hq`: each member, and nothing of the six bytes between them; `loses` changes the last member.
static PyObject *copy_of_members(PyObject *exported, int loses) {
  Py_buffer view;
  if (PyObject_GetBuffer(exported, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) return NULL;
  PyObject *copy = PyBytes_FromStringAndSize(view.buf, view.len);
  if (copy == NULL || view.format == NULL || strcmp(view.format, "hq") != 0) return released(&view, copy);
  char *to = PyBytes_AS_STRING(copy);
  for (Py_ssize_t at = 0; at + 16 <= view.len; at += 16) memset(to + at + 2, 0x6b, 6);
  if (loses && view.len) to[view.len - 1] ^= 1;
  return released(&view, copy);
}

static PyObject *members(PyObject *module, PyObject *exported) { return copy_of_members(exported, 0); }
static PyObject *members_lost(PyObject *module, PyObject *exported) { return copy_of_members(exported, 1); }

static PyObject *number_of_items(PyObject *module, PyObject *exported) {
  Py_buffer view;
  if (PyObject_GetBuffer(exported, &view, PyBUF_FULL_RO) < 0) return NULL;
  return released(&view, PyLong_FromSsize_t(view.itemsize ? view.len / view.itemsize : 0));
}

// The same from the shape, which a request without ND leaves out.
static PyObject *product_of_shape(PyObject *module, PyObject *exported) {
  Py_buffer view;
  if (PyObject_GetBuffer(exported, &view, PyBUF_STRIDED_RO) < 0) return NULL;
  Py_ssize_t product = 1;
  for (int i = 0; i < view.ndim; ++i) product *= view.shape[i];
  return released(&view, PyLong_FromSsize_t(product));
}

static PyObject *number_of_bytes(PyObject *module, PyObject *exported) {
  Py_buffer view;
  if (PyObject_GetBuffer(exported, &view, PyBUF_FULL_RO) < 0) return NULL;
  return released(&view, PyLong_FromSsize_t(view.len));
}

static PyObject *two_arguments(PyObject *module, PyObject *args) {
  Py_buffer view;
  int level;
  if (!PyArg_ParseTuple(args, "y*i", &view, &level)) return NULL;
  return released(&view, PyLong_FromLong(level));
}

static PyObject *import_error(PyObject *module, PyObject *exported) {
  return PyImport_ImportModule("a_module_that_is_nowhere");
}

static PyObject *of_strings(PyObject *module, PyObject *args) {
  const char *text;
  if (!PyArg_ParseTuple(args, "s", &text)) return NULL;
  return PyUnicode_FromString(text);
}

// A checksum of bytes in one dimension, which follows the stride or walks from the first address on.
static PyObject *sum(PyObject *exported, int follows) {
  Py_buffer view;
  if (PyObject_GetBuffer(exported, &view, PyBUF_STRIDED_RO) < 0) return NULL;
  if (view.ndim != 1 || view.itemsize != 1) {
    PyErr_SetString(PyExc_BufferError, "one dimension of bytes is needed");
    return released(&view, NULL);
  }
  const unsigned char *at = view.buf;
  unsigned long total = 0;
  for (Py_ssize_t i = 0; i < view.shape[0]; ++i, at += follows ? view.strides[0] : 1) total = (31 * total + *at) % 1000003;
  return released(&view, PyLong_FromUnsignedLong(total));
}

static PyObject *sum_along_strides(PyObject *module, PyObject *exported) { return sum(exported, 1); }
static PyObject *sum_of_a_row(PyObject *module, PyObject *exported) { return sum(exported, 0); }

// Both read on past the memory until a byte tells them to stop.
static PyObject *length_of_text(PyObject *module, PyObject *exported) {
  Py_buffer view;
  if (PyObject_GetBuffer(exported, &view, PyBUF_SIMPLE) < 0) return NULL;
  return released(&view, PyLong_FromSize_t(view.len ? strlen(view.buf) : 0));
}

static PyObject *number_in_text(PyObject *module, PyObject *exported) {
  Py_buffer view;
  if (PyObject_GetBuffer(exported, &view, PyBUF_SIMPLE) < 0) return NULL;
  return released(&view, PyLong_FromUnsignedLong(view.len ? strtoul(view.buf, NULL, 10) : 0));
}

static PyMethodDef methods[] = {{"members", members, METH_O, NULL},
                                {"members_lost", members_lost, METH_O, NULL},
                                {"number_of_items", number_of_items, METH_O, NULL},
                                {"product_of_shape", product_of_shape, METH_O, NULL},
                                {"number_of_bytes", number_of_bytes, METH_O, NULL},
                                {"two_arguments", two_arguments, METH_VARARGS, NULL},
                                {"import_error", import_error, METH_O, NULL},
                                {"of_strings", of_strings, METH_VARARGS, NULL},
                                {"sum_along_strides", sum_along_strides, METH_O, NULL},
                                {"sum_of_a_row", sum_of_a_row, METH_O, NULL},
                                {"length_of_text", length_of_text, METH_O, NULL},
                                {"number_in_text", number_in_text, METH_O, NULL},
                                {NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "consumers", NULL, -1, methods};
PyMODINIT_FUNC PyInit_consumers(void) { return PyModule_Create(&definition); }
