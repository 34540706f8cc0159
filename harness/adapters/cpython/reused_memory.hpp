// Was memory given back to the allocator? Then somebody else may get it: this file is that somebody.
#pragma once

#include <cstddef>
#include <vector>

namespace bufspec::cpython {

// Takes blocks of the sizes that a memory of some size may have had from every allocator of the process, and writes
// into them; gives them back when it goes.  If memory that is still in use changes meanwhile, it had been freed.
class FreshBlocks {
 public:
  explicit FreshBlocks(std::size_t size);
  ~FreshBlocks();
  FreshBlocks(const FreshBlocks&) = delete;
  FreshBlocks& operator=(const FreshBlocks&) = delete;

  // What the blocks hold.
  static constexpr char pattern = static_cast<char>(0xC5);

 private:
  struct Block {
    void* memory;
    void (*give_back)(void*);
  };
  void take(std::size_t size);

  std::vector<Block> blocks_;
};

}  // namespace bufspec::cpython
