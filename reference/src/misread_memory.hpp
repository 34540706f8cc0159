// A memory as careless consumers meet it: bytes at offsets from the start of its block, some of which are pointers.
// Only for misreadings.cpp and misread_memory.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "bufspec/exporter.hpp"

namespace bufspec {

struct BytesRead {
  std::string bytes;
  bool has_pointers = false;  // some of them belong to a pointer whose value is not known
};

class MisreadMemory {
 public:
  using OffsetOf = std::function<std::optional<ssize>(std::span<const ssize> index)>;

  // The memory that an Exporter makes of `layout`, its block at the address `block`; 0 if that is not known.
  // False if an Exporter cannot make it.
  [[nodiscard]] bool build(const Layout& layout, std::uintptr_t block, ElementBytes contents);

  [[nodiscard]] const Layout& layout() const noexcept { return exporter_.layout(); }
  [[nodiscard]] ssize length() const noexcept { return exporter_.length(); }
  [[nodiscard]] ssize origin() const noexcept { return origin_; }  // of the element with all indices 0
  [[nodiscard]] ssize size() const noexcept { return static_cast<ssize>(bytes_.size()); }
  [[nodiscard]] std::uintptr_t block() const noexcept { return block_; }

  // `count` bytes from `offset` on; nothing if some of them lie outside the block.
  [[nodiscard]] std::optional<BytesRead> read(ssize offset, ssize count) const;

  // `count` bytes at the offset of each index of the shape, the last index fastest, or the first; nothing if one has none.
  [[nodiscard]] std::optional<BytesRead> walk(const OffsetOf& offset_of, ssize count, bool first_fastest = false) const;

  // The offset of an element by the rules; with `adds_suboffsets` unset what a pointer leads to is taken as it is.
  // Nothing where a pointer leads out of the block.
  [[nodiscard]] std::optional<ssize> offset_of(std::span<const ssize> index, bool adds_suboffsets = true) const;

 private:
  void find_pointers();

  Exporter exporter_;
  std::uintptr_t block_ = 0;
  ssize origin_ = 0;
  std::string bytes_;
  std::string is_pointer_;
};

}  // namespace bufspec
