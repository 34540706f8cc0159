// Memory that is too large to keep a copy of it: a sample of its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "places.hpp"

namespace bufspec::engine {

// So many bytes at either end are in the sample.
inline constexpr std::size_t sampled_edge = 1024;

// The bytes at which such memory is compared: both ends and places between.  Requires more than largest_kept_memory.
[[nodiscard]] std::string sample_of(std::string_view all_elements);

// The same of memory that may not be there, into `sample`; false if one of them cannot be read.
[[nodiscard]] bool read_sample(const Places& places, std::uintptr_t buf, std::string& sample);

}  // namespace bufspec::engine
