// What lies where in a memory, for those who read it wrongly?
// Nothing outside the block is ever read.
#include "misread_memory.hpp"

#include <cstring>
#include <string_view>

namespace bufspec {

namespace {

constexpr ssize pointer_bytes = sizeof(std::uintptr_t);

}  // namespace

bool MisreadMemory::build(const Layout& layout, std::uintptr_t block, ElementBytes contents) {
  if (!exporter_.build(layout, contents).ok()) return false;
  const auto memory = exporter_.block();
  bytes_.assign(memory.data(), memory.size());
  is_pointer_.assign(bytes_.size(), '\0');
  block_ = block;
  origin_ = exporter_.buf() - memory.data();
  if (has_indirection(geometry_of(exporter_.layout())) && exporter_.length() > 0) find_pointers();
  return true;
}

// Each pointer is met on the way to some element.
void MisreadMemory::find_pointers() {
  const Layout& layout = exporter_.layout();
  const auto own = reinterpret_cast<std::uintptr_t>(exporter_.block().data());
  const auto ndim = static_cast<std::size_t>(layout.ndim);
  const std::span<const ssize> shape{layout.shape.data(), ndim};
  Extents index{};
  const std::span<ssize> position{index.data(), ndim};
  do {
    ssize at = origin_;
    for (std::size_t d = 0; d < ndim; ++d) {
      at += index[d] * layout.strides[d];
      if (layout.suboffsets[d] < 0) continue;
      std::uintptr_t pointer = 0;
      std::memcpy(&pointer, exporter_.block().data() + at, sizeof pointer);
      const std::uintptr_t there = pointer - own + block_;
      const auto place = static_cast<std::size_t>(at);
      std::memcpy(bytes_.data() + place, &there, sizeof there);
      if (block_ == 0) is_pointer_.replace(place, pointer_bytes, pointer_bytes, '\1');
      at = static_cast<ssize>(pointer - own) + layout.suboffsets[d];
    }
  } while (advance_index(position, shape, false));
}

std::optional<BytesRead> MisreadMemory::read(ssize offset, ssize count) const {
  if (offset < 0 || count < 0 || offset > size() || count > size() - offset) return std::nullopt;
  const auto from = static_cast<std::size_t>(offset);
  const auto bytes = static_cast<std::size_t>(count);
  // Among these bytes alone: a walk reads each element, and must not look at all that follows it each time.
  const bool has_pointers = std::string_view(is_pointer_).substr(from, bytes).find('\1') != std::string_view::npos;
  return BytesRead{bytes_.substr(from, bytes), has_pointers};
}

std::optional<BytesRead> MisreadMemory::walk(const OffsetOf& offset_of, ssize count, bool first_fastest) const {
  BytesRead all;
  if (length() == 0) return all;
  const std::span<const ssize> shape{layout().shape.data(), static_cast<std::size_t>(layout().ndim)};
  Extents index{};
  const std::span<ssize> position{index.data(), shape.size()};
  do {
    const auto offset = offset_of(position);
    if (!offset) return std::nullopt;
    const auto one = read(*offset, count);
    if (!one) return std::nullopt;
    all.bytes += one->bytes;
    all.has_pointers = all.has_pointers || one->has_pointers;
  } while (advance_index(position, shape, first_fastest));
  return all;
}

std::optional<ssize> MisreadMemory::offset_of(std::span<const ssize> index, bool adds_suboffsets) const {
  const Layout& own = layout();
  const auto start = reinterpret_cast<std::uintptr_t>(exporter_.block().data());
  ssize at = origin_;
  for (std::size_t d = 0; d < index.size(); ++d) {
    at += index[d] * own.strides[d];
    if (!own.has_suboffsets || own.suboffsets[d] < 0) continue;
    if (at < 0 || at > size() - pointer_bytes) return std::nullopt;
    std::uintptr_t pointer = 0;
    std::memcpy(&pointer, exporter_.block().data() + at, sizeof pointer);
    at = static_cast<ssize>(pointer - start) + (adds_suboffsets ? own.suboffsets[d] : 0);
  }
  return at;
}

}  // namespace bufspec
