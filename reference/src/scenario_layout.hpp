// Bounds of a layout's strides, shared by the codec and the minimiser of scenarios.  Only for scenario*.cpp.
#pragma once

#include "bufspec/view.hpp"

namespace bufspec {

// How far the elements reach below and above the one with all indices 0, and the bytes before the lowest and
// behind the highest.
struct Margins {
  ssize lowest = 0;   // <= 0
  ssize highest = 0;  // >= 0
  ssize lead = 0;
  ssize trail = 0;
};

// The margins of a layout without indirection; all 0 where they do not fit.
[[nodiscard]] Margins margins_of(const Layout& layout) noexcept;

// Makes offset and block fit the shape and strides, with these bytes before and behind; both are 0 for a layout
// with indirection.
void fit_block(Layout& layout, ssize lead, ssize trail) noexcept;

// The strides of a gap-free memory in `order`; each level of a layout with suboffsets is gap-free in itself, its
// pointers 8 bytes apart.  False where they do not fit.
[[nodiscard]] bool canonical_strides(const Layout& layout, char order, Extents& strides) noexcept;

// Whether some suboffset is >= 0.
[[nodiscard]] bool is_indirect(const Layout& layout) noexcept;

}  // namespace bufspec
