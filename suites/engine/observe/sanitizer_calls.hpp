// Functions of a sanitizer's runtime: there where its allocator serves this process, null everywhere else.
#pragma once

#include <cstddef>

extern "C" {
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, std::size_t),
                                              void (*on_free)(const volatile void*)) __attribute__((weak));
std::size_t __sanitizer_get_allocated_size(const volatile void* block) __attribute__((weak));
// What was allocated and not freed.
std::size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));
int __asan_address_is_poisoned(const volatile void* address) __attribute__((weak));
}
