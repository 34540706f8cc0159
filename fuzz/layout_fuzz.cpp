// Memories nobody thought of: is decode_layout total, and do all functions of layout.hpp agree on what it makes?
// One input in four is taken as a layout field by field, which no check has seen: functions that promise
// a result for any value must keep the promise.  Needs no subject; judges the reference alone.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "bufspec/layout.hpp"
#include "bufspec/requests.hpp"
#include "bufspec/scenario.hpp"
#include "chosen.hpp"
#include "property.hpp"

namespace {

using bufspec::Extents;
using bufspec::Geometry;
using bufspec::Layout;
using bufspec::ssize;
using bufspec::fuzz::Chosen;
using bufspec::fuzz::must_hold;

// Enough to meet every kind of memory, few enough that one input takes a microsecond.
constexpr ssize elements_walked = 64;

std::span<const ssize> extents(const Extents& values, int ndim) {
  return {values.data(), static_cast<std::size_t>(ndim)};
}

// Whether the elements lie one behind the other in that order, found by walking over them.
bool is_gap_free_by_walking(const Layout& layout, const Geometry& geometry, std::span<const ssize> strides,
                            bool fortran) {
  Extents place{};
  const std::span<ssize> index{place.data(), static_cast<std::size_t>(geometry.ndim)};
  ssize expected = 0;
  do {
    ssize found = 0;
    for (std::size_t i = 0; i < index.size(); ++i) found += index[i] * strides[i];
    must_hold(layout.offset + found >= 0 && layout.offset + found + layout.itemsize <= layout.block,
              "every element of a well formed layout lies inside its block");
    if (found != expected) return false;
    expected += layout.itemsize;
  } while (bufspec::advance_index(index, extents(layout.shape, layout.ndim), fortran));
  return true;
}

void check_orders(const Layout& layout, const Geometry& geometry) {
  const bool c = bufspec::is_contiguous(geometry, 'C');
  const bool fortran = bufspec::is_contiguous(geometry, 'F');
  must_hold(bufspec::is_contiguous(geometry, 'A') == (c || fortran), "any order is C or Fortran order");
  must_hold(!bufspec::is_contiguous(geometry, 'x'), "an unknown letter is no order");

  const auto facts = bufspec::facts_of(geometry, layout.readonly);
  must_hold(facts.c_contiguous == c && facts.f_contiguous == fortran, "facts agree with is_contiguous");
  must_hold(facts.indirect == bufspec::has_indirection(geometry), "facts agree with has_indirection");
  must_hold(!(facts.indirect && (c || fortran)), "a memory of pointers is contiguous in no order");
}

void check_word(const Layout& layout, const Geometry& geometry, std::size_t word) {
  const auto answer = bufspec::answer_to(static_cast<int>(word), bufspec::facts_of(geometry, layout.readonly));
  must_hold(!answer.writable || !layout.readonly || answer.duty == bufspec::Duty::must_refuse,
            "nobody may grant writing to a read-only memory");
}

// Strides that were filled in are those of a line.
void check_filled(const Layout& layout, char order) {
  Extents strides;
  const std::span<ssize> filled{strides.data(), static_cast<std::size_t>(layout.ndim)};
  const auto shape = extents(layout.shape, layout.ndim);
  must_hold(bufspec::fill_contiguous_strides(shape, layout.itemsize, order, filled).ok() &&
                bufspec::is_contiguous({layout.ndim, shape.data(), filled.data(), nullptr, layout.itemsize}, order),
            "strides that were filled in are contiguous in their order");
}

void check_by_walking(const Layout& layout, const Geometry& geometry, bool is_fortran) {
  Extents filled;
  const std::span<ssize> canonical{filled.data(), static_cast<std::size_t>(layout.ndim)};
  must_hold(bufspec::fill_contiguous_strides(extents(layout.shape, layout.ndim), layout.itemsize, 'C', canonical).ok(),
            "a memory that exists has strides that fit");
  const auto strides = layout.has_strides ? extents(layout.strides, layout.ndim) : std::span<const ssize>{canonical};
  must_hold(is_gap_free_by_walking(layout, geometry, strides, is_fortran) ==
                bufspec::is_contiguous(geometry, is_fortran ? 'F' : 'C'),
            is_fortran ? "Fortran order, found by walking" : "C order, found by walking");
}

// Fields as they come: negative, huge, or more dimensions than there may be.
Layout raw_layout(std::span<const std::uint8_t> bytes) {
  std::array<ssize, 40> words{};
  if (!bytes.empty()) std::memcpy(words.data(), bytes.data(), std::min(bytes.size(), sizeof words));
  Layout layout;
  layout.ndim = static_cast<int>(words[0] % 80);
  layout.itemsize = words[1];
  layout.offset = words[2];
  layout.block = words[3];
  layout.has_strides = (words[4] & 1) != 0;
  layout.has_suboffsets = (words[4] & 2) != 0;
  std::copy_n(words.begin() + 5, 10, layout.shape.begin());
  std::copy_n(words.begin() + 15, 10, layout.strides.begin());
  std::copy_n(words.begin() + 25, 10, layout.suboffsets.begin());
  return layout;
}

void check_raw(const Layout& raw, bool is_described) {
  const bool exists = bufspec::well_formed(raw).ok();
  must_hold(!exists || (raw.ndim >= 0 && raw.ndim <= bufspec::max_ndim), "a memory has 0 to 64 dimensions");
  if (raw.ndim < 0 || raw.ndim > bufspec::max_ndim) return;
  Extents filled;
  const auto status = bufspec::fill_contiguous_strides(extents(raw.shape, raw.ndim), raw.itemsize, 'F',
                                                       {filled.data(), static_cast<std::size_t>(raw.ndim)});
  const auto elements = bufspec::element_count(extents(raw.shape, raw.ndim));
  must_hold(!exists || elements.ok(), "a memory that exists has a number of elements");
  // One without elements may have extents whose strides do not fit.
  must_hold(!exists || elements.value == 0 || status.ok(), "a memory with elements has strides that fit");
  if (is_described) must_hold(!bufspec::describe(raw).empty(), "every layout can be described");
}

void check_made(const Layout& layout, Chosen& chosen) {
  must_hold(bufspec::well_formed(layout).ok(), "decode_layout makes well formed layouts only");
  must_hold(layout.ndim <= 8 && layout.block <= 65536, "decode_layout makes small layouts only");
  const auto count = bufspec::element_count(extents(layout.shape, layout.ndim));
  must_hold(count.ok(), "a well formed layout has a number of elements");
  must_hold(bufspec::byte_length(count.value, layout.itemsize).ok(), "a well formed layout has a length");

  const Geometry geometry = bufspec::geometry_of(layout);
  // A suboffset, even one that says "no pointer here", already denies contiguity.
  const bool is_line = !layout.has_suboffsets && count.value > 0 && layout.itemsize > 0;
  switch (chosen.one_of(6)) {
    case 0:
      return check_orders(layout, geometry);
    case 1:
      return check_word(layout, geometry, chosen.one_of(bufspec::flag::word_count));
    case 2:
      if (is_line) check_filled(layout, chosen.one_of(2) == 0 ? 'C' : 'F');
      return;
    case 3:
      if (chosen.one_of(4) == 0) must_hold(!bufspec::describe(layout).empty(), "every layout can be described");
      return;
    default:
      if (is_line && count.value <= elements_walked) check_by_walking(layout, geometry, chosen.one_of(2) == 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes{data, size};
  Chosen chosen(bytes);
  if (chosen.one_of(4) == 0)
    check_raw(raw_layout(bytes), chosen.one_of(4) == 0);
  else
    check_made(bufspec::decode_layout(bytes), chosen);
  return 0;
}
