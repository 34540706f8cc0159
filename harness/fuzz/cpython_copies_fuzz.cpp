// Copies nobody thought of: does the interpreter in this process move the elements that the reference moves?  Both write to
// memories of their own, made and marked alike, which are compared byte by byte.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bufspec/functions.hpp"
#include "fuzz/drawn.hpp"
#include "fuzz/memory.hpp"
#include "interpreter.hpp"

namespace {

using bufspec::Exporter;
using bufspec::Layout;
using bufspec::ssize;
using bufspec::fuzz::buffer_of;
using bufspec::fuzz::must_hold;
using bufspec::fuzz::take_error;

// Whether pointers stand in front of an extent of 0: PyBuffer_ToContiguous follows them, though there are no elements.
bool has_pointers_to_nothing(const Layout& layout) {
  bool is_after_pointer = false;
  for (std::size_t d = 0; layout.has_suboffsets && d < static_cast<std::size_t>(layout.ndim); ++d) {
    if (layout.shape[d] == 0) return is_after_pointer;
    is_after_pointer = is_after_pointer || layout.suboffsets[d] >= 0;
  }
  return false;
}

void mark(const Py_buffer& view) {
  std::uint8_t next = 0;
  Py_buffer all = view;
  for (char* place : bufspec::fuzz::places_of(buffer_of(all)))
    for (ssize i = 0; i < view.itemsize; ++i) place[i] = static_cast<char>(next++);
}

// The whole block, or where it has pointers, which differ, its elements.
std::vector<char> memory_of(const Exporter& exporter, const Py_buffer& view) {
  if (!exporter.facts().indirect) return {exporter.block().begin(), exporter.block().end()};
  return bufspec::fuzz::bytes_at(bufspec::fuzz::places_of(buffer_of(view)), view.itemsize);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bufspec::fuzz::Drawn drawn({data, size});
  Layout layout = drawn.layout();
  const char order = "CFA"[drawn.below(3)];
  const std::uint8_t more = drawn.byte();
  bufspec::fuzz::start_interpreter();
  layout.readonly = false;
  Exporter ours;
  Exporter theirs;
  if (!bufspec::fuzz::build_small(ours, layout) || !bufspec::fuzz::build_small(theirs, layout)) return 0;
  Py_buffer our_view = bufspec::fuzz::struct_of(ours, layout);
  Py_buffer their_view = bufspec::fuzz::struct_of(theirs, layout);
  Py_buffer our_places = bufspec::fuzz::struct_of(ours, ours.layout());
  Py_buffer their_places = bufspec::fuzz::struct_of(theirs, theirs.layout());
  our_places.strides = const_cast<ssize*>(ours.layout().strides.data());
  their_places.strides = const_cast<ssize*>(theirs.layout().strides.data());
  mark(our_places);
  mark(their_places);

  const auto length = static_cast<std::size_t>(our_view.len);
  std::vector<char> owed(length + 8, 'x');
  std::vector<char> found(length + 8, 'x');
  if (!has_pointers_to_nothing(layout)) {
    const auto status = bufspec::to_contiguous(std::span(owed).first(length), buffer_of(our_view), order);
    const int returned = PyBuffer_ToContiguous(found.data(), &their_view, their_view.len, order);
    must_hold(take_error() == status.error && (returned == 0) == status.ok(),
              "PyBuffer_ToContiguous ends as the reference does");
    must_hold(owed == found, "PyBuffer_ToContiguous copies what the reference copies");
  }
  // Without strides the function copies straight only: on the way from element to element it would follow the missing array.
  if (!layout.has_strides && !bufspec::is_contiguous(bufspec::geometry_of(layout), order)) return 0;
  // Behind pointers it copies one by one, and divides by itemsize to count them: a known failure, of runtime.buffer_functions.
  if (layout.has_suboffsets && layout.itemsize == 0) return 0;
  std::vector<char> source(more % 4 == 0 ? more / 4 : length);
  for (std::size_t i = 0; i < source.size(); ++i) source[i] = static_cast<char>(more + 31 * i);
  const auto status = bufspec::from_contiguous(buffer_of(our_view), source, order);
  const int returned =
      PyBuffer_FromContiguous(&their_view, source.data(), static_cast<Py_ssize_t>(source.size()), order);
  must_hold(take_error() == status.error && (returned == 0) == status.ok(),
            "PyBuffer_FromContiguous ends as the reference does");
  must_hold(memory_of(ours, our_places) == memory_of(theirs, their_places),
            "PyBuffer_FromContiguous leaves the memory that the reference leaves");
  return 0;
}
