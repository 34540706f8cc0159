// Memory without gaps, in C order and without strides: what layouts are that nobody has drawn.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "bufspec/layout.hpp"

namespace bufspec::engine {

// Items of `format` and of that size, of which shape says how many.
[[nodiscard]] inline Layout packed_layout(std::string_view format, ssize itemsize, std::span<const ssize> shape) {
  Layout layout;
  layout.format = format;
  layout.itemsize = itemsize;
  layout.ndim = static_cast<int>(shape.size());
  std::copy(shape.begin(), shape.end(), layout.shape.begin());
  layout.has_strides = false;
  layout.block = itemsize;
  for (const ssize extent : shape) layout.block *= extent;
  return layout;
}

// A small memory of the same items, of which each extent, and so each stride, is another than in `layout`.
[[nodiscard]] inline Layout of_other_shape(const Layout& layout) {
  constexpr std::size_t most_dimensions = 4;
  constexpr ssize most_extent = 6;
  Extents shape = layout.shape;
  const auto ndim = static_cast<std::size_t>(std::max(layout.ndim, 1));
  const auto extents = std::span(shape).first(std::min(ndim, most_dimensions));
  for (ssize& extent : extents) extent = extent < most_extent ? extent + 1 : 2;
  return packed_layout(layout.format, layout.itemsize, extents);
}

}  // namespace bufspec::engine
