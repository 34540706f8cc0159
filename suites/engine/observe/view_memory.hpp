// The memory that a view describes: whether it can be read, what its elements are, and writing to it.
// Works from the value copy of a view and its buf; trusts neither, never faults, touches no Python object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bufspec/view.hpp"

namespace bufspec::engine {

// The elements of memories up to this size are kept and compared; of larger ones some are probed.
inline constexpr ssize largest_kept_memory = 65536;

// Addresses of single elements and what a look at the memory came to.
struct SeenMemory {
  std::optional<bool> readable;  // absent where the view does not say where its elements are
  bool complete = false;         // `elements` holds them all
  std::string elements;          // in C order, one behind the other
  std::uintptr_t first = 0;      // the addresses from the first byte up to the end of the last;
  std::uintptr_t end = 0;        // 0 where there are none, or pointers are followed
};

// Looks at the elements of `view`, whose first is at `buf`; a view without shape is `len` bytes as they lie.
// Memory up to largest_kept_memory is read whole; of larger memory the first and last element and some in between.
void look_at_memory(const View& view, const void* buf, SeenMemory& seen);

// The addresses of the first and the last element in C order; empty where there are none or they cannot be found.
[[nodiscard]] std::vector<char*> corner_elements(const View& view, const void* buf);

}  // namespace bufspec::engine
