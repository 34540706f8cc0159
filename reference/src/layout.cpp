#include "bufspec/layout.hpp"

#include <array>
#include <cstring>
#include <limits>

namespace bufspec {

namespace {

constexpr ssize largest = std::numeric_limits<ssize>::max();

// Strides of the dimensions taken from `first` by `step` grow from the itemsize; an extent of 1 is passed over.
bool is_ordered(const Geometry& geometry, int first, int step) noexcept {
  ssize expected = geometry.itemsize;
  for (int n = 0, i = first; n < geometry.ndim; ++n, i += step) {
    const ssize extent = geometry.shape[i];
    if (extent > 1 && geometry.strides[i] != expected) return false;
    if (__builtin_mul_overflow(expected, extent, &expected)) return false;
  }
  return true;
}

bool has_zero_extent(const Geometry& geometry) noexcept {
  if (geometry.shape == nullptr) return false;
  for (int i = 0; i < geometry.ndim; ++i)
    if (geometry.shape[i] == 0) return true;
  return false;
}

// Without strides the memory is in C order, which is Fortran order too if at most one extent exceeds 1.
bool is_fortran_without_strides(const Geometry& geometry) noexcept {
  if (geometry.ndim <= 1 || geometry.shape == nullptr) return true;
  int wide = 0;
  for (int i = 0; i < geometry.ndim; ++i)
    if (geometry.shape[i] > 1) ++wide;
  return wide <= 1;
}

bool strides_equal(const Geometry& geometry, char order) noexcept {
  std::array<ssize, max_ndim> canonical;
  const auto n = static_cast<std::size_t>(geometry.ndim);
  if (!fill_contiguous_strides({geometry.shape, n}, geometry.itemsize, order, {canonical.data(), n}).ok()) return false;
  return std::memcmp(canonical.data(), geometry.strides, n * sizeof(ssize)) == 0;
}

}  // namespace

Geometry geometry_of(const Layout& layout) noexcept {
  return {layout.ndim, layout.shape.data(), layout.has_strides ? layout.strides.data() : nullptr,
          layout.has_suboffsets ? layout.suboffsets.data() : nullptr, layout.itemsize};
}

Geometry geometry_of(const View& view) noexcept {
  return {view.ndim, view.shape == Pointer::readable ? view.shape_values.data() : nullptr,
          view.strides == Pointer::readable ? view.strides_values.data() : nullptr,
          view.suboffsets == Pointer::readable ? view.suboffsets_values.data() : nullptr, view.itemsize};
}

Geometry geometry_of(const Buffer& buffer) noexcept {
  return {buffer.ndim, buffer.shape, buffer.strides, buffer.suboffsets, buffer.itemsize};
}

Result<ssize> element_count(std::span<const ssize> shape) noexcept {
  bool empty = false;
  for (const ssize extent : shape) {
    if (extent < 0) return Result<ssize>::failure(Error::value_error, "an extent is negative");
    if (extent == 0) empty = true;
  }
  if (empty) return Result<ssize>::success(0);
  ssize count = 1;
  for (const ssize extent : shape)
    if (__builtin_mul_overflow(count, extent, &count))
      return Result<ssize>::failure(Error::value_error, "the product of the extents does not fit");
  return Result<ssize>::success(count);
}

Result<ssize> byte_length(ssize count, ssize itemsize) noexcept {
  ssize bytes = 0;
  if (count < 0 || itemsize < 0 || __builtin_mul_overflow(count, itemsize, &bytes))
    return Result<ssize>::failure(Error::overflow_error, "the size in bytes does not fit");
  return Result<ssize>::success(bytes);
}

bool is_contiguous(const Geometry& geometry, char order) noexcept {
  if (order == 'A') return is_contiguous(geometry, 'C') || is_contiguous(geometry, 'F');
  if (order != 'C' && order != 'F') return false;
  if (geometry.suboffsets != nullptr) return false;
  if (has_zero_extent(geometry)) return true;
  if (geometry.strides == nullptr) return order == 'C' || is_fortran_without_strides(geometry);
  return order == 'C' ? is_ordered(geometry, geometry.ndim - 1, -1) : is_ordered(geometry, 0, 1);
}

Status fill_contiguous_strides(std::span<const ssize> shape, ssize itemsize, char order,
                               std::span<ssize> strides) noexcept {
  ssize step = itemsize;
  const std::size_t n = shape.size();
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t i = order == 'F' ? k : n - 1 - k;
    strides[i] = step;
    if (k + 1 < n && __builtin_mul_overflow(step, shape[i], &step))
      return {Error::overflow_error, "a stride does not fit"};
  }
  return {};
}

bool has_indirection(const Geometry& geometry) noexcept {
  if (geometry.suboffsets == nullptr) return false;
  for (int i = 0; i < geometry.ndim; ++i)
    if (geometry.suboffsets[i] >= 0) return true;
  return false;
}

char* element_pointer(char* buf, const Geometry& geometry, std::span<const ssize> index) noexcept {
  if (geometry.strides == nullptr) {
    ssize position = 0;
    for (std::size_t i = 0; i < index.size(); ++i) position = position * geometry.shape[i] + index[i];
    return buf + position * geometry.itemsize;
  }
  char* pointer = buf;
  for (std::size_t i = 0; i < index.size(); ++i) {
    pointer += geometry.strides[i] * index[i];
    if (geometry.suboffsets == nullptr || geometry.suboffsets[i] < 0) continue;
    char* target = nullptr;
    std::memcpy(&target, pointer, sizeof target);  // a table of pointers need not be aligned
    pointer = target + geometry.suboffsets[i];
  }
  return pointer;
}

bool advance_index(std::span<ssize> index, std::span<const ssize> shape, bool fortran) noexcept {
  const std::size_t n = index.size();
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t i = fortran ? k : n - 1 - k;
    if (++index[i] < shape[i]) return true;
    index[i] = 0;
  }
  return false;
}

Status well_formed(const Layout& layout) noexcept {
  if (layout.ndim < 0) return {Error::value_error, "ndim is negative"};
  if (layout.ndim > max_ndim) return {Error::value_error, "ndim is greater than 64"};
  if (layout.itemsize < 0) return {Error::value_error, "itemsize is negative"};
  const auto n = static_cast<std::size_t>(layout.ndim);
  const auto count = element_count({layout.shape.data(), n});
  if (!count.ok()) return {count.error, count.reason};
  const auto length = byte_length(count.value, layout.itemsize);
  if (!length.ok()) return {length.error, length.reason};
  if (layout.has_suboffsets && has_indirection(geometry_of(layout))) return {};  // the builder makes its tables
  if (layout.offset < 0 || layout.block < 0) return {Error::value_error, "offset or block is negative"};
  if (count.value == 0)
    return layout.offset <= layout.block ? Status{} : Status{Error::value_error, "offset lies outside the block"};

  Extents canonical{};
  const ssize* strides = layout.strides.data();
  if (!layout.has_strides) {
    const Status filled =
        fill_contiguous_strides({layout.shape.data(), n}, layout.itemsize, 'C', {canonical.data(), n});
    if (!filled.ok()) return filled;
    strides = canonical.data();
  }
  ssize lowest = layout.offset;
  ssize highest = layout.offset;
  for (std::size_t i = 0; i < n; ++i) {
    ssize reach = 0;
    ssize& edge = strides[i] < 0 ? lowest : highest;
    if (layout.shape[i] == 1) continue;
    if (__builtin_mul_overflow(strides[i], layout.shape[i] - 1, &reach) || __builtin_add_overflow(edge, reach, &edge))
      return {Error::overflow_error, "the reach of the strides does not fit"};
  }
  if (lowest < 0) return {Error::value_error, "an element begins before the block"};
  if (layout.itemsize > largest - highest || highest + layout.itemsize > layout.block)
    return {Error::value_error, "an element ends behind the block"};
  return {};
}

MemoryFacts facts_of(const Geometry& described, bool readonly) noexcept {
  // Suboffsets that are all negative are a fault of the description, not a property of the memory.
  Geometry geometry = described;
  if (!has_indirection(geometry)) geometry.suboffsets = nullptr;
  MemoryFacts facts;
  facts.readonly = readonly;
  facts.c_contiguous = is_contiguous(geometry, 'C');
  facts.f_contiguous = is_contiguous(geometry, 'F');
  facts.indirect = has_indirection(geometry);
  facts.zero_dim = geometry.ndim == 0;
  facts.ambiguous_empty = geometry.strides != nullptr && geometry.suboffsets == nullptr && has_zero_extent(geometry) &&
                          !strides_equal(geometry, 'C') && !strides_equal(geometry, 'F');
  return facts;
}

}  // namespace bufspec
