#include "memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace bufspec::mutants::exporters {

namespace {

std::size_t page_size() noexcept {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

char* map_pages(std::size_t bytes, int protection) noexcept {
  void* mapping = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return mapping == MAP_FAILED ? nullptr : static_cast<char*>(mapping);
}

}  // namespace

Storage::Storage(Ground ground, std::span<const char> contents) : ground_(ground), size_(contents.size()) {
  const std::size_t room = std::max<std::size_t>(contents.size(), 1);
  if (ground == Ground::heap) {
    data_ = static_cast<char*>(std::malloc(room));
    if (data_ == nullptr) throw std::bad_alloc();
  } else {
    const std::size_t page = page_size();
    const std::size_t readable = (room + page - 1) / page * page;
    mapped_ = readable + page;
    mapping_ = map_pages(mapped_, PROT_READ | PROT_WRITE);
    if (mapping_ == nullptr) throw std::bad_alloc();
    mprotect(mapping_ + readable, page, PROT_NONE);
    data_ = mapping_ + readable - room;
  }
  std::copy(contents.begin(), contents.end(), data_);
  if (ground == Ground::readonly_pages) mprotect(mapping_, mapped_ - page_size(), PROT_READ);
}

Storage::Storage(char* place, std::span<const char> contents) noexcept
    : ground_(Ground::object), data_(place), size_(contents.size()) {
  std::copy(contents.begin(), contents.end(), data_);
}

Storage& Storage::operator=(Storage&& other) noexcept {
  if (this == &other) return *this;
  release();
  ground_ = other.ground_;
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  mapping_ = std::exchange(other.mapping_, nullptr);
  mapped_ = std::exchange(other.mapped_, 0);
  return *this;
}

void Storage::retire() noexcept {
  if (ground_ == Ground::heap) {
    std::free(std::exchange(data_, nullptr));
  } else if (mapping_ != nullptr) {
    mprotect(mapping_, mapped_, PROT_NONE);
  }
  size_ = 0;
}

void Storage::release() noexcept {
  if (ground_ == Ground::heap) std::free(data_);
  if (mapping_ != nullptr) munmap(mapping_, mapped_);
  data_ = nullptr;
  mapping_ = nullptr;
}

char* unreadable_address() noexcept {
  static char* const address = map_pages(page_size(), PROT_NONE);
  return address;
}

}  // namespace bufspec::mutants::exporters
