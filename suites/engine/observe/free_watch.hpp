// Was memory freed while somebody watched it?  The calls by which the libraries of this process free memory (free, realloc,
// munmap, mremap) are led through here, so that it does not matter what the allocator does with the block afterwards.
// A sanitizer's allocator calls us before it frees a block; pages that are unmapped are not seen there.  On another system than
// Linux with glibc nothing is ever seen freed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace bufspec::engine {

// Leads the calls of all libraries that are loaded by now through here; cheap if none came since the last time.
void watch_frees() noexcept;

// Keeps the C library from changing, while it runs, from which size on blocks are mappings of their own: a large block that
// was freed is then unmapped, every time.
void pin_mapping_size() noexcept;

// A stretch of memory under watch until this goes; any thread may free it.
class WatchedMemory {
 public:
  WatchedMemory() noexcept = default;
  ~WatchedMemory() { end(); }
  WatchedMemory(const WatchedMemory&) = delete;
  WatchedMemory& operator=(const WatchedMemory&) = delete;

  // Watches the bytes at `first`, at `last` and between, instead of those before.
  void begin(std::uintptr_t first, std::uintptr_t last) noexcept;
  void end() noexcept;
  // Whether the block with the first byte was freed since begin(), or shrunk so that the last is outside.
  [[nodiscard]] bool was_freed() const noexcept;

 private:
  std::optional<std::size_t> place_;
};

// Whether AddressSanitizer is here and lets nobody touch that byte: it was freed, or belongs to no block.  Such a block is not
// handed out again for long, so it cannot be found by asking for one of its size.
[[nodiscard]] bool is_barred_by_sanitizer(const void* address) noexcept;

// The blocks that were freed last, noted between begin() and end(); they may have been handed out again since.
class RecentFrees {
 public:
  static void begin() noexcept;
  static void end() noexcept;
  // The size of the last of them that `address` lay in.
  [[nodiscard]] static std::optional<std::size_t> size_of_block_with(std::uintptr_t address) noexcept;
};

}  // namespace bufspec::engine
