// What the elements of a test memory hold.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "bufspec/view.hpp"

namespace bufspec {

// Writes what element `k` (in C order) of a memory holds.
using ElementBytes = void (*)(ssize k, std::span<char> element) noexcept;

// The eight little-endian bytes of k, repeated or cut off to the length of `element`.
void element_bytes(ssize k, std::span<char> element) noexcept;

// Digits of a text, '1' to '9': who looks for the zero or the blank that ends a text finds none.
void digit_bytes(ssize k, std::span<char> element) noexcept;

// Of each item the last two bytes have their highest bit, and others are zero: as a little-endian number it is negative where it
// has a sign, large where it has none, and no float that it is converted to loses any of it.
void high_bytes(ssize k, std::span<char> element) noexcept;

// What the elements of a memory hold whose exporter behaves so (behaviour::*): element_bytes, or with no_zero_byte
// digits for plain bytes and high bytes for other numbers, where the format is one code of either kind.
[[nodiscard]] ElementBytes bytes_of_elements(std::uint32_t behaviours, std::string_view format) noexcept;

}  // namespace bufspec
