#include "free_watch.hpp"

#include <array>
#include <atomic>
#include <span>

#include "loaded_calls.hpp"
#include "sanitizer_calls.hpp"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace bufspec::engine {

namespace {

constexpr std::size_t most_watched = 64;
constexpr std::size_t most_recent = 512;

// Read by every thread that frees memory, so without locks.
struct Watched {
  std::atomic<bool> is_taken = false;
  std::atomic<std::uintptr_t> first = 0;  // 0: nothing is watched here
  std::atomic<std::uintptr_t> last = 0;
  std::atomic<bool> is_freed = false;
};
struct Recent {
  std::atomic<std::uintptr_t> begin = 0;
  std::atomic<std::size_t> size = 0;
};
std::array<Watched, most_watched> watched;
std::atomic<std::size_t> watched_count = 0;
std::atomic<std::size_t> places_used = 0;
std::array<Recent, most_recent> recent;
std::atomic<std::size_t> recent_count = 0;
std::atomic<bool> notes_recent = false;

bool is_anybody_watching() noexcept {
  return watched_count.load(std::memory_order_relaxed) != 0 || notes_recent.load(std::memory_order_relaxed);
}

// The lowest free place is taken first: there is nothing after the highest that ever was.
std::span<Watched> places_in_use() noexcept {
  return std::span(watched).first(places_used.load(std::memory_order_relaxed));
}

bool lies_in(std::uintptr_t address, std::uintptr_t begin, std::size_t size) noexcept { return address - begin < size; }

void note_recent(std::uintptr_t begin, std::size_t size) noexcept {
  if (!notes_recent.load(std::memory_order_relaxed)) return;
  Recent& one = recent[recent_count.fetch_add(1, std::memory_order_relaxed) % most_recent];
  one.begin.store(begin, std::memory_order_relaxed);
  one.size.store(size, std::memory_order_relaxed);
}

// Of the block of `size` bytes at `begin`, what lies at `from` and after it was freed.  What lies in other blocks is not the
// memory of a view that starts in this one, whatever the view says of its end.
void note_block(std::uintptr_t begin, std::size_t size, std::uintptr_t from) noexcept {
  for (Watched& one : places_in_use()) {
    const std::uintptr_t first = one.first.load(std::memory_order_relaxed);
    if (first == 0 || !lies_in(first, begin, size)) continue;
    if (one.last.load(std::memory_order_relaxed) >= from) one.is_freed.store(true, std::memory_order_relaxed);
  }
  note_recent(from, begin + size - from);
}

// Pages have no beginning: some of them may go.
void note_pages(std::uintptr_t begin, std::size_t size) noexcept {
  for (Watched& one : places_in_use()) {
    const std::uintptr_t first = one.first.load(std::memory_order_relaxed);
    if (first != 0 && first < begin + size && one.last.load(std::memory_order_relaxed) >= begin)
      one.is_freed.store(true, std::memory_order_relaxed);
  }
  note_recent(begin, size);
}

std::uintptr_t address_of(const void* memory) noexcept { return reinterpret_cast<std::uintptr_t>(memory); }

#if defined(BUFSPEC_CAN_LEAD_CALLS)

RealCalls real;

void watched_free(void* memory) {
  if (memory != nullptr && is_anybody_watching())
    note_block(address_of(memory), real.usable_size(memory), address_of(memory));
  real.free(memory);
}

void* watched_realloc(void* memory, std::size_t size) {
  if (memory == nullptr || !is_anybody_watching()) return real.realloc(memory, size);
  const std::uintptr_t before = address_of(memory);
  const std::size_t had = real.usable_size(memory);
  void* made = real.realloc(memory, size);
  if (address_of(made) == before) {
    const std::size_t has = real.usable_size(made);
    if (has < had) note_block(before, had, before + has);
  } else if (made != nullptr || size == 0) {
    note_block(before, had, before);
  }
  return made;
}

int watched_munmap(void* memory, std::size_t size) {
  const int status = real.munmap(memory, size);
  if (status == 0 && is_anybody_watching()) note_pages(address_of(memory), size);
  return status;
}

void* watched_mremap(void* memory, std::size_t had, std::size_t size, int flags, void* to) {
  void* made = real.mremap(memory, had, size, flags, to);
  if (address_of(made) == ~std::uintptr_t{0} || !is_anybody_watching()) return made;  // it failed, or nobody asks
  if (made != memory)
    note_pages(address_of(memory), had);
  else if (size < had)
    note_pages(address_of(memory) + size, had - size);
  return made;
}

#endif

// A sanitizer calls these before it frees a block; its realloc frees the old block each time.
void on_sanitized_malloc(const volatile void* /*block*/, std::size_t /*size*/) {}
void on_sanitized_free(const volatile void* block) {
  if (block == nullptr || !is_anybody_watching()) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(block);
  note_block(begin, __sanitizer_get_allocated_size(block), begin);
}

bool has_hooked_sanitizer() noexcept {
  if (__sanitizer_install_malloc_and_free_hooks == nullptr || __sanitizer_get_allocated_size == nullptr) return false;
  static const bool is_hooked = __sanitizer_install_malloc_and_free_hooks(on_sanitized_malloc, on_sanitized_free) != 0;
  return is_hooked;
}

}  // namespace

void watch_frees() noexcept {
  if (has_hooked_sanitizer()) return;
#if defined(BUFSPEC_CAN_LEAD_CALLS)
  static const bool can_watch = find_real_calls(real);
  if (can_watch) lead_calls(real, {watched_free, watched_realloc, watched_munmap, watched_mremap, nullptr});
#endif
}

void pin_mapping_size() noexcept {
#if defined(__GLIBC__)
  constexpr int usual_size = 128 * 1024;  // where the C library starts
  static const bool is_pinned = mallopt(M_MMAP_THRESHOLD, usual_size) == 1;
  static_cast<void>(is_pinned);
#endif
}

void WatchedMemory::begin(std::uintptr_t first, std::uintptr_t last) noexcept {
  end();
  for (std::size_t place = 0; place < watched.size(); ++place) {
    Watched& one = watched[place];
    if (one.is_taken.exchange(true)) continue;
    one.is_freed = false;
    one.last = last;
    one.first = first;
    ++watched_count;
    if (places_used < place + 1) places_used = place + 1;
    place_ = place;
    return;
  }
}

void WatchedMemory::end() noexcept {
  if (!place_) return;
  Watched& one = watched[*place_];
  one.first = 0;
  --watched_count;
  one.is_taken = false;
  place_.reset();
}

bool WatchedMemory::was_freed() const noexcept { return place_ && watched[*place_].is_freed; }

bool is_barred_by_sanitizer(const void* address) noexcept {
  return __asan_address_is_poisoned != nullptr && __asan_address_is_poisoned(address) != 0;
}

void RecentFrees::begin() noexcept {
  recent_count = 0;
  notes_recent = true;
}

void RecentFrees::end() noexcept { notes_recent = false; }

std::optional<std::size_t> RecentFrees::size_of_block_with(std::uintptr_t address) noexcept {
  const std::size_t count = recent_count.load();
  for (std::size_t n = 0; n < count && n < most_recent; ++n) {
    const Recent& one = recent[(count - 1 - n) % most_recent];
    if (lies_in(address, one.begin.load(), one.size.load())) return one.size.load();
  }
  return std::nullopt;
}

}  // namespace bufspec::engine
