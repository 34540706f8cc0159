// Memory layout: where elements lie, in which order, and whether a description can exist at all.
// Table: spec/tables/40-layout.yaml (rules layout.*).  Fuzz: fuzz/layout_fuzz.cpp.
// Pure functions of values; only element_pointer() follows memory, where a suboffset says so.
#pragma once

#include <span>

#include "bufspec/errors.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// The geometry of a view without its memory: what contiguity and addresses depend on.
// `strides` may be null (C order), `suboffsets` too (no indirection).  Each non-null pointer has
// `ndim` entries; the caller keeps them alive.
struct Geometry {
  int ndim = 0;
  const ssize* shape = nullptr;
  const ssize* strides = nullptr;
  const ssize* suboffsets = nullptr;
  ssize itemsize = 1;
};

[[nodiscard]] Geometry geometry_of(const Layout& layout) noexcept;
[[nodiscard]] Geometry geometry_of(const View& view) noexcept;
[[nodiscard]] Geometry geometry_of(const Buffer& buffer) noexcept;

// The number of elements: the product of the extents, 1 for no dimensions [field.len.product].
// Fails (value_error) on a negative extent and on a product that does not fit.
[[nodiscard]] Result<ssize> element_count(std::span<const ssize> shape) noexcept;

// `count` * `itemsize` in bytes, or overflow_error.
[[nodiscard]] Result<ssize> byte_length(ssize count, ssize itemsize) noexcept;

// Whether the elements fill one gap-free block in `order` ('C', 'F' or 'A'; false for any other letter
// [layout.contiguous.unknown_order]).
//
// Absent strides are C order [layout.strides.null_means_c]; a memory with an extent of 0 is
// contiguous in every order [layout.contiguous.empty_memory]; the stride of an extent of 1 is never
// followed [layout.contiguous.extent_one]; one with suboffsets is contiguous in none
// [layout.contiguous.no_suboffsets].
//
// Requires: geometry.shape has ndim entries (or ndim <= 1 and strides is null).  O(ndim).
// CPython: PyBuffer_IsContiguous(), which takes view->len == 0 for "some extent is 0".
[[nodiscard]] bool is_contiguous(const Geometry& geometry, char order) noexcept;

// Writes the strides, in bytes, of a gap-free block: Fortran order for 'F', C order for every other
// letter [function.fill_contiguous_strides.*].  An extent of 0 multiplies through.
// Fails (overflow_error) where a stride does not fit.  Requires: strides.size() == shape.size().
[[nodiscard]] Status fill_contiguous_strides(std::span<const ssize> shape, ssize itemsize, char order,
                                             std::span<ssize> strides) noexcept;

// Whether some dimension is a pointer to be followed: a suboffset >= 0 [field.suboffsets.null_if_none].
[[nodiscard]] bool has_indirection(const Geometry& geometry) noexcept;

// The address of the element at `index`, following pointers where a suboffset is >= 0: per dimension,
// first the stride, then the pointer, then the suboffset [layout.element.address, layout.element.indirect].
// Requires: index.size() == ndim, every index within its extent, and memory that the geometry describes truly.
[[nodiscard]] char* element_pointer(char* buf, const Geometry& geometry, std::span<const ssize> index) noexcept;

// Steps `index` to the next element in C order (last index fastest), or in Fortran order; false after the last.
[[nodiscard]] bool advance_index(std::span<ssize> index, std::span<const ssize> shape, bool fortran) noexcept;

// Whether `layout` describes a memory that can exist: 0 <= ndim <= 64, extents and itemsize >= 0, sizes that
// fit, and every element inside the block [layout.bounds.*].  The status says what is wrong.
// Offsets and strides need not be multiples of the itemsize.  O(ndim).
[[nodiscard]] Status well_formed(const Layout& layout) noexcept;

// The facts about a memory on which the answer to a request depends.
struct MemoryFacts {
  bool readonly = false;
  bool c_contiguous = false;
  bool f_contiguous = false;
  bool indirect = false;         // some suboffset is >= 0
  bool zero_dim = false;
  bool ambiguous_empty = false;  // an extent of 0 and strides that are not canonical [layout.contiguous.empty]
};

// Suboffsets without an entry >= 0 count as absent.
[[nodiscard]] MemoryFacts facts_of(const Geometry& described, bool readonly) noexcept;

}  // namespace bufspec
