// What the calls about memoryviews share: a view of a memory, and what a view says of itself.  Private to this folder.
#pragma once

#include "bufspec/memoryview.hpp"
#include "calls.hpp"

namespace bufspec::library {

// A memory and a view of it; the view goes first.
struct Viewed {
  Exporter exporter;
  MemoryViewPointer view;

  explicit Viewed(const Tree& layout);
};

// The bounds of a slice in `given`: start, stop, step.
[[nodiscard]] Slice slice_in(const Tree& given);

// {ndim, shape, strides, suboffsets, format, itemsize, readonly, len, obj_null}.
[[nodiscard]] Tree shape_of(const MemoryView& view);

// {elements: their numbers as lists, nested once for each dimension; a number where there is none}.
// Fails: value_error for a released view, not_implemented_error for a format other than one native code.
[[nodiscard]] Tree list_in(const MemoryView& view, std::uint32_t runtime);

// {nbytes, length}, or {nbytes, length_error}.
[[nodiscard]] Tree size_of(const MemoryView& view, const Terms& terms);

// Whether anything may be assigned to it.  Fails: value_error for a released view, not_implemented_error for a format other than
// one native code, type_error for a read-only one.
[[nodiscard]] Status assignable(const MemoryView& view, std::uint32_t runtime);

// Puts element number `number` (case_values.hpp) into the place of `index`.
// Fails: value_error for a released view, type_error for a read-only one, else as MemoryView::item().
[[nodiscard]] Status assign_item(const MemoryView& view, std::span<const ssize> index, ssize number,
                                 std::uint32_t runtime);

// Copies the elements of `source` to those of a slice of `view`, also where both share memory.
// Fails: value_error for a released view and where format, itemsize or extent differ, type_error for a read-only one,
// not_implemented_error for more than one dimension.
[[nodiscard]] Status assign_slice(const MemoryView& view, const Slice& bounds, const MemoryView& source,
                                  std::uint32_t runtime);

}  // namespace bufspec::library
