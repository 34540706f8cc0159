// What does a consumer have to be capable of before it can be held to reading a layout, and what are such things called?
#include <array>

#include "bufspec/layout.hpp"
#include "bufspec/trace.hpp"
#include "layout_hazards.hpp"
#include "scenario_layout.hpp"

namespace bufspec {

namespace {

// By number of the bit, the same words as in namespace capability.
constexpr std::array names{
    std::string_view{"contiguous"},    std::string_view{"fortran"},    std::string_view{"strided"},
    std::string_view{"indirect"},      std::string_view{"zero_dim"},   std::string_view{"several_dims"},
    std::string_view{"dimensions_64"}, std::string_view{"empty"},      std::string_view{"readonly"},
    std::string_view{"items"},         std::string_view{"structures"}, std::string_view{"byte_order"},
};
static_assert((1U << names.size()) - 1 == capability::all, "each capability has a name");

// By number, the same words as in enum class Misreading.
constexpr std::array misreadings{
    std::string_view{"unknown"},          std::string_view{"linear"},        std::string_view{"without_suboffsets"},
    std::string_view{"absolute_strides"}, std::string_view{"fortran_order"}, std::string_view{"of_itemsize"},
    std::string_view{"byte_swapped"},     std::string_view{"released"},      std::string_view{"empty"},
    std::string_view{"extent_one"},       std::string_view{"aligned"},       std::string_view{"other_format"},
    std::string_view{"counted_items"},
};

constexpr std::string_view order_marks = "@=<>!^";
constexpr std::string_view plain_codes = "cbB?hHiIlLqQfd";
constexpr int usual_dimensions = 8;

unsigned needed_for_order(const Layout& layout) {
  if (is_indirect(layout)) return capability::indirect | (hazards::is_strided(layout) ? capability::strided : 0);
  const MemoryFacts facts = facts_of(geometry_of(layout), layout.readonly);
  if (facts.ambiguous_empty) return capability::strided;  // some call it contiguous, some do not
  if (facts.c_contiguous) return capability::contiguous;
  return facts.f_contiguous ? capability::fortran : capability::strided;
}

unsigned needed_for_format(std::string_view format) {
  unsigned needed = 0;
  const bool is_marked = !format.empty() && order_marks.find(format.front()) != std::string_view::npos;
  if ((is_marked && format.front() != '@') || hazards::has_foreign_order(format)) needed |= capability::byte_order;
  if (is_marked) format.remove_prefix(1);
  if (format.size() != 1 || plain_codes.find(format.front()) == std::string_view::npos)
    needed |= capability::structures;
  return needed;
}

}  // namespace

unsigned capabilities_needed(const Layout& layout) {
  if (!well_formed(layout).ok()) return capability::all;
  unsigned needed = needed_for_order(layout) | needed_for_format(layout.format);
  if (layout.ndim == 0) needed |= capability::zero_dim;
  if (layout.ndim > 1) needed |= capability::several_dims;
  if (layout.ndim > usual_dimensions) needed |= capability::dimensions_64;
  if (hazards::has_no_bytes(layout)) needed |= capability::empty;
  if (layout.readonly) needed |= capability::readonly;
  if (layout.itemsize > 1) needed |= capability::items;
  return needed;
}

std::string_view capability_name(unsigned bit) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (bit == 1U << i) return names[i];
  return {};
}

unsigned capability_from(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (name == names[i]) return 1U << i;
  return 0;
}

std::string_view misreading_name(Misreading misreading) noexcept {
  const auto number = static_cast<std::size_t>(misreading);
  return number < misreadings.size() ? misreadings[number] : std::string_view{};
}

}  // namespace bufspec
