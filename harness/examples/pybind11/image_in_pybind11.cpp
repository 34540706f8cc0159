// An image of rows that are padded to 16 bytes: pybind11 fills in the Py_buffer from the strides.
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace py = pybind11;

namespace {

class Image {
 public:
  Image(py::ssize_t rows, py::ssize_t columns) : rows_(rows), columns_(columns) {
    if (rows < 1 || columns < 1 || columns > (1 << 20) || rows > (1 << 20))
      throw std::invalid_argument("an image has at least one row and one column, and at most 2**20");
    pixels_.resize(static_cast<std::size_t>(rows * pitch()));
    for (py::ssize_t row = 0; row < rows; ++row)
      for (py::ssize_t column = 0; column < columns; ++column)
        pixels_[static_cast<std::size_t>(row * pitch() + column)] = static_cast<std::uint8_t>(row * columns + column);
  }

  // pybind11 tells nobody when a view is released, so what is exported never moves: there is no resize().
  py::buffer_info buffer() { return {pixels_.data(), 1, "B", 2, {rows_, columns_}, {pitch(), py::ssize_t{1}}}; }

 private:
  [[nodiscard]] py::ssize_t pitch() const { return (columns_ + 15) / 16 * 16; }

  py::ssize_t rows_;
  py::ssize_t columns_;
  std::vector<std::uint8_t> pixels_;
};

} // namespace

PYBIND11_MODULE(image_in_pybind11, module) {
  py::class_<Image>(module, "Image", py::buffer_protocol())
      .def(py::init<py::ssize_t, py::ssize_t>(), py::arg("rows"), py::arg("columns"))
      .def_buffer(&Image::buffer);
}
