// The memory that a view describes: whether it can be read, what its elements are, and writing to it.
// Works from the value copy of a view and its buf; trusts neither, never faults, touches no Python object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/view.hpp"

namespace bufspec::engine {

// The elements of memories up to this size are kept and compared; of larger ones a sample.
inline constexpr ssize largest_kept_memory = 65536;

// How closely large memory is looked at: a sample of it; also every byte once; or all of it, and a copy is kept, which has
// to fit into memory (larger than largest_copied_memory is sampled).
enum class Look : std::uint8_t { sample, whole, copy };
inline constexpr ssize largest_copied_memory = ssize{1} << 28;

// What a look at the memory came to.
struct SeenMemory {
  std::optional<bool> readable;  // absent where the view does not say where its elements are
  bool complete = false;  // `elements` holds them all
  bool is_sample = false;  // `elements` holds sample_of() of them
  ssize bytes = 0;  // of all elements
  std::string elements;  // in C order, one after the other
  std::optional<std::uint64_t>
      digest;  // of the elements of large memory, of a look at the whole; that of another look at
  // the same view is the same
  std::uintptr_t first = 0;  // the addresses from the first byte up to the end of the last;
  std::uintptr_t end = 0;  // 0 where there are none, or pointers are followed

  [[nodiscard]] bool has_elements() const noexcept { return complete || is_sample; }
  // Whether the elements are the same, as far as was looked; requires has_elements() of both.
  [[nodiscard]] bool agrees_with(const SeenMemory& other) const noexcept;
  [[nodiscard]] bool agrees_with(std::string_view all_elements) const;
};

// Looks at the elements of `view`, whose first is at `buf`; a view without shape is `len` bytes as they lie.
// Memory up to largest_kept_memory is read whole, larger memory as `look` says.
void look_at_memory(const View& view, const void* buf, SeenMemory& seen, Look look = Look::sample);

// The addresses of the first and the last byte that hold elements; of memory with pointers in it, those of the table at
// buf alone.  Absent where there are no elements.
struct Stretch {
  std::uintptr_t first;
  std::uintptr_t last;
  bool has_pointers;
};
[[nodiscard]] std::optional<Stretch> stretch_of(const View& view, const void* buf);

// The addresses of the first and the last element in C order; empty where there are none or they cannot be found.
[[nodiscard]] std::vector<char*> corner_elements(const View& view, const void* buf);

}  // namespace bufspec::engine
