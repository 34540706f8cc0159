// How is a memory of a given layout made and filled? Tables of pointers: every dimension with a suboffset >= 0
// ends a level.  All tables of one level are alike, so one plan a level says where the pointers of a table lie and
// how large it is.
#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "bufspec/exporter.hpp"

namespace bufspec {

namespace {

constexpr ssize pointer_bytes = sizeof(char*);

// The dimensions first..end-1, whose indices lead to a pointer, or to the item on the last level.
struct Level {
  int first = 0;
  int end = 0;
  ssize suboffset = 0;          // added behind the pointer
  ssize lowest = 0;             // the place furthest below that of the indices 0
  ssize bytes = 0;              // of one table or sub-block
  std::vector<ssize> pointers;  // places of the distinct pointers, from that of the indices 0
};

// A dimension whose every index lies at the same place.
bool stands_still(const Layout& layout, int dimension) noexcept {
  const auto i = static_cast<std::size_t>(dimension);
  return layout.shape[i] <= 1 || layout.strides[i] == 0;
}

bool measure(const Layout& layout, ssize unit, Level& level) noexcept {
  ssize highest = 0;
  for (int d = level.first; d < level.end; ++d) {
    if (stands_still(layout, d)) continue;
    const auto i = static_cast<std::size_t>(d);
    ssize reach = 0;
    if (__builtin_mul_overflow(layout.strides[i], layout.shape[i] - 1, &reach) ||
        __builtin_add_overflow(level.lowest, std::min<ssize>(reach, 0), &level.lowest) ||
        __builtin_add_overflow(highest, std::max<ssize>(reach, 0), &highest))
      return false;
  }
  return !__builtin_sub_overflow(highest, level.lowest, &level.bytes) &&
         !__builtin_add_overflow(level.bytes, unit, &level.bytes);
}

// Finds the places of a level's pointers; pointers that overlap each other cannot be stored.
Status find_pointers(const Layout& layout, Level& level) {
  std::vector<ssize>& places = level.pointers;
  places.assign(1, 0);
  for (int d = level.first; d < level.end; ++d) {
    const auto i = static_cast<std::size_t>(d);
    if (stands_still(layout, d)) continue;
    const std::size_t known = places.size();
    if (layout.shape[i] > max_exporter_elements / static_cast<ssize>(known))
      return {Error::memory_error, "more pointers than an exporter makes"};
    for (ssize index = 1; index < layout.shape[i]; ++index)
      for (std::size_t k = 0; k < known; ++k) places.push_back(places[k] + index * layout.strides[i]);
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  for (std::size_t k = 1; k < places.size(); ++k)
    if (places[k] - places[k - 1] < pointer_bytes) return {Error::value_error, "pointers overlap each other"};
  return {};
}

// Whether the elements are few enough to be written one by one; those that stand still are written once.
// Requires: strides.
bool is_countable(const Layout& layout) noexcept {
  ssize count = 1;
  for (int d = 0; d < layout.ndim; ++d) {
    const auto i = static_cast<std::size_t>(d);
    if (layout.shape[i] == 0) return true;
    if (stands_still(layout, d)) continue;
    if (layout.shape[i] > max_exporter_elements / count) return false;
    count *= layout.shape[i];
  }
  return true;
}

std::span<const ssize> shape_of(const Layout& layout) noexcept {
  return {layout.shape.data(), static_cast<std::size_t>(layout.ndim)};
}

}  // namespace

Status Exporter::allocate(ssize bytes) {
  if (bytes > max_exporter_bytes) return {Error::memory_error, "more bytes than an exporter takes"};
  const ssize wanted = bytes < 1 ? 1 : bytes;  // buf is never null
  if (wanted > capacity_) {
    std::unique_ptr<char[]> block(new (std::nothrow) char[static_cast<std::size_t>(wanted)]);
    if (block == nullptr) return {Error::memory_error, "out of memory"};
    block_ = std::move(block);
    capacity_ = wanted;
  }
  used_ = bytes;
  // What lies between the elements is recognisable, and never an element of a small memory.
  std::memset(block_.get(), 0xee, static_cast<std::size_t>(wanted));
  return {};
}

Status Exporter::build(const Layout& layout, ElementBytes contents) {
  if (exports_ > 0) return {Error::buffer_error, "the memory is exported and cannot be replaced"};
  if (const Status status = well_formed(layout); !status.ok()) return status;
  if (layout.has_suboffsets && !layout.has_strides)
    return {Error::value_error, "a memory with suboffsets needs strides"};
  Layout complete = layout;
  if (!layout.has_strides) {
    const auto shape = shape_of(layout);
    const Status filled = fill_contiguous_strides(shape, layout.itemsize, 'C', {complete.strides.data(), shape.size()});
    if (!filled.ok()) return filled;
  }
  if (!is_countable(complete)) return {Error::memory_error, "more elements than an exporter fills"};
  const Status status = has_indirection(geometry_of(layout)) ? build_indirect(complete) : build_direct(complete);
  if (!status.ok()) return status;
  contents_ = contents;
  fill();
  return status;
}

Status Exporter::build_direct(const Layout& layout) {
  if (const Status status = allocate(layout.block); !status.ok()) return status;
  take_layout(layout);
  full_.buf = block_.get() + layout.offset;
  return {};
}

Status Exporter::build_indirect(const Layout& layout) {
  std::vector<Level> levels;
  for (int d = 0, first = 0; d <= layout.ndim; ++d) {
    const bool is_last = d == layout.ndim;
    if (!is_last && layout.suboffsets[static_cast<std::size_t>(d)] < 0) continue;
    if (!is_last && layout.suboffsets[static_cast<std::size_t>(d)] > max_exporter_bytes)
      return {Error::memory_error, "a suboffset beyond what an exporter takes"};
    Level level{first, is_last ? d : d + 1, is_last ? 0 : layout.suboffsets[static_cast<std::size_t>(d)], 0, 0, {}};
    if (!measure(layout, is_last ? layout.itemsize : pointer_bytes, level))
      return {Error::overflow_error, "the reach of the strides does not fit"};
    if (!is_last)
      if (const Status status = find_pointers(layout, level); !status.ok()) return status;
    first = level.end;
    levels.push_back(std::move(level));
  }

  // An empty memory has its first table, whose pointers nobody may follow.
  const bool is_empty = element_count(shape_of(layout)).value == 0;
  ssize tables = 1;
  ssize total = 0;
  for (const Level& level : levels) {
    ssize bytes = 0;
    if (__builtin_mul_overflow(tables, level.bytes, &bytes) || __builtin_add_overflow(total, bytes, &total) ||
        __builtin_mul_overflow(tables, static_cast<ssize>(level.pointers.size()), &tables) ||
        tables > max_exporter_elements)
      return {Error::memory_error, "more tables than an exporter makes"};
    if (is_empty) break;
  }
  if (const Status status = allocate(total); !status.ok()) return status;
  take_layout(layout);
  full_.buf = block_.get() - levels[0].lowest;

  // Level after level: each pointer of each table gets the next table of the level below.
  char* table = block_.get();
  ssize count = 1;
  for (std::size_t n = 0; n + 1 < levels.size(); ++n) {
    const Level& level = levels[n];
    const Level& below = levels[n + 1];
    char* target = table + count * level.bytes;
    char* const next = target;
    for (ssize t = 0; t < count; ++t, table += level.bytes) {
      for (const ssize place : level.pointers) {
        // The suboffset leads from the pointer to the element with the remaining indices 0.  An address that may
        // lie outside every block is an integer, not a pointer, until it is stored.
        const auto origin = reinterpret_cast<std::uintptr_t>(target) - static_cast<std::uintptr_t>(below.lowest) -
                            static_cast<std::uintptr_t>(level.suboffset);
        const std::uintptr_t address = is_empty ? 0 : origin;
        std::memcpy(table - level.lowest + place, &address, sizeof address);
        if (!is_empty) target += below.bytes;
      }
    }
    if (is_empty) break;
    table = next;
    count *= static_cast<ssize>(level.pointers.size());
  }
  return {};
}

void Exporter::take_layout(const Layout& layout) {
  layout_ = layout;
  const auto shape = shape_of(layout);
  // well_formed() has shown that these sizes fit.
  full_.len = byte_length(element_count(shape).value, layout.itemsize).value;
  layout_.has_suboffsets = has_indirection(geometry_of(layout_));
  facts_ = facts_of(geometry_of(layout_), layout.readonly);
  full_.itemsize = layout.itemsize;
  full_.readonly = layout.readonly ? 1 : 0;
  full_.ndim = layout.ndim;
  full_.format = layout_.format.data();
  full_.shape = layout_.shape.data();
  full_.strides = layout_.strides.data();
  full_.suboffsets = layout_.suboffsets.data();
}

void Exporter::fill() noexcept {
  const auto shape = shape_of(layout_);
  const auto itemsize = static_cast<std::size_t>(layout_.itemsize);
  if (itemsize == 0 || full_.len == 0) return;
  Geometry geometry = geometry_of(layout_);
  geometry.strides = layout_.strides.data();

  // Backwards, so that where elements share memory the lower one is written last.
  Extents index{};
  Extents weight{};
  ssize k = 0;
  ssize step = 1;
  for (std::size_t d = shape.size(); d-- > 0; step *= shape[d]) {
    weight[d] = step;
    index[d] = layout_.strides[d] == 0 ? 0 : shape[d] - 1;
    k += index[d] * step;
  }
  for (;;) {
    contents_(k, {element_pointer(buf(), geometry, {index.data(), shape.size()}), itemsize});
    std::size_t d = shape.size();
    while (d > 0 && index[d - 1] == 0) {
      --d;
      index[d] = layout_.strides[d] == 0 ? 0 : shape[d] - 1;
      k += index[d] * weight[d];
    }
    if (d == 0) return;
    --index[d - 1];
    k -= weight[d - 1];
  }
}

}  // namespace bufspec
