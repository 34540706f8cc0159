// How rich is a request, or a memory?  Five classes, each of which takes more to answer or to read than the one before;
// a subject's profile is the richest in which it does right.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bufspec/flags.hpp"

namespace bufspec::engine {

enum class Class : std::uint8_t { simple, contiguous, strided, formatted, indirect };
inline constexpr std::array<std::string_view, 5> class_names{"simple", "contiguous", "strided", "formatted",
                                                             "indirect"};
inline constexpr std::size_t class_count = class_names.size();

[[nodiscard]] constexpr std::size_t index_of(Class one) noexcept { return static_cast<std::size_t>(one); }

struct Compound {
  std::string_view name;
  int word;
};

// The requests by name that consumers make most, two a class.
inline constexpr std::array<Compound, 2 * class_count> compounds{{
    {"SIMPLE", flag::SIMPLE},
    {"WRITABLE", flag::WRITABLE},
    {"CONTIG_RO", flag::CONTIG_RO},
    {"CONTIG", flag::CONTIG},
    {"STRIDED_RO", flag::STRIDED_RO},
    {"STRIDED", flag::STRIDED},
    {"RECORDS_RO", flag::RECORDS_RO},
    {"RECORDS", flag::RECORDS},
    {"FULL_RO", flag::FULL_RO},
    {"FULL", flag::FULL},
}};

// The number in `compounds` of a word; absent for any other word.
[[nodiscard]] std::optional<std::size_t> compound_number(int word) noexcept;

// The class of the least compound that asks for all that a word asks for.  FORMAT without STRIDES adds nothing to a class:
// no compound has it.
[[nodiscard]] Class class_of_request(int word) noexcept;

// The class of a memory that takes these capability::*.  An empty one may take none of what it names.
[[nodiscard]] Class class_of_memory(unsigned needed) noexcept;

}  // namespace bufspec::engine
