// Memory without gaps, in C order and without strides: what most layouts that a case makes for itself are.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "bufspec/layout.hpp"

namespace bufspec::suites {

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

}  // namespace bufspec::suites
