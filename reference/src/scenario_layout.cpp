// Which block does a layout need, and which strides are the plain ones?
// Values only; whether a layout can exist is well_formed()'s question.
#include "scenario_layout.hpp"

#include "bufspec/layout.hpp"

namespace bufspec {

namespace {

constexpr ssize pointer_bytes = 8;

bool is_empty(const Layout& layout) noexcept {
  for (int d = 0; d < layout.ndim; ++d)
    if (layout.shape[static_cast<std::size_t>(d)] == 0) return true;
  return false;
}

}  // namespace

bool is_indirect(const Layout& layout) noexcept {
  return layout.has_suboffsets && has_indirection(geometry_of(layout));
}

bool canonical_strides(const Layout& layout, char order, Extents& strides) noexcept {
  const auto ndim = static_cast<std::size_t>(layout.ndim);
  std::size_t first = 0;
  for (std::size_t d = 0; d <= ndim; ++d) {
    const bool is_last = d == ndim;
    if (!is_last && (!is_indirect(layout) || layout.suboffsets[d] < 0)) continue;
    const std::size_t count = is_last ? d - first : d + 1 - first;
    const ssize unit = is_last ? layout.itemsize : pointer_bytes;
    if (!fill_contiguous_strides({layout.shape.data() + first, count}, unit, order, {strides.data() + first, count})
             .ok())
      return false;
    first = d + 1;
  }
  return true;
}

Margins margins_of(const Layout& layout) noexcept {
  Margins margins;
  if (!is_empty(layout)) {
    Extents strides = layout.strides;
    if (!layout.has_strides && !canonical_strides(layout, 'C', strides)) return {};
    for (int n = 0; n < layout.ndim; ++n) {
      const auto d = static_cast<std::size_t>(n);
      if (layout.shape[d] == 1) continue;
      ssize reach = 0;
      ssize& edge = strides[d] < 0 ? margins.lowest : margins.highest;
      if (__builtin_mul_overflow(strides[d], layout.shape[d] - 1, &reach) || __builtin_add_overflow(edge, reach, &edge))
        return {};
    }
  }
  ssize end = 0;
  if (__builtin_add_overflow(layout.offset, margins.lowest, &margins.lead) ||
      __builtin_add_overflow(layout.offset, margins.highest, &end) ||
      __builtin_add_overflow(end, layout.itemsize, &end) || __builtin_sub_overflow(layout.block, end, &margins.trail))
    return {};
  return margins;
}

void fit_block(Layout& layout, ssize lead, ssize trail) noexcept {
  layout.offset = 0;
  layout.block = 0;
  if (is_indirect(layout)) return;
  const Margins margins = margins_of(layout);
  ssize block = 0;
  if (__builtin_sub_overflow(lead, margins.lowest, &layout.offset) ||
      __builtin_add_overflow(layout.offset, margins.highest, &block) ||
      __builtin_add_overflow(block, layout.itemsize, &block) || __builtin_add_overflow(block, trail, &layout.block))
    layout.block = 0;
}

}  // namespace bufspec
