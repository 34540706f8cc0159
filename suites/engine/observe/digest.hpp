// A digest of all elements of large memory: each is read once, in the order in which they lie, and none is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "places.hpp"

namespace bufspec::engine {

// The digest of the elements of memory that may not be there, read by ascending addresses: two looks at one view agree if
// no element is another one.  Absent if an element cannot be read, or finding them means to follow too many pointers.
//
// `is_readable` is false only where an element could not be read.
[[nodiscard]] std::optional<std::uint64_t> read_digest(const Places& places, std::uintptr_t buf, bool& is_readable);

// The digest that read_digest() gives of memory at such places that holds `all_elements`, which are in C order.
// Requires: as many bytes as the places have.
[[nodiscard]] std::uint64_t digest_owed(const Places& places, std::string_view all_elements);

// The order in which the elements at such places are digested, as numbers: where they are the same, digests of the same
// elements are.
[[nodiscard]] std::vector<ssize> digested_order(const Places& places);

}  // namespace bufspec::engine
