#include "readable.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace bufspec::recorder {

namespace {

constexpr std::uintptr_t page_size = 4096;  // of no system is a page smaller
constexpr std::size_t known_count = 1024;
std::array<std::uintptr_t, known_count> known;  // pages that could be read, each where its number leads

bool is_page_readable(std::uintptr_t page) noexcept {
  std::uintptr_t& it = known[page % known_count];
  if (it == page) return true;
  char byte = 0;
  if (!read_safely(reinterpret_cast<const void*>(page * page_size), &byte, 1)) return false;
  it = page;
  return true;
}

}  // namespace

bool read_safely(const void* from, void* to, std::size_t size) noexcept {
  const iovec local{to, size};
  const iovec remote{const_cast<void*>(from), size};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

bool is_readable(const void* from, std::size_t size) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(from);
  if (size == 0) return true;
  const std::uintptr_t end = begin + size - 1;
  for (std::uintptr_t page = begin / page_size; page <= end / page_size; ++page)
    if (!is_page_readable(page)) return false;
  return end >= begin;
}

std::optional<std::string_view> readable_text(const char* text, std::size_t most) noexcept {
  std::size_t size = 0;
  while (size < most) {
    const auto at = reinterpret_cast<std::uintptr_t>(text) + size;
    if (!is_page_readable(at / page_size)) return std::nullopt;
    const std::size_t rest = std::min<std::size_t>(most - size, page_size - at % page_size);
    const std::size_t found = strnlen(text + size, rest);
    size += found;
    if (found < rest) return std::string_view(text, size);
  }
  return std::string_view(text, size);
}

}  // namespace bufspec::recorder
