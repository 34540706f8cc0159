// Which layouts are left out because an interpreter's answers are known to differ there, each by a page of spec/decisions?
#pragma once

#include "bufspec/view.hpp"

namespace bufspec::suites {

// Whether pointers stand in front of an extent of 0: CPython follows them though no element lies behind
// (to_contiguous_follows_pointers_to_nothing.md).
[[nodiscard]] inline bool has_pointers_to_nothing(const Layout& layout) noexcept {
  bool behind_pointer = false;
  for (std::size_t i = 0; layout.has_suboffsets && i < static_cast<std::size_t>(layout.ndim); ++i) {
    if (layout.shape[i] == 0) return behind_pointer;
    behind_pointer = behind_pointer || layout.suboffsets[i] >= 0;
  }
  return false;
}

// Whether there are suboffsets and none of them follows a pointer: a memoryview keeps them
// (memoryview_keeps_negative_suboffsets.md).
[[nodiscard]] inline bool has_idle_suboffsets(const Layout& layout) noexcept {
  if (!layout.has_suboffsets) return false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(layout.ndim); ++i)
    if (layout.suboffsets[i] >= 0) return false;
  return true;
}

[[nodiscard]] inline bool is_odd(const Layout& layout) noexcept {
  return has_pointers_to_nothing(layout) || has_idle_suboffsets(layout);
}

}  // namespace bufspec::suites
