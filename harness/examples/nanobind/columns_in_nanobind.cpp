// A table of floats that lies column by column, in Fortran order: nanobind has no helper for the buffer protocol, so
// the two slots are functions as in C.
#include <nanobind/nanobind.h>

#include <cstddef>
#include <stdexcept>
#include <vector>

namespace nb = nanobind;

namespace {

constexpr Py_ssize_t size_of_item = sizeof(float);

class Columns {
 public:
  Columns(Py_ssize_t rows, Py_ssize_t columns) : shape{rows, columns}, strides{size_of_item, rows * size_of_item} {
    if (rows < 1 || columns < 1 || columns > (1 << 20) || rows > (1 << 20))
      throw std::invalid_argument("a table has at least one row and one column, and at most 2**20");
    items.resize(static_cast<std::size_t>(rows * columns));
    for (Py_ssize_t row = 0; row < rows; ++row)
      for (Py_ssize_t column = 0; column < columns; ++column)
        items[static_cast<std::size_t>(column * rows + row)] = static_cast<float>(row * columns + column);
  }

  /// Add a column of zeros at the end.
  void append() {
    // While views are held the memory must not move.
    if (exports > 0) throw nb::buffer_error("cannot append to a table while its memory is exported");
    items.resize(items.size() + static_cast<std::size_t>(shape[0]));
    ++shape[1];
  }

  std::vector<float> items;
  Py_ssize_t shape[2];
  Py_ssize_t strides[2];
  Py_ssize_t exports = 0;
};

int refuse(const char* why) {
  PyErr_SetString(PyExc_BufferError, why);
  return -1;
}

int get_buffer(PyObject* object, Py_buffer* view, int flags) {
  view->obj = nullptr; // what a refusal must leave
  // Columns.__new__(Columns) makes an object without a table in it.
  if (!nb::inst_ready(object)) return refuse("the table is not initialised");
  Columns& table = *nb::inst_ptr<Columns>(object);
  const auto has = [flags](int wanted) { return (flags & wanted) == wanted; };
  // With one row or one column the memory is contiguous in both orders.
  const bool both_orders = table.shape[0] == 1 || table.shape[1] == 1;
  if (!both_orders && (!has(PyBUF_STRIDES) || has(PyBUF_C_CONTIGUOUS)))
    return refuse("a table has its items in Fortran order: request strides");
  static char format[] = "f";
  view->buf = table.items.data();
  view->len = static_cast<Py_ssize_t>(table.items.size()) * size_of_item;
  view->itemsize = size_of_item;
  view->readonly = 0;
  view->ndim = 2;
  // What is not requested must be NULL.
  view->format = has(PyBUF_FORMAT) ? format : nullptr;
  view->shape = has(PyBUF_ND) ? table.shape : nullptr;
  view->strides = has(PyBUF_STRIDES) ? table.strides : nullptr;
  view->suboffsets = nullptr;
  view->internal = nullptr;
  ++table.exports;
  Py_INCREF(object);
  view->obj = object;
  return 0;
}

void release_buffer(PyObject* object, Py_buffer*) {
  --nb::inst_ptr<Columns>(object)->exports; // PyBuffer_Release() takes care of view->obj.
}

PyType_Slot slots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
                       {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
                       {0, nullptr}};

} // namespace

NB_MODULE(columns_in_nanobind, module) {
  nb::class_<Columns>(module, "Columns", nb::type_slots(slots))
      .def(nb::init<Py_ssize_t, Py_ssize_t>(), nb::arg("rows"), nb::arg("columns"))
      .def("append", &Columns::append);
}
