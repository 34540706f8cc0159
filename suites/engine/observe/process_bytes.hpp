// How much memory this process holds, by the system's account and by the allocator's.
#pragma once

#include <cstdint>
#include <optional>

namespace bufspec::engine {

struct ProcessBytes {
  std::int64_t resident = 0;   // pages in memory; 0 under a sanitizer, which holds freed blocks too
  std::int64_t allocated = 0;  // of the C library's allocator, or the sanitizer's; 0 where neither counts
};

// Whether process_bytes() has an answer on this system.
[[nodiscard]] bool can_measure_process() noexcept;

// What is held now; allocates nothing.
[[nodiscard]] ProcessBytes process_bytes() noexcept;

// By how much the process grew, by the account that shows more: small blocks that Python's own allocator holds are
// seen in pages alone, blocks that fit into pages it already had in the C library's account alone.
[[nodiscard]] std::int64_t growth(const ProcessBytes& before, const ProcessBytes& after) noexcept;

}  // namespace bufspec::engine
