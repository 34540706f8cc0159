// Reading and writing memory that may not be there: what a subject points at is evidence, not something to trust.
#pragma once

#include <cstddef>
#include <span>

namespace bufspec::engine {

// Copies from `address` into `into`; returns how many bytes could be read before the first that could not.
// Never faults.  A plain copy where a FaultGuard stands, else one system call for each page.
[[nodiscard]] std::size_t read_safely(const void* address, std::span<char> into) noexcept;

// Copies `from` to `address`; whether all of it could be written.  Never faults: memory that is read-only to this
// process stays as it is.
[[nodiscard]] bool write_safely(void* address, std::span<const char> from) noexcept;

}  // namespace bufspec::engine
