#include "reused_memory.hpp"

#include <algorithm>
#include <cstring>

namespace bufspec::engine {

namespace {

constexpr std::size_t blocks_of_each_size = 3;
// An allocator with pools hands out the blocks of one page after the other, and the page of the freed block may come
// late; the C library has what was freed before in front of it.
constexpr std::size_t blocks_of_pages = 256;
constexpr std::size_t blocks_of_bins = 64;
constexpr std::size_t likely_sizes = 2;   // what is shown, and what has a byte more after it
constexpr std::size_t finest_size = 512;  // up to here pools have blocks of their own, one size for every 16
constexpr std::size_t large_size = std::size_t{1} << 16;
constexpr std::size_t header_size = 2 * sizeof(std::size_t);
constexpr std::size_t page_size = 4096;

}  // namespace

FreshBlocks::FreshBlocks(std::size_t size, std::size_t object_size, std::span<const Allocator> allocators) noexcept {
  // Of large objects the C library has the blocks: when it gets one back is seen elsewhere.
  if (object_size > size && object_size <= finest_size) take_likely(object_size, allocators);
  // What was asked for may have been more than what is shown: room to grow, or a header.
  if (size <= finest_size) {
    for (std::size_t n = 0; n < likely_sizes; ++n) take_likely(size + 16 * n, allocators);
    for (std::size_t more = size; more <= 2 * size + 64; more += 16) take(more, allocators);
    return;
  }
  for (const std::size_t more : {size, size + 1, size + 16, size + 32, size + 64, size + size / 16, size + size / 8 + 6,
                                 size + size / 4, size + size / 2, 2 * size})
    if (more >= size) take(more, allocators);
}

void FreshBlocks::take(std::size_t size, std::span<const Allocator> allocators) noexcept {
  const std::size_t wanted = size <= large_size ? blocks_of_each_size : 1;
  for (const Allocator& allocator : allocators)
    if (size <= finest_size || !allocator.has_pools) take_of(size, wanted, allocator);
}

void FreshBlocks::take_likely(std::size_t size, std::span<const Allocator> allocators) noexcept {
  for (const Allocator& allocator : allocators.first(std::min<std::size_t>(allocators.size(), 2)))
    take_of(size, allocator.has_pools ? blocks_of_pages : blocks_of_bins, allocator);
}

void FreshBlocks::take_of(std::size_t size, std::size_t wanted, const Allocator& allocator) noexcept {
  for (std::size_t n = 0; n < wanted && count_ < blocks_.size(); ++n)
    if (void* memory = allocator.allocate(size)) blocks_[count_++] = {memory, size, allocator.free};
}

bool FreshBlocks::have(std::uintptr_t first, std::uintptr_t last) const noexcept {
  for (std::size_t n = 0; n < count_; ++n) {
    const auto begin = reinterpret_cast<std::uintptr_t>(blocks_[n].memory);
    if (begin <= last && first < begin + blocks_[n].size) return true;
    // Before a block that has pages of its own lies the allocator's header.  Elsewhere the block before may use a part of it, so
    // what ends there is no sign.
    const bool has_own_pages = blocks_[n].size > large_size && (begin - header_size) % page_size == 0;
    if (has_own_pages && begin - header_size <= first && first < begin) return true;
  }
  return false;
}

void FreshBlocks::write() noexcept {
  constexpr int pattern = 0xC5;
  for (std::size_t n = 0; n < count_; ++n)
    if (blocks_[n].size <= large_size) std::memset(blocks_[n].memory, pattern, blocks_[n].size);
}

FreshBlocks::~FreshBlocks() {
  for (std::size_t n = 0; n < count_; ++n) blocks_[n].free(blocks_[n].memory);
}

}  // namespace bufspec::engine
