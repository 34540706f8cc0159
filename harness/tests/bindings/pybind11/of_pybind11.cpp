// What users of pybind11 inherit: def_buffer() as an exporter, py::buffer and py::array_t as parameters.
#include <pybind11/pybind11.h>

#include <cstddef>
#include <vector>

namespace py = pybind11;

namespace {

struct Matrix {
  std::vector<double> items{0, 1, 2, 3, 4, 5};
};

py::buffer_info as_rows(Matrix& matrix) {
  return {matrix.items.data(),
          sizeof(double),
          py::format_descriptor<double>::format(),
          2,
          {std::size_t{2}, std::size_t{3}},
          {3 * sizeof(double), sizeof(double)}};
}

struct Samples {
  int items[4] = {1, 2, 3, 4};
};

unsigned long total(const py::buffer& given) {
  const py::buffer_info info = given.request();
  unsigned long found = 0;
  if (info.ndim != 1 || info.itemsize != 1) throw py::type_error("bytes in one dimension");
  for (py::ssize_t i = 0; i < info.shape[0]; ++i)
    found += static_cast<const unsigned char*>(info.ptr)[i * info.strides[0]];
  return found;
}

void fill(const py::buffer& given) {
  const py::buffer_info info = given.request(true);
  if (info.ndim != 1 || info.itemsize != 1) throw py::type_error("bytes in one dimension");
  for (py::ssize_t i = 0; i < info.shape[0]; ++i)
    static_cast<unsigned char*>(info.ptr)[i * info.strides[0]] = static_cast<unsigned char>(i % 251);
}

}  // namespace

PYBIND11_MODULE(of_pybind11, module) {
  py::class_<Matrix>(module, "Matrix", py::buffer_protocol()).def(py::init<>()).def_buffer(as_rows);
  py::class_<Samples>(module, "Samples", py::buffer_protocol()).def(py::init<>()).def_buffer([](const Samples& one) {
    return py::buffer_info(one.items, 4, true);
  });
  module.def("total", total);
  module.def("fill", fill);
  module.def("memory_of", [](const py::bytes& bytes) {
    return py::memoryview::from_memory(PyBytes_AsString(bytes.ptr()), PyBytes_Size(bytes.ptr()));
  });
}
