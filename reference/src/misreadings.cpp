// In which wrong way was a memory read, if it was read wrongly?
// Each known way is followed over the memory as it lies there; what would leave the block is no candidate, since a consumer
// that does so dies of it.
#include "bufspec/misreadings.hpp"

#include <algorithm>
#include <array>

#include "bufspec/format.hpp"
#include "layout_hazards.hpp"
#include "misread_memory.hpp"

namespace bufspec {

namespace {

using Index = std::span<const ssize>;

ssize distance(Index index, const Extents& strides) noexcept {
  ssize sum = 0;
  for (std::size_t d = 0; d < index.size(); ++d)
    if (index[d] != 0) sum += index[d] * strides[d];
  return sum;
}

// The number of an element in C order.
ssize number_of(Index index, const Extents& shape) noexcept {
  ssize number = 0;
  for (std::size_t d = 0; d < index.size(); ++d) number = number * shape[d] + index[d];
  return number;
}

// The ways to misread one memory, in the order in which they are tried.
class Ways {
 public:
  explicit Ways(const MisreadMemory& memory)
      : memory_(memory), layout_(memory.layout()), is_indirect_(has_indirection(geometry_of(layout_))) {}

  std::vector<std::pair<Misreading, BytesRead>> take() {
    if (memory_.length() == 0) {
      read_something_of_nothing();
      return std::move(found_);
    }
    add(Misreading::released, BytesRead{std::string(length(), static_cast<char>(released_byte))});
    add(Misreading::linear, memory_.read(memory_.origin(), memory_.length()));
    if (is_indirect_) ignore_suboffsets();
    if (hazards::has_odd_stride(layout_) && !is_indirect_) take_strides_as_positive();
    if (layout_.ndim > 1) take_another_order();
    if (layout_.itemsize > 1) count_in_items();
    if (hazards::has_foreign_order(layout_.format)) keep_byte_order();
    if (hazards::has_free_stride(layout_)) follow_free_strides();
    if (!is_indirect_) round_down();
    return std::move(found_);
  }

 private:
  void add(Misreading way, std::optional<BytesRead> read) {
    if (read) found_.emplace_back(way, std::move(*read));
  }
  void walk(Misreading way, const MisreadMemory::OffsetOf& offset_of) {
    add(way, memory_.walk(offset_of, layout_.itemsize));
  }
  [[nodiscard]] std::size_t length() const noexcept { return static_cast<std::size_t>(memory_.length()); }
  [[nodiscard]] ssize origin() const noexcept { return memory_.origin(); }

  void read_something_of_nothing() {
    add(Misreading::empty, memory_.read(origin(), std::max<ssize>(layout_.itemsize, 1)));
    add(Misreading::empty, memory_.read(0, memory_.size()));
  }

  void ignore_suboffsets() {
    walk(Misreading::without_suboffsets, [&](Index index) { return memory_.offset_of(index, false); });
    walk(Misreading::without_suboffsets, [&](Index index) { return origin() + distance(index, layout_.strides); });
  }

  // From buf on, or from the lowest element on.
  void take_strides_as_positive() {
    Extents strides = layout_.strides;
    ssize lowest = origin();
    for (std::size_t d = 0; d < static_cast<std::size_t>(layout_.ndim); ++d) {
      if (layout_.shape[d] > 1 && strides[d] < 0) lowest += (layout_.shape[d] - 1) * strides[d];
      if (strides[d] == 0) strides[d] = layout_.itemsize;
      if (layout_.shape[d] > 1 && strides[d] < 0) strides[d] = -strides[d];
    }
    for (const ssize from : {origin(), lowest})
      walk(Misreading::absolute_strides, [&](Index index) { return from + distance(index, strides); });
  }

  // The elements visited first index fastest, or a memory without strides taken for one in Fortran order.
  void take_another_order() {
    add(Misreading::fortran_order,
        memory_.walk([&](Index index) { return memory_.offset_of(index); }, layout_.itemsize, true));
    Extents strides{};
    const auto ndim = static_cast<std::size_t>(layout_.ndim);
    if (is_indirect_ ||
        !fill_contiguous_strides({layout_.shape.data(), ndim}, layout_.itemsize, 'F', {strides.data(), ndim}).ok())
      return;
    walk(Misreading::fortran_order, [&](Index index) { return origin() + distance(index, strides); });
  }

  // As many bytes as there are items, the first bytes of the items, or as many items as there are bytes.
  void count_in_items() {
    const auto each = [&](Index index) { return memory_.offset_of(index); };
    add(Misreading::of_itemsize, memory_.walk(each, 1));
    if (is_indirect_) return;
    add(Misreading::of_itemsize, memory_.read(origin(), memory_.length() / layout_.itemsize));
    if (memory_.length() <= memory_.size() / layout_.itemsize)
      add(Misreading::of_itemsize, memory_.read(origin(), memory_.length() * layout_.itemsize));
  }

  void keep_byte_order() {
    const auto format = parse_format(layout_.format);
    const auto right = memory_.walk([&](Index index) { return memory_.offset_of(index); }, layout_.itemsize);
    if (!format.ok() || !right) return;
    BytesRead swapped = *right;
    const auto itemsize = static_cast<std::size_t>(layout_.itemsize);
    for (std::size_t at = 0; at + itemsize <= swapped.bytes.size(); at += itemsize) {
      std::string item = swapped.bytes.substr(at, itemsize);
      hazards::swap_foreign(format.value, item);
      swapped.bytes.replace(at, itemsize, item);
    }
    add(Misreading::byte_swapped, std::move(swapped));
  }

  // One step of such a stride too far, in either direction, or all elements so far apart.
  void follow_free_strides() {
    for (std::size_t d = 0; d < static_cast<std::size_t>(layout_.ndim); ++d) {
      const ssize stride = layout_.strides[d];
      if (layout_.shape[d] != 1 || stride > memory_.size() || stride < -memory_.size()) continue;
      for (const ssize shift : {stride, -stride})
        walk(Misreading::extent_one, [&](Index index) { return origin() + shift + distance(index, layout_.strides); });
      walk(Misreading::extent_one, [&](Index index) { return origin() + stride * number_of(index, layout_.shape); });
    }
  }

  void round_down() {
    const ssize alignment = hazards::natural_alignment(layout_.format);
    if (alignment == 1) return;
    walk(Misreading::aligned, [&](Index index) {
      const auto offset = memory_.offset_of(index);
      const auto address = memory_.block() + static_cast<std::uintptr_t>(*offset);
      return std::optional<ssize>(*offset - static_cast<ssize>(address % static_cast<std::uintptr_t>(alignment)));
    });
  }

  const MisreadMemory& memory_;
  const Layout& layout_;
  bool is_indirect_;
  std::vector<std::pair<Misreading, BytesRead>> found_;
};

std::optional<std::string> right_elements(const MisreadMemory& memory) {
  auto right = memory.walk([&](Index index) { return memory.offset_of(index); }, memory.layout().itemsize);
  if (!right) return std::nullopt;
  return std::move(right->bytes);
}

}  // namespace

std::optional<std::string> elements_of(const Layout& layout, ElementBytes contents) {
  MisreadMemory memory;
  if (!memory.build(layout, 0, contents)) return std::nullopt;
  return right_elements(memory);
}

std::vector<std::pair<Misreading, std::string>> misreadings_of(const Layout& layout, std::uintptr_t block,
                                                               ElementBytes contents) {
  std::vector<std::pair<Misreading, std::string>> known;
  MisreadMemory memory;
  if (!memory.build(layout, block, contents)) return known;
  const auto right = right_elements(memory);
  for (auto& [way, read] : Ways(memory).take()) {
    const std::string& bytes = read.bytes;
    const bool is_known = std::any_of(known.begin(), known.end(), [&](const auto& one) { return one.second == bytes; });
    if (read.has_pointers || is_known || bytes == right) continue;
    known.emplace_back(way, std::move(read.bytes));
  }
  return known;
}

void show_bytes(Consumed& consumed, const Layout& layout, std::string_view bytes, std::uintptr_t block,
                ElementBytes contents) {
  const auto right = elements_of(layout, contents);
  if (!right) return;
  const std::string valued = bytes_owed(consumed, layout);
  consumed.misreading = Misreading::unknown;
  consumed.result = agree_in_values(*right, bytes, valued) ? Compared::right : Compared::wrong;
  if (consumed.result == Compared::right) return;
  consumed.difference = difference_of(*right, bytes, valued);
  for (const auto& [way, read] : misreadings_of(layout, block, contents))
    if (agree_in_values(read, bytes, valued)) consumed.misreading = way;
}

Difference difference_of(std::string_view expected, std::string_view found, std::string_view valued) {
  const auto value = [](char byte) { return ssize{static_cast<unsigned char>(byte)}; };
  if (expected.size() != found.size())
    return {Aspect::length, -1, static_cast<ssize>(expected.size()), static_cast<ssize>(found.size())};
  for (std::size_t at = 0; at < found.size(); ++at)
    if (found[at] != expected[at] && (valued.empty() || valued[at % valued.size()] != 0))
      return {Aspect::byte, static_cast<ssize>(at), value(expected[at]), value(found[at])};
  return {};
}

}  // namespace bufspec
