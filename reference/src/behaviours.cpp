// What are the behaviours of our exporter called, and which requests does it refuse?
#include <array>

#include "bufspec/scenario.hpp"

namespace bufspec {

namespace {

// By number of the bit, the same words as in namespace behaviour.
constexpr std::array names{
    std::string_view{"ends_at_page"},
    std::string_view{"begins_at_page"},
    std::string_view{"fresh_block"},
    std::string_view{"poisoned"},
    std::string_view{"withdrawn"},
    std::string_view{"own_arrays"},
    std::string_view{"self_referential"},
    std::string_view{"redirected"},
    std::string_view{"reenters"},
    std::string_view{"reenters_consumer"},
    std::string_view{"collects"},
    std::string_view{"slow"},
    std::string_view{"raises_at_release"},
    std::string_view{"other_thread"},
    std::string_view{"refuses_writable"},
    std::string_view{"refuses_flat"},
    std::string_view{"refuses_strideless"},
    std::string_view{"refuses_formatless"},
    std::string_view{"refuses_format"},
    std::string_view{"refuses_contiguity"},
    std::string_view{"refuses_all"},
    std::string_view{"refusal_untouched"},
    std::string_view{"refusal_memory_error"},
    std::string_view{"refusal_runtime_error"},
    std::string_view{"lie_len"},
    std::string_view{"lie_readonly"},
    std::string_view{"lie_format"},
    std::string_view{"lie_suboffsets"},
    std::string_view{"lie_obj"},
    std::string_view{"null_if_empty"},
    std::string_view{"refusal_value_error"},
    std::string_view{"no_zero_byte"},
};
static_assert((std::uint64_t{1} << names.size()) - 1 == behaviour::all, "each behaviour has a name");

}  // namespace

std::string_view behaviour_name(std::uint32_t bit) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (bit == std::uint32_t{1} << i) return names[i];
  return {};
}

std::uint32_t behaviour_from(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (name == names[i]) return std::uint32_t{1} << i;
  return 0;
}

bool refuses(std::uint32_t behaviours, std::uint8_t refused_requests, std::size_t number, int flags) noexcept {
  const auto does = [&](std::uint32_t bit) { return (behaviours & bit) != 0; };
  const bool wants_contiguity =
      has(flags, flag::C_CONTIGUOUS) || has(flags, flag::F_CONTIGUOUS) || has(flags, flag::ANY_CONTIGUOUS);
  return (number < 8 && (refused_requests >> number & 1U) != 0) || does(behaviour::refuses_all) ||
         (does(behaviour::refuses_writable) && has(flags, flag::WRITABLE)) ||
         (does(behaviour::refuses_flat) && !has(flags, flag::ND)) ||
         (does(behaviour::refuses_strideless) && !has(flags, flag::STRIDES)) ||
         (does(behaviour::refuses_formatless) && !has(flags, flag::FORMAT)) ||
         (does(behaviour::refuses_format) && has(flags, flag::FORMAT)) ||
         (does(behaviour::refuses_contiguity) && wants_contiguity);
}

}  // namespace bufspec
