// Do PyBuffer_IsContiguous and PyBuffer_FillContiguousStrides answer as the reference does?
#include "bufspec/layout.hpp"
#include "bufspec/scenario.hpp"
#include "harness/adapters/cpython/runtime/functions.hpp"
#include "report.hpp"

namespace bufspec::cpython {

namespace {

std::string digit(bool value) { return value ? "1" : "0"; }

std::string name_of(char order) { return order == '\0' ? "NUL" : std::string(1, order); }

void compare_contiguity(Exporter& exporter, const Layout& layout, ComparisonReport& report) {
  const Py_buffer view = struct_of(exporter, layout);
  for (const char order : {'C', 'F', 'A', 'X', 'c', '\0'}) {
    report.compared("PyBuffer_IsContiguous");
    const bool expected = is_contiguous(geometry_of(layout), order);
    const int found = PyBuffer_IsContiguous(&view, order);
    if (found == (expected ? 1 : 0)) continue;
    report.disagree([&] {
      return describe(layout) + ", PyBuffer_IsContiguous in order " + name_of(order) + ": expected " + digit(expected) +
             ", found " + std::to_string(found);
    });
  }
}

void compare_strides(const Layout& layout, ComparisonReport& report) {
  const auto dimensions = static_cast<std::size_t>(layout.ndim);
  Extents shape = layout.shape;  // the function's parameter is not const
  for (const char order : {'C', 'F', 'A', 'X', 'f'}) {
    report.compared("PyBuffer_FillContiguousStrides");
    Extents expected;
    Extents found;
    expected.fill(-1);  // what is behind ndim must not be written
    found.fill(-1);
    if (!fill_contiguous_strides({shape.data(), dimensions}, layout.itemsize, order, {expected.data(), dimensions})
             .ok())
      continue;  // the function would overflow, which it does not look for
    PyBuffer_FillContiguousStrides(layout.ndim, shape.data(), found.data(), static_cast<int>(layout.itemsize), order);
    if (found == expected) continue;
    report.disagree([&] {
      std::string text = describe(layout) + ", PyBuffer_FillContiguousStrides in order " + order + ": expected";
      for (std::size_t i = 0; i < dimensions; ++i) text += ' ' + std::to_string(expected[i]);
      text += ", found";
      for (std::size_t i = 0; i < dimensions; ++i) text += ' ' + std::to_string(found[i]);
      return text;
    });
  }
}

}  // namespace

void compare_geometry(Exporter& exporter, const Layout& layout, ComparisonReport& report) {
  compare_contiguity(exporter, layout, report);
  // Each shape once: the strides of a layout do not enter.
  if (!layout.readonly && !layout.has_suboffsets && !layout.has_strides) compare_strides(layout, report);
}

}  // namespace bufspec::cpython
