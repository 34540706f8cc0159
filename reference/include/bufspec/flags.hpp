// Request flags: the bits of a request word and what each name stands for.
// Table: spec/tables/10-flags.yaml (rules flag.*).  CPython spells these PyBUF_*; the macros
// of Python.h may be visible beside this header, so the names here live in namespace flag.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bufspec {

namespace flag {
inline constexpr int SIMPLE = 0x000;
inline constexpr int WRITABLE = 0x001;
inline constexpr int FORMAT = 0x004;
inline constexpr int ND = 0x008;
inline constexpr int STRIDES = 0x010 | ND;
inline constexpr int C_CONTIGUOUS = 0x020 | STRIDES;
inline constexpr int F_CONTIGUOUS = 0x040 | STRIDES;
inline constexpr int ANY_CONTIGUOUS = 0x080 | STRIDES;
inline constexpr int INDIRECT = 0x100 | STRIDES;

inline constexpr int CONTIG = ND | WRITABLE;
inline constexpr int CONTIG_RO = ND;
inline constexpr int STRIDED = STRIDES | WRITABLE;
inline constexpr int STRIDED_RO = STRIDES;
inline constexpr int RECORDS = STRIDES | FORMAT | WRITABLE;
inline constexpr int RECORDS_RO = STRIDES | FORMAT;
inline constexpr int FULL = INDIRECT | FORMAT | WRITABLE;
inline constexpr int FULL_RO = INDIRECT | FORMAT;

// Words of the memoryview C API; as requests they are reserved [request.reserved.read_or_write_alone].
inline constexpr int READ = 0x100;
inline constexpr int WRITE = 0x200;

inline constexpr int low_bits = 0x3ff;
inline constexpr int word_count = 0x400;
}  // namespace flag

// The word of one flag or compound by its name here, without PyBUF_; absent for any other text, READ and WRITE included.
[[nodiscard]] std::optional<int> flag_from(std::string_view name) noexcept;

// The largest number of dimensions that an exporter may use [field.ndim.at_most_64].
inline constexpr int max_ndim = 64;

// Which text is held against a subject: the founding document, or the documents of today.
enum class Edition : std::uint8_t { founding_2010, current };

// Whether `word` asks for `wanted`: all of its bits are set [flag.bits.all_of_a_flag].
[[nodiscard]] constexpr bool has(int word, int wanted) noexcept { return (word & wanted) == wanted; }

// Whether `word` asks for C order and for Fortran order at once [request.contiguous.both_orders].
[[nodiscard]] constexpr bool asks_both_orders(int word) noexcept {
  return has(word, flag::C_CONTIGUOUS | flag::F_CONTIGUOUS);
}

// Whether `word` carries the own bit of a structural flag whose other bits are not all there.
[[nodiscard]] constexpr bool has_stray_bits(int word) noexcept {
  constexpr int structural_own_bits = 0x1f0;
  return (word & structural_own_bits) != 0 && !has(word, flag::STRIDES);
}

// `word` without the bits that belong to no complete flag: the reading `complete_flags`
// [request.stray_bits.without_nd].
[[nodiscard]] constexpr int complete_flags(int word) noexcept {
  const int modifiers = word & (flag::WRITABLE | flag::FORMAT);
  if (has(word, flag::STRIDES)) return modifiers | (word & 0x1f8);
  return modifiers | (word & flag::ND);
}

// `word` with every bit that its own bits' flags contain: the reading `own_bits`
// [request.stray_bits.without_nd].
[[nodiscard]] constexpr int own_bits_completed(int word) noexcept {
  return has_stray_bits(word) ? ((word & 0x1fd) | flag::STRIDES) : (word & 0x1fd);
}

}  // namespace bufspec
