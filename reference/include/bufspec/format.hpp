// Format strings: how large an item is, how it is aligned, and what it consists of.
// Table: spec/tables/50-format.yaml (rules format.*).  Fuzz: fuzz/format_fuzz.cpp.
// Two grammars: that of the struct module, and that of PEP 3118, which contains it.  Pure functions of texts;
// a hostile format is an error, never deep recursion or overflow.  Values are read nowhere in here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "bufspec/errors.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// Limits of the PEP 3118 grammar; a format beyond one of them is a struct_error.
inline constexpr std::size_t max_format_length = 65536;
inline constexpr int max_format_depth = 32;
inline constexpr std::size_t max_format_items = 16384;

struct FormatSize {
  ssize size = 0;
  ssize alignment = 1;

  friend bool operator==(const FormatSize&, const FormatSize&) = default;
};

// What an element is, apart from its size and byte order.
enum class FormatKind : std::uint8_t {
  pad,
  character,
  boolean,
  signed_integer,
  unsigned_integer,
  real,
  complex,
  bytes,
  pascal_string,
  ucs2,
  ucs4,
  pointer,         // P, or & with its target as children
  function,        // X{}
  object,
  bits,
  structure,       // T{}: its members are its children
};

// `none` where the order of bytes makes no difference.
enum class ByteOrder : std::uint8_t { none, little, big };

// One member of a format: `count` elements of `size` bytes, the first `offset` bytes from the start of the
// enclosing structure, each `stride` bytes from the one before.  For bits the size is a number of bits and
// `bit` the place of the first behind `offset`.  Its children follow it in the list, up to index `end`.
struct FormatItem {
  FormatKind kind = FormatKind::pad;
  ByteOrder order = ByteOrder::none;
  ssize size = 0;
  ssize offset = 0;
  ssize bit = 0;
  ssize count = 1;
  ssize stride = 0;
  std::size_t end = 0;
};

struct Format {
  FormatSize whole;
  std::vector<FormatItem> items;  // in the order of the text, children behind their parent
};

// The size of an item, as struct.calcsize gives it: 0 for the empty text [format.struct.*].
//
// The order is the first character only; white space stands between items, not behind a count; native order aligns
// each item from the start and pads nowhere at the end; a count of 0 still aligns.
// Fails: unicode_encode_error for a text that is not ASCII, else struct_error (also for a size that does not fit
// and for the codes that only PEP 3118 has).
// `runtime` (as PY_VERSION_HEX) decides on F and D (3.14), Zf and Zd (3.15).
// O(length), no heap.
// CPython: PyBuffer_SizeFromFormat().
[[nodiscard]] Result<ssize> size_from_format(std::string_view text, std::uint32_t runtime = 0xffffffff) noexcept;

// Size and alignment of an item by the grammar of PEP 3118 [format.structure.*, format.size.*].
//
// An order holds until the next one.  Members of T{} align from its start, its alignment is the largest of theirs,
// and it has no padding at its end; repeated structures are aligned each.  A run of bits is rounded up to bytes
// where it ends.
// Fails (struct_error) on a text outside the grammar, beyond the limits above, or of a size that does not fit.
// O(length), no heap.
[[nodiscard]] Result<FormatSize> format_size(std::string_view text) noexcept;

// The members of a format by the same grammar; fails as format_size() does.
[[nodiscard]] Result<Format> parse_format(std::string_view text);

// Whether both texts describe items of one size with the same elements: kind, size, byte order and offset of each
// in turn [format.meaning.same_values].  Names, white space, and how elements are grouped or counted make no
// difference; padding only by its place.  False if either text does not parse, and for different texts with more
// than a million runs of elements.
[[nodiscard]] bool formats_equal(std::string_view left, std::string_view right);

// Whether a memoryview can read elements of this format: one native code, perhaps behind an "@"
// [memoryview.item.format].  `e` since 3.12, F, D, Zf and Zd since 3.15.
[[nodiscard]] bool is_native_single(std::string_view text, std::uint32_t runtime = 0xffffffff) noexcept;

}  // namespace bufspec
