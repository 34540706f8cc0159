#include "places.hpp"

#include <algorithm>

#include "bufspec/layout.hpp"
#include "probe.hpp"

namespace bufspec::engine {

namespace {

bool find_reach(Places& places) noexcept {
  for (std::size_t d = 0; d < static_cast<std::size_t>(places.ndim); ++d) {
    if (places.shape[d] <= 1) continue;
    ssize reach = 0;
    ssize& edge = places.strides[d] < 0 ? places.lowest : places.highest;
    if (__builtin_mul_overflow(places.strides[d], places.shape[d] - 1, &reach) ||
        __builtin_add_overflow(edge, reach, &edge))
      return false;
  }
  ssize span = 0;
  return !__builtin_sub_overflow(places.highest, places.lowest, &span) &&
         !__builtin_add_overflow(span, places.itemsize, &span);
}

}  // namespace

bool find_places(const View& view, Places& places) {
  if (view.shape == Pointer::null || view.ndim == 0) {
    if (view.len < 0) return false;
    places.ndim = 1;
    places.shape[0] = view.len;
    places.strides[0] = 1;
    places.itemsize = 1;
    places.count = places.bytes = view.len;
    places.highest = std::max<ssize>(0, view.len - 1);
    return true;
  }
  if (view.shape != Pointer::readable || view.ndim < 0 || view.ndim > max_ndim || view.itemsize < 0) return false;
  places.ndim = view.ndim;
  places.itemsize = view.itemsize;
  const auto ndim = static_cast<std::size_t>(view.ndim);
  std::copy_n(view.shape_values.begin(), ndim, places.shape.begin());
  const auto count = element_count({places.shape.data(), ndim});
  const auto bytes = count.ok() ? byte_length(count.value, view.itemsize) : Result<ssize>{0, count.error, ""};
  if (!bytes.ok()) return false;
  places.count = count.value;
  places.bytes = bytes.value;
  if (view.strides == Pointer::readable) {
    std::copy_n(view.strides_values.begin(), ndim, places.strides.begin());
  } else if (view.strides != Pointer::null ||
             !fill_contiguous_strides({places.shape.data(), ndim}, view.itemsize, 'C', {places.strides.data(), ndim})
                  .ok()) {
    return false;
  }
  if (view.suboffsets == Pointer::readable) {
    for (std::size_t d = 0; d < ndim; ++d)
      if (view.suboffsets_values[d] >= 0) places.suboffsets = view.suboffsets_values.data();
  } else if (view.suboffsets != Pointer::null) {
    return false;
  }
  return places.suboffsets != nullptr || places.bytes == 0 || find_reach(places);
}

std::uintptr_t place_of(const Places& places, std::uintptr_t buf, const Extents& index) noexcept {
  std::uintptr_t at = buf;
  for (std::size_t d = 0; d < static_cast<std::size_t>(places.ndim); ++d) {
    at = moved(at, places.strides[d] * index[d]);
    if (places.suboffsets == nullptr || places.suboffsets[d] < 0) continue;
    std::uintptr_t pointer = 0;
    if (read_safely(reinterpret_cast<const void*>(at), {reinterpret_cast<char*>(&pointer), sizeof pointer}) !=
            sizeof pointer ||
        pointer == 0)
      return 0;
    at = moved(pointer, places.suboffsets[d]);
  }
  return at;
}

void index_of_element(const Places& places, ssize k, Extents& index) noexcept {
  for (std::size_t d = static_cast<std::size_t>(places.ndim); d-- > 0;) {
    index[d] = k % places.shape[d];
    k /= places.shape[d];
  }
}

bool lie_in_c_order(const Places& places) noexcept {
  return places.suboffsets == nullptr && places.highest - places.lowest + places.itemsize == places.bytes &&
         is_contiguous({places.ndim, places.shape.data(), places.strides.data(), nullptr, places.itemsize}, 'C');
}

}  // namespace bufspec::engine
