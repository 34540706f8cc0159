// Do the functions that copy elements, and the one that finds them, do what the reference does?
// Both sides write to memories of their own, made and marked alike, which are compared element by element, and where
// nothing is indirect byte by byte, so that what must not be written is looked at too.
#include <algorithm>
#include <cstring>

#include "bufspec/functions.hpp"
#include "bufspec/layout.hpp"
#include "bufspec/scenario.hpp"
#include "harness/adapters/cpython/runtime/functions.hpp"
#include "report.hpp"
#include "table_cases.hpp"

namespace bufspec::cpython {

namespace {

constexpr char orders[]{'C', 'F', 'A'};

// Fills the memory with marks; tables of pointers stay.
void mark(const Exporter& exporter) {
  if (exporter.facts().indirect)
    mark_elements(exporter);
  else
    std::fill(exporter.block().begin(), exporter.block().end(), static_cast<char>(0xee));
}

bool same_memory(const Exporter& left, const Exporter& right) {
  if (!left.facts().indirect && !right.facts().indirect)
    return std::equal(left.block().begin(), left.block().end(), right.block().begin(), right.block().end());
  const auto size = static_cast<std::size_t>(left.layout().itemsize);
  const ssize count = count_of(left.layout());
  for (ssize k = 0; k < count; ++k)
    if (std::memcmp(element_at(left, k), element_at(right, k), size) != 0) return false;
  return true;
}

std::string text_of(int returned, const Raised& raised) {
  return raised.error == Error::none ? "returned " + std::to_string(returned) : raised.name;
}

// Compares how two calls ended; a difference is reported.
bool same_end(const Status& expected, int returned, const char* function, const Layout& layout,
              ComparisonReport& report) {
  const Raised raised = take_exception();
  if (expected.error == raised.error && (returned == 0) == expected.ok()) return true;
  report.disagree([&] {
    return describe(layout) + ", " + function + ": expected " + std::string(error_name(expected.error)) + ", found " +
           text_of(returned, raised);
  });
  return false;
}

// Whether pointers stand in front of an extent of 0: PyBuffer_ToContiguous follows them, though no element lies behind them.
bool has_pointers_to_nothing(const Layout& layout) noexcept {
  if (!layout.has_suboffsets) return false;
  bool behind_pointer = false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(layout.ndim); ++i) {
    if (layout.shape[i] == 0) return behind_pointer;
    behind_pointer = behind_pointer || layout.suboffsets[i] >= 0;
  }
  return false;
}

void compare_to(Exporter& exporter, const Layout& layout, ComparisonReport& report) {
  const Py_buffer view = struct_of(exporter, layout);
  const auto size = static_cast<std::size_t>(view.len);
  std::vector<char> expected(size + 8);
  std::vector<char> found(size + 8);
  for (const char order : orders) {
    for (const ssize length : {view.len, view.len + 1, view.len - 1}) {
      if (length < 0) continue;
      if (length == view.len && has_pointers_to_nothing(layout)) {
        report.decided(page::pointers_to_nothing);
        continue;
      }
      report.compared("PyBuffer_ToContiguous");
      std::fill(expected.begin(), expected.end(), static_cast<char>(0xee));
      std::fill(found.begin(), found.end(), static_cast<char>(0xee));
      const Status status =
          to_contiguous(std::span(expected).first(static_cast<std::size_t>(length)), buffer_of(view), order);
      const int returned = PyBuffer_ToContiguous(found.data(), &view, length, order);
      if (same_end(status, returned, "PyBuffer_ToContiguous", layout, report) && expected != found)
        report.disagree([&] {
          return describe(layout) + ", PyBuffer_ToContiguous in order " + order + ": other bytes than the reference";
        });
    }
  }
}

void compare_pointers(Exporter& exporter, const Layout& layout, ComparisonReport& report) {
  Layout strided = layout;
  strided.has_strides = true;  // without strides the function is undefined; the exporter has filled them in
  const Py_buffer view = struct_of(exporter, strided);
  if (view.len == 0) return;
  const auto dimensions = static_cast<std::size_t>(layout.ndim);
  Extents index{};
  do {
    report.compared("PyBuffer_GetPointer");
    const Result<char*> expected = get_pointer(buffer_of(view), {index.data(), dimensions});
    const void* found = PyBuffer_GetPointer(&view, index.data());
    if (expected.ok() && found == expected.value) continue;
    report.disagree([&] { return describe(layout) + ", PyBuffer_GetPointer: another address than the reference"; });
  } while (advance_index({index.data(), dimensions}, {layout.shape.data(), dimensions}, false));
}

Layout contiguous_layout(const Layout& layout, char order) {
  Layout made = layout;
  const auto dimensions = static_cast<std::size_t>(layout.ndim);
  made.readonly = made.has_suboffsets = false;
  made.has_strides = true;
  made.offset = 0;
  made.block = std::max(count_of(layout), ssize{1}) * layout.itemsize;
  (void)fill_contiguous_strides({layout.shape.data(), dimensions}, layout.itemsize, order,
                                {made.strides.data(), dimensions});
  return made;
}

bool same_shape(const Layout& left, const Layout& right) noexcept {
  return left.ndim == right.ndim && left.itemsize == right.itemsize &&
         std::equal(left.shape.begin(), left.shape.begin() + left.ndim, right.shape.begin());
}

void copy_first_element_last(const Exporter& destination, const Exporter& source) {
  const ssize count = count_of(source.layout());
  for (ssize k = 1; k <= count; ++k)
    std::memcpy(element_at(destination, k % count), element_at(source, k % count),
                static_cast<std::size_t>(source.layout().itemsize));
}

bool build(Exporter& exporter, const Layout& layout) {
  const Status status = exporter.build(layout);
  if (!status.ok()) raise_error(status.error, status.reason);
  return status.ok();
}

}  // namespace

void CopyComparison::compare_from(const Layout& layout, ComparisonReport& report) {
  Py_buffer their_view = struct_of(theirs_, layout);
  const Py_buffer our_view = struct_of(ours_, layout);
  const ssize len = their_view.len;
  const std::vector<char> source = consecutive_elements(count_of(layout) + 1, layout.itemsize);
  for (const char order : orders) {
    // Without strides the function only copies straight; on the element path it would follow the missing array.
    if (!layout.has_strides && !is_contiguous(geometry_of(layout), order)) continue;
    for (const ssize length : {len, len + 1, len - 1, layout.itemsize}) {
      if (length < 0) continue;
      report.compared("PyBuffer_FromContiguous");
      mark(theirs_);
      mark(ours_);
      const Status status =
          from_contiguous(buffer_of(our_view), std::span(source).first(static_cast<std::size_t>(length)), order);
      const int returned = PyBuffer_FromContiguous(&their_view, source.data(), length, order);
      if (same_end(status, returned, "PyBuffer_FromContiguous", layout, report) && !same_memory(theirs_, ours_))
        report.disagree([&] {
          return describe(layout) + ", PyBuffer_FromContiguous of " + std::to_string(length) + " bytes in order " +
                 order + ": another memory than the reference";
        });
    }
  }
}

bool CopyComparison::compare_objects(const Layout& destination, const Layout& source, ComparisonReport& report) {
  if (!build(theirs_, destination) || !build(ours_, destination) || !build(source_, source)) return false;
  mark(theirs_);
  mark(ours_);
  const Py_buffer destination_view = struct_of(theirs_, destination);
  const Py_buffer source_view = struct_of(source_, source);
  const Ref to(PyMemoryView_FromBuffer(&destination_view));
  const Ref from(PyMemoryView_FromBuffer(&source_view));
  if (!to || !from) return false;
  report.compared("PyObject_CopyData");
  const Status status = copy_data(ours_, source_);
  const int returned = PyObject_CopyData(to.get(), from.get());
  if (!same_end(status, returned, "PyObject_CopyData", destination, report) || same_memory(theirs_, ours_)) return true;
  // Where elements of the destination share memory, the one that is written last stays.
  mark(ours_);
  copy_first_element_last(ours_, source_);
  if (same_memory(theirs_, ours_)) {
    report.decided(page::copy_order);
    return true;
  }
  report.disagree([&] {
    return describe(source) + ", PyObject_CopyData to " + describe(destination) + ": another memory than the reference";
  });
  return true;
}

bool CopyComparison::compare(Exporter& exporter, const Layout& layout, ComparisonReport& report) {
  if (layout.readonly) return true;  // these functions do not look at it; its writable twin is compared
  compare_to(exporter, layout, report);
  compare_pointers(exporter, layout, report);
  if (!build(theirs_, layout) || !build(ours_, layout)) return false;
  compare_from(layout, report);

  std::vector<Layout> partners{contiguous_layout(layout, 'C'), contiguous_layout(layout, 'F')};
  if (has_last_ && same_shape(last_, layout)) partners.push_back(last_);
  for (const Layout& partner : partners)
    if (!compare_objects(layout, partner, report) || !compare_objects(partner, layout, report)) return false;
  last_ = layout;
  has_last_ = true;
  return true;
}

}  // namespace bufspec::cpython
