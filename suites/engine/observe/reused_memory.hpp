// Was memory freed?  Then an allocator may hand it out again: this file takes what it hands out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace bufspec::engine {

// One way of the process to get memory.
struct Allocator {
  void* (*allocate)(std::size_t);
  void (*free)(void*);
  bool has_pools = false;  // small blocks come from pools of its own; large ones from the C library
};

// Blocks of the sizes that a block of some size may have had, from every allocator of the process; freed when this goes.
// If memory that is still in use lies in one of them, or changes when they are written, it had been freed.
class FreshBlocks {
 public:
  // Takes the blocks and leaves them as they are.  `object_size` is that of an object in which the memory may lie, 0 where none is
  // known.  To be made before anything else is allocated, which might get what was freed.
  FreshBlocks(std::size_t size, std::size_t object_size, std::span<const Allocator> allocators) noexcept;
  ~FreshBlocks();
  FreshBlocks(const FreshBlocks&) = delete;
  FreshBlocks& operator=(const FreshBlocks&) = delete;

  // Whether one of them has this byte, or one between the two.
  [[nodiscard]] bool have(std::uintptr_t first, std::uintptr_t last) const noexcept;

  // Writes into all of them but large ones: their pages cost nothing as long as nobody touches them.
  void write() noexcept;

 private:
  struct Block {
    void* memory;
    std::size_t size;
    void (*free)(void*);
  };
  void take(std::size_t size, std::span<const Allocator> allocators) noexcept;
  void take_likely(std::size_t size, std::span<const Allocator> allocators) noexcept;
  void take_of(std::size_t size, std::size_t wanted, const Allocator& allocator) noexcept;

  std::array<Block, 1536> blocks_;
  std::size_t count_ = 0;
};

}  // namespace bufspec::engine
