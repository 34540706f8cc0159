// Which traps does a layout set, and what does an item look like whose byte order was not heeded?
#include "layout_hazards.hpp"

#include <algorithm>
#include <bit>

#include "bufspec/layout.hpp"
#include "scenario_layout.hpp"

namespace bufspec::hazards {

namespace {

// A few letters can describe more members than can be visited.
constexpr long member_budget = 100'000;

constexpr ByteOrder foreign = std::endian::native == std::endian::little ? ByteOrder::big : ByteOrder::little;

std::size_t count_of(int ndim) noexcept { return static_cast<std::size_t>(std::clamp(ndim, 0, max_ndim)); }

// The bytes of one number of a member: what is turned round as a whole.
ssize unit_of(const FormatItem& item) noexcept {
  switch (item.kind) {
    case FormatKind::complex:
      return item.size / 2;
    case FormatKind::ucs2:
      return 2;
    case FormatKind::ucs4:
      return 4;
    case FormatKind::signed_integer:
    case FormatKind::unsigned_integer:
    case FormatKind::real:
    case FormatKind::pointer:
      return item.size;
    default:
      return 0;
  }
}

bool is_foreign(const FormatItem& item) noexcept { return item.order == foreign && unit_of(item) > 1; }

void swap_members(const Format& format, std::size_t first, std::size_t end, ssize base, std::string& item,
                  long& budget) {
  const auto size = static_cast<ssize>(item.size());
  for (std::size_t at = first; at < end; at = format.items[at].end) {
    const FormatItem& member = format.items[at];
    const bool is_structure = member.kind == FormatKind::structure;
    if (!is_structure && !is_foreign(member)) continue;
    for (ssize k = 0; k < member.count && --budget > 0; ++k) {
      const ssize place = base + member.offset + k * member.stride;
      if (is_structure) {
        swap_members(format, at + 1, member.end, place, item, budget);
        continue;
      }
      const ssize unit = unit_of(member);
      for (ssize from = place; from + unit <= std::min(place + member.size, size); from += unit)
        std::reverse(item.begin() + from, item.begin() + from + unit);
    }
  }
}

}  // namespace

bool has_odd_stride(const Layout& layout) noexcept {
  for (std::size_t d = 0; layout.has_strides && d < count_of(layout.ndim); ++d)
    if (layout.shape[d] > 1 && layout.strides[d] <= 0) return true;
  return false;
}

bool has_free_stride(const Layout& layout) noexcept {
  Extents canonical{};
  if (!layout.has_strides || is_indirect(layout) || !canonical_strides(layout, 'C', canonical)) return false;
  for (std::size_t d = 0; d < count_of(layout.ndim); ++d)
    if (layout.shape[d] == 1 && layout.strides[d] != canonical[d]) return true;
  return false;
}

bool is_strided(const Layout& layout) noexcept {
  Extents canonical{};
  if (!layout.has_strides || !canonical_strides(layout, 'C', canonical)) return false;
  return !std::equal(canonical.begin(), canonical.begin() + static_cast<std::ptrdiff_t>(count_of(layout.ndim)),
                     layout.strides.begin());
}

ssize natural_alignment(std::string_view format) {
  const auto parsed = parse_format(format);
  if (!parsed.ok()) return 1;
  ssize largest = 1;
  for (const FormatItem& item : parsed.value.items) {
    const ssize unit = unit_of(item);
    if (unit > 0 && unit <= 16 && std::has_single_bit(static_cast<std::size_t>(unit)))
      largest = std::max(largest, unit);
  }
  return largest;
}

bool is_unaligned(const Layout& layout) {
  const ssize alignment = natural_alignment(layout.format);
  if (alignment == 1 || is_indirect(layout) || has_no_bytes(layout)) return false;
  if (layout.offset % alignment != 0) return true;
  if (!layout.has_strides) return layout.itemsize % alignment != 0;
  for (std::size_t d = 0; d < count_of(layout.ndim); ++d)
    if (layout.shape[d] > 1 && layout.strides[d] % alignment != 0) return true;
  return false;
}

bool has_foreign_order(std::string_view format) {
  const auto parsed = parse_format(format);
  if (!parsed.ok()) return false;
  return std::any_of(parsed.value.items.begin(), parsed.value.items.end(), is_foreign);
}

void swap_foreign(const Format& format, std::string& item) {
  long budget = member_budget;
  swap_members(format, 0, format.items.size(), 0, item, budget);
}

bool has_no_bytes(const Layout& layout) noexcept {
  const std::size_t ndim = count_of(layout.ndim);
  return layout.itemsize == 0 ||
         std::find(layout.shape.begin(), layout.shape.begin() + static_cast<std::ptrdiff_t>(ndim), 0) !=
             layout.shape.begin() + static_cast<std::ptrdiff_t>(ndim);
}

}  // namespace bufspec::hazards
