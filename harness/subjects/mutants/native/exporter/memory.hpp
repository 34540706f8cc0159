// Where a mutant keeps what it shows: bytes that can be moved, freed or guarded so that a break can be seen without
// harm to the process.  Knows no view and no behaviour.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "bufspec/view.hpp"

namespace bufspec::mutants::exporters {

// What lies under some bytes.  Behind `pages` nothing can be read: the bytes end where the page does.
// `object` is a place inside of another block, which is not ours to free.
enum class Ground : unsigned char { heap, pages, readonly_pages, object };

// A copy of some bytes at an address of its own, until it is retired.
class Storage {
 public:
  Storage() noexcept = default;
  // `contents` on `ground`; at least one byte, so that data() is never null.  Throws std::bad_alloc.
  Storage(Ground ground, std::span<const char> contents);
  // `contents` at `place`, which has as many bytes and more life.
  Storage(char* place, std::span<const char> contents) noexcept;
  Storage(Storage&& other) noexcept { *this = std::move(other); }
  Storage& operator=(Storage&& other) noexcept;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage() { release(); }

  [[nodiscard]] char* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<char> bytes() const noexcept { return {data_, size_}; }

  // Frees heap memory; makes pages unreadable, and keeps their addresses from being used again; leaves a place in an object.
  void retire() noexcept;

 private:
  void release() noexcept;

  Ground ground_ = Ground::heap;
  char* data_ = nullptr;
  std::size_t size_ = 0;
  char* mapping_ = nullptr;
  std::size_t mapped_ = 0;
};

// The bytes that some numbers lie in.
[[nodiscard]] inline std::span<const char> bytes_of(std::span<const ssize> numbers) noexcept {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()};
}

// An address that can never be read; null if there is none to be had.
[[nodiscard]] char* unreadable_address() noexcept;

}  // namespace bufspec::mutants::exporters
