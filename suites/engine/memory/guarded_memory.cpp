#include "guarded_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

namespace bufspec::engine {

// A row of pages between two that nobody may touch; never unmapped.
struct GuardedPages {
  char* first = nullptr;
  std::size_t bytes = 0;
  int protection = PROT_NONE;
  GuardedPages* next = nullptr;  // of those that are free, or withdrawn
};

namespace {

constexpr std::size_t slack_wanted = 64;
constexpr std::size_t sizes = 24;  // of free pages, by the power of two
constexpr std::size_t withdrawn_kept = 64;

struct Pool {
  std::mutex mutex;
  std::array<GuardedPages*, sizes> free{};
  // Those that were withdrawn last: whoever still looks there dies of it, for so long.
  std::array<GuardedPages*, withdrawn_kept> withdrawn{};
  std::size_t next_withdrawn = 0;
};

// Never destroyed: objects of Python outlive static objects.
Pool& pool() {
  static Pool* const kept = new Pool;
  return *kept;
}

std::atomic<std::uint64_t> calls{0};

std::size_t page_bytes() noexcept {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

bool protect(GuardedPages& pages, int protection) noexcept {
  if (pages.protection == protection) return true;
  calls.fetch_add(1, std::memory_order_relaxed);
  if (mprotect(pages.first, pages.bytes, protection) != 0) return false;
  pages.protection = protection;
  return true;
}

std::size_t class_of(std::size_t pages) noexcept {
  std::size_t number = 0;
  while ((std::size_t{1} << number) < pages) ++number;
  return number;
}

GuardedPages* map_pages(std::size_t number) noexcept {
  const std::size_t guard = page_bytes();
  const std::size_t bytes = (std::size_t{1} << number) * guard;
  calls.fetch_add(1, std::memory_order_relaxed);
  void* const mapped = mmap(nullptr, bytes + 2 * guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* const pages = new (std::nothrow) GuardedPages;
  if (pages == nullptr) {
    munmap(mapped, bytes + 2 * guard);
    return nullptr;
  }
  pages->first = static_cast<char*>(mapped) + guard;
  pages->bytes = bytes;
  return pages;
}

// Requires: the pool is locked.
void put_free(Pool& all, GuardedPages* pages) noexcept {
  GuardedPages*& free = all.free[class_of(pages->bytes / page_bytes())];
  pages->next = free;
  free = pages;
}

GuardedPages* take_pages(std::size_t bytes) noexcept {
  const std::size_t number = class_of(std::max<std::size_t>(1, (bytes + page_bytes() - 1) / page_bytes()));
  if (number >= sizes) return nullptr;
  Pool& all = pool();
  GuardedPages* pages = nullptr;
  {
    const std::lock_guard lock(all.mutex);
    pages = all.free[number];
    if (pages != nullptr) all.free[number] = pages->next;
  }
  if (pages == nullptr) pages = map_pages(number);
  if (pages == nullptr || protect(*pages, PROT_READ | PROT_WRITE)) return pages;
  // The system refuses now and may grant later: the pages are kept for the next who asks.
  const std::lock_guard lock(all.mutex);
  put_free(all, pages);
  return nullptr;
}

// What blocks of the heap are aligned to: 64, or more where the number of bytes is a multiple of it, up to a page.
std::size_t alignment_of(std::size_t bytes) noexcept {
  constexpr std::size_t largest = 4096;
  return std::clamp(bytes & (~bytes + 1), slack_wanted, largest);
}

}  // namespace

GuardedBlock::GuardedBlock(std::size_t bytes, Placement placement) noexcept : size_(bytes) {
  if (placement == Placement::anywhere) {
    const std::size_t alignment = alignment_of(bytes);
    char* const block =
        static_cast<char*>(::operator new(alignment + bytes + slack_wanted, std::align_val_t{alignment}, std::nothrow));
    if (block == nullptr) return;
    data_ = block + alignment;
    slack_ = data_ - slack_wanted;
    slack_bytes_ = slack_wanted;
  } else {
    pages_ = take_pages(bytes);
    if (pages_ == nullptr) return;
    const std::size_t room = pages_->bytes - bytes;
    slack_bytes_ = std::min(room, slack_wanted);
    const bool at_end = placement == Placement::ends_at_page;
    data_ = at_end ? pages_->first + room : pages_->first;
    slack_ = at_end ? data_ - slack_bytes_ : data_ + bytes;
  }
  renew_slack();
}

GuardedBlock::~GuardedBlock() {
  if (pages_ != nullptr) {
    Pool& all = pool();
    const std::lock_guard lock(all.mutex);
    put_free(all, pages_);
  } else if (data_ != nullptr) {
    const std::size_t alignment = alignment_of(size_);
    ::operator delete(data_ - alignment, std::align_val_t{alignment});
  }
}

void GuardedBlock::swap(GuardedBlock& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(slack_, other.slack_);
  std::swap(slack_bytes_, other.slack_bytes_);
  std::swap(pages_, other.pages_);
}

void GuardedBlock::renew_slack() noexcept {
  std::memset(slack_, slack_byte, slack_bytes_);
  if (pages_ == nullptr) std::memset(data_ + size_, slack_byte, slack_wanted);
}

bool GuardedBlock::slack_intact() const noexcept {
  static const auto intact = [] {
    std::array<unsigned char, slack_wanted> bytes;
    bytes.fill(slack_byte);
    return bytes;
  }();
  return std::memcmp(slack_, intact.data(), slack_bytes_) == 0 &&
         (pages_ != nullptr || std::memcmp(data_ + size_, intact.data(), slack_wanted) == 0);
}

void GuardedBlock::set_readonly(bool readonly) noexcept {
  if (pages_ != nullptr) static_cast<void>(protect(*pages_, readonly ? PROT_READ : PROT_READ | PROT_WRITE));
}

void GuardedBlock::withdraw() noexcept {
  if (pages_ == nullptr) return;
  static_cast<void>(protect(*pages_, PROT_NONE));
  Pool& all = pool();
  const std::lock_guard lock(all.mutex);
  GuardedPages*& place = all.withdrawn[all.next_withdrawn++ % withdrawn_kept];
  if (place != nullptr) put_free(all, place);
  place = pages_;
  pages_ = nullptr;
  data_ = nullptr;
}

std::uint64_t protection_calls() noexcept { return calls.load(std::memory_order_relaxed); }

}  // namespace bufspec::engine
