// The codes of a format by letter: what each stands for and its sizes.  Only for format*.cpp.
#pragma once

#include <cstdint>

#include "bufspec/format.hpp"

namespace bufspec::format_codes {

inline constexpr std::uint32_t python_3_12 = 0x030c0000;
inline constexpr std::uint32_t python_3_14 = 0x030e0000;
inline constexpr std::uint32_t python_3_15 = 0x030f0000;

// A size of 0 means that the code does not exist there.
struct Code {
  FormatKind kind = FormatKind::pad;
  std::uint8_t native_size = 0;
  std::uint8_t native_alignment = 1;
  std::uint8_t standard_size = 0;  // behind = < > ! in the struct module
  std::uint8_t pep_size = 0;       // behind = < > ! in PEP 3118
  bool in_struct = false;
  bool counts_length = false;      // a count is the length of one element, not a number of elements
};

[[nodiscard]] constexpr bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// The code of a letter; native_size 0 if there is none.  Structures, pointers to, functions and Z are not letters.
[[nodiscard]] Code code_of(char letter) noexcept;

// The complex number behind a Z: of f, d or g.
[[nodiscard]] Code complex_of(char letter) noexcept;

// Reads decimal digits at `position` into `number`; false on a number that does not fit.
[[nodiscard]] bool read_number(std::string_view text, std::size_t& position, ssize& number) noexcept;

// Moves `size` up to a multiple of `alignment`; false if that does not fit.
[[nodiscard]] bool align_up(ssize& size, ssize alignment) noexcept;

}  // namespace bufspec::format_codes
