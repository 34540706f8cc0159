// How do calls between the libraries of this process come to go through functions of ours?  By the tables in which the
// loader has put the addresses of what each library calls.
#pragma once

#include <cstddef>

#if defined(__linux__) && defined(__LP64__) && (defined(__x86_64__) || defined(__aarch64__))
#include <features.h>
#if defined(__GLIBC__)
#define BUFSPEC_CAN_LEAD_CALLS 1
#endif
#endif

namespace bufspec::engine {

#if defined(BUFSPEC_CAN_LEAD_CALLS)

// The functions that free memory, and the one that says how large a block of the allocator is.
struct RealCalls {
  void (*free)(void*) = nullptr;
  void* (*realloc)(void*, std::size_t) = nullptr;
  int (*munmap)(void*, std::size_t) = nullptr;
  void* (*mremap)(void*, std::size_t, std::size_t, int, void*) = nullptr;
  std::size_t (*usable_size)(void*) = nullptr;
};

// Those that this process uses; false where they must not be led elsewhere, since a sanitizer serves it.
[[nodiscard]] bool find_real_calls(RealCalls& real) noexcept;

// Makes every library that came since the last time call `ours` where it would call `real`.  A library that calls an
// allocator of its own is left alone.
void lead_calls(const RealCalls& real, const RealCalls& ours) noexcept;

#endif

}  // namespace bufspec::engine
