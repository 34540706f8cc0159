// Was memory given back to the allocator? Then somebody else may get it: this file is that somebody.
#pragma once

#include <array>
#include <cstddef>

namespace bufspec::cpython {

// Blocks of the sizes that a memory of some size may have had, from every allocator of the process; given back when this
// goes.  If memory that is still in use changes when they are written, it had been freed.
class FreshBlocks {
 public:
  // Takes the blocks and leaves them as they are.  To be made before anything else is allocated, which might get what
  // was freed.
  explicit FreshBlocks(std::size_t size) noexcept;
  ~FreshBlocks();
  FreshBlocks(const FreshBlocks&) = delete;
  FreshBlocks& operator=(const FreshBlocks&) = delete;

  // Writes into all of them.
  void write() noexcept;

 private:
  struct Block {
    void* memory;
    std::size_t size;
    void (*give_back)(void*);
  };
  void take(std::size_t size) noexcept;
  void take_of(std::size_t size, std::size_t wanted, void* (*ask)(std::size_t), void (*give_back)(void*)) noexcept;

  std::array<Block, 1024> blocks_;
  std::size_t count_ = 0;
};

}  // namespace bufspec::cpython
