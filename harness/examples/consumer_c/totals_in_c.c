/* Consumers in C: the sum of bytes, and the sum of doubles however they lie in memory. */
#include <Python.h>
#include <string.h>

/* SIMPLE: `len` bytes in a row from `buf` on, whatever they mean; nothing else may be looked at. */
static PyObject *sum_of_bytes(PyObject *module, PyObject *exported) {
  (void)module;
  Py_buffer view;
  if (PyObject_GetBuffer(exported, &view, PyBUF_SIMPLE) < 0)
    return NULL; /* the exception is the exporter's */
  const unsigned char *bytes = view.buf;
  unsigned long long sum = 0;
  for (Py_ssize_t i = 0; i < view.len; i++)
    sum += bytes[i];
  PyBuffer_Release(&view); /* once, and nothing is read after it */
  return PyLong_FromUnsignedLongLong(sum);
}

/* The elements of one dimension after the other, in the order of their indices; strides may be negative or 0. */
static double sum_from(const Py_buffer *view, int dimension, const char *at) {
  if (dimension == view->ndim) {
    double item;
    memcpy(&item, at, sizeof item); /* an element need not be aligned */
    return item;
  }
  double sum = 0.0;
  for (Py_ssize_t i = 0; i < view->shape[dimension]; i++)
    sum += sum_from(view, dimension + 1, at + i * view->strides[dimension]);
  return sum;
}

static PyObject *sum_of_doubles(PyObject *module, PyObject *exported) {
  (void)module;
  Py_buffer view;
  /* Strides and format, as both are looked at; without WRITABLE, as nothing is written. */
  if (PyObject_GetBuffer(exported, &view, PyBUF_RECORDS_RO) < 0)
    return NULL;
  PyObject *result = NULL;
  if (view.format == NULL || strcmp(view.format, "d") != 0 || view.itemsize != sizeof(double))
    PyErr_SetString(PyExc_TypeError, "only memory of format \"d\" can be summed");
  else
    result = PyFloat_FromDouble(sum_from(&view, 0, view.buf));
  PyBuffer_Release(&view); /* on every path */
  return result;
}

static PyMethodDef methods[] = {{"sum_of_bytes", sum_of_bytes, METH_O, "The sum of all bytes."},
                                {"sum_of_doubles", sum_of_doubles, METH_O, "The sum of all elements."},
                                {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static PyModuleDef module = {PyModuleDef_HEAD_INIT,
                             .m_name = "totals_in_c",
                             .m_size = 0,
                             .m_methods = methods,
                             .m_slots = slots};

PyMODINIT_FUNC PyInit_totals_in_c(void) { return PyModuleDef_Init(&module); }
