// Memory that is too large to keep a copy of it: a sample of its bytes, and a digest of all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "places.hpp"

namespace bufspec::engine {

// The bytes at which such memory is compared: both ends and places between.  Requires more than largest_kept_memory.
[[nodiscard]] std::string sample_of(std::string_view all_elements);

// The same of memory that may not be there, into `sample`; false if one of them cannot be read.
[[nodiscard]] bool read_sample(const Places& places, std::uintptr_t buf, std::string& sample);

// A number for some bytes, another one for other bytes.
[[nodiscard]] std::uint64_t digest_of(std::string_view all_elements) noexcept;

// The same of memory that may not be there, each byte read once and none kept; absent if one cannot be read.
[[nodiscard]] std::optional<std::uint64_t> read_digest(std::uintptr_t at, std::size_t size);

// Whether a byte of every page can be read.
[[nodiscard]] bool probe_pages(std::uintptr_t at, std::size_t size);

}  // namespace bufspec::engine
