// What in a layout a careless consumer trips over.  Only for capabilities.cpp, misreadings*.cpp and judge_read*.cpp.
#pragma once

#include <string>
#include <string_view>

#include "bufspec/format.hpp"
#include "bufspec/view.hpp"

namespace bufspec::hazards {

// Whether an extent above 1 has a stride of zero or less.
[[nodiscard]] bool has_odd_stride(const Layout& layout) noexcept;

// Whether an extent of 1 has a stride that is not the one of a gap-free memory.
[[nodiscard]] bool has_free_stride(const Layout& layout) noexcept;

// Whether the strides are not those of a gap-free memory in C order.
[[nodiscard]] bool is_strided(const Layout& layout) noexcept;

// The alignment that a processor would like for the largest number of the format, whatever the format's own rules: 4 for "=i".
[[nodiscard]] ssize natural_alignment(std::string_view format);

// Whether some element of a memory without pointers does not lie at a multiple of the natural alignment, counted from the block.
[[nodiscard]] bool is_unaligned(const Layout& layout);

// Whether some number of the format has the byte order that this machine has not.
[[nodiscard]] bool has_foreign_order(std::string_view format);

// `item` with every number of foreign byte order turned round.
void swap_foreign(const Format& format, std::string& item);

// Whether there is no byte to read.
[[nodiscard]] bool has_no_bytes(const Layout& layout) noexcept;

}  // namespace bufspec::hazards
