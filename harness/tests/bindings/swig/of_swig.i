/* What users of SWIG inherit: pybuffer.i for parameters, and the slot bf_getbuffer by a feature for an exporter. */
%module of_swig
%include "pybuffer.i"

%{
#include <cstddef>

class Samples {
 public:
  int items[4] = {1, 2, 3, 4};
};

static int samples_get_buffer(PyObject *self, Py_buffer *view, int flags);

static unsigned long total(const unsigned char *data, std::size_t length) {
  unsigned long found = 0;
  for (std::size_t i = 0; i < length; ++i) found += data[i];
  return found;
}

static void fill(unsigned char *data, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) data[i] = static_cast<unsigned char>(i % 251);
}
%}

%pybuffer_binary(const unsigned char *data, std::size_t length);
unsigned long total(const unsigned char *data, std::size_t length);
%pybuffer_mutable_binary(unsigned char *data, std::size_t length);
void fill(unsigned char *data, std::size_t length);

%feature("python:bf_getbuffer", functype="getbufferproc") Samples "samples_get_buffer"
class Samples {
 public:
  Samples();
};

%{
static int samples_get_buffer(PyObject *self, Py_buffer *view, int flags) {
  void *found = nullptr;
  view->obj = nullptr;
  if (!SWIG_IsOK(SWIG_ConvertPtr(self, &found, SWIGTYPE_p_Samples, 0))) {
    PyErr_SetString(PyExc_BufferError, "these are no samples");
    return -1;
  }
  return PyBuffer_FillInfo(view, self, static_cast<Samples *>(found)->items, sizeof(Samples::items), 0, flags);
}
%}
