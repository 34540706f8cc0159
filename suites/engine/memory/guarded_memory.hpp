// Blocks of memory that end or begin exactly where an inaccessible page does, and that can be withdrawn.
// Pages are mapped once and used again: a system call is made only where the protection of a page has to change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace bufspec::engine {

// Where a block lies.
enum class Placement : std::uint8_t { anywhere, ends_at_page, begins_at_page };

// What is beside a block, and no consumer's business.
inline constexpr unsigned char slack_byte = 0x5a;

struct GuardedPages;

// A block of the pool; gives its pages back when it goes.  One block is used by one thread at a time.
class GuardedBlock {
 public:
  GuardedBlock() noexcept = default;
  // `bytes` of writable memory; is_set() says whether there were so many.  The memory is not cleared, but what lies
  // beside it within `slack_bytes` holds slack_byte.  O(1), and no system call where pages of the pool fit.
  GuardedBlock(std::size_t bytes, Placement placement) noexcept;
  GuardedBlock(GuardedBlock&& other) noexcept { swap(other); }
  GuardedBlock& operator=(GuardedBlock&& other) noexcept {
    GuardedBlock taken(std::move(other));
    swap(taken);
    return *this;
  }
  GuardedBlock(const GuardedBlock&) = delete;
  GuardedBlock& operator=(const GuardedBlock&) = delete;
  ~GuardedBlock();

  [[nodiscard]] bool is_set() const noexcept { return data_ != nullptr; }
  [[nodiscard]] bool has_pages() const noexcept { return pages_ != nullptr; }
  [[nodiscard]] char* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  // Whether the bytes beside the block are as they were.
  [[nodiscard]] bool slack_intact() const noexcept;
  void renew_slack() noexcept;

  // Whether writes are caught by the processor from now on.  Of blocks with pages.
  void set_readonly(bool readonly) noexcept;
  // Makes the pages inaccessible and keeps their addresses out of use for a while.  The block is not set any more.
  void withdraw() noexcept;

 private:
  void swap(GuardedBlock& other) noexcept;

  char* data_ = nullptr;
  std::size_t size_ = 0;
  char* slack_ = nullptr;
  std::size_t slack_bytes_ = 0;
  GuardedPages* pages_ = nullptr;  // null: from the heap
};

// How many system calls changed the protection of pages, or mapped them, in this process.
[[nodiscard]] std::uint64_t protection_calls() noexcept;

}  // namespace bufspec::engine
