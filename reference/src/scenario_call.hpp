// The bytes that spell a call and what it owes, for the codec of scenarios.  Only for scenario*.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bufspec/scenario.hpp"

namespace bufspec {

[[nodiscard]] std::vector<std::uint8_t> bytes_of(const Call& call);

// The call that `bytes` spell.  Total: every byte string spells one, with maps in `given` and `expect`, whose keys are unique.
// call_from(bytes_of(c)) == c for each such call within the bounds of the source file.
[[nodiscard]] Call call_from(std::span<const std::uint8_t> bytes);

}  // namespace bufspec
