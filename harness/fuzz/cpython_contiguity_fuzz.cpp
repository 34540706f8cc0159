// Memories nobody thought of: does the interpreter in this process call them contiguous, fill strides and find elements as
// the reference does?
#include <cstddef>
#include <cstdint>

#include "bufspec/functions.hpp"
#include "fuzz/drawn.hpp"
#include "fuzz/property.hpp"
#include "interpreter.hpp"

namespace {

using bufspec::Extents;
using bufspec::Layout;
using bufspec::ssize;
using bufspec::fuzz::must_hold;

constexpr int most_elements = 64;

void check_contiguity(const Py_buffer& view, std::uint8_t letter) {
  // The interpreter takes a len of 0 for an extent of 0, which it is not where items have no bytes.
  if (view.itemsize == 0) return;
  for (const char order : {'C', 'F', 'A', static_cast<char>(letter)})
    must_hold(
        (PyBuffer_IsContiguous(&view, order) != 0) == bufspec::is_contiguous(bufspec::fuzz::buffer_of(view), order),
        "PyBuffer_IsContiguous answers as the reference does");
}

void check_strides(Layout layout, std::uint8_t letter) {
  const auto ndim = static_cast<std::size_t>(layout.ndim);
  for (const char order : {'C', 'F', static_cast<char>(letter)}) {
    Extents owed{};
    Extents found{};
    if (!bufspec::fill_contiguous_strides({layout.shape.data(), ndim}, layout.itemsize, order, {owed.data(), ndim})
             .ok())
      continue;  // the function would overflow, which it does not look for
    PyBuffer_FillContiguousStrides(layout.ndim, layout.shape.data(), found.data(), static_cast<int>(layout.itemsize),
                                   order);
    must_hold(owed == found, "PyBuffer_FillContiguousStrides fills in what the reference does");
  }
}

void check_places(Py_buffer view, const bufspec::Exporter& exporter) {
  if (view.len == 0 || view.ndim == 0) return;
  view.strides = const_cast<ssize*>(exporter.layout().strides.data());  // without strides the function is undefined
  const auto ndim = static_cast<std::size_t>(view.ndim);
  Extents index{};
  int left = most_elements;
  do {
    const auto owed = bufspec::get_pointer(bufspec::fuzz::buffer_of(view), {index.data(), ndim});
    must_hold(owed.ok() && PyBuffer_GetPointer(&view, index.data()) == owed.value,
              "PyBuffer_GetPointer finds the element that the reference finds");
  } while (--left > 0 && bufspec::advance_index({index.data(), ndim}, {view.shape, ndim}, false));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bufspec::fuzz::Drawn drawn({data, size});
  const Layout layout = drawn.layout();
  const std::uint8_t letter = drawn.byte();
  bufspec::fuzz::start_interpreter();
  bufspec::Exporter exporter;
  if (!exporter.build(layout).ok()) return 0;
  const Py_buffer view = bufspec::fuzz::struct_of(exporter, layout);
  check_contiguity(view, letter);
  check_strides(layout, letter);
  check_places(view, exporter);
  return 0;
}
