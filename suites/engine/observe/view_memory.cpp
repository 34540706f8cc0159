#include "view_memory.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "bufspec/layout.hpp"
#include "probe.hpp"

namespace bufspec::engine {

namespace {

// Beyond this a stretch that holds all elements is not read in one go: they lie far apart.
constexpr ssize largest_stretch = ssize{1} << 18;
constexpr ssize probed_elements = 64;

// Where the elements of a view are, if it says so.
struct Places {
  int ndim = 0;
  Extents shape{};
  Extents strides{};
  const ssize* suboffsets = nullptr;  // null: no pointer is followed
  ssize itemsize = 0;
  ssize count = 0;
  ssize bytes = 0;
  ssize lowest = 0;  // of the first bytes of the elements, from buf; without suboffsets
  ssize highest = 0;
};

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

std::uintptr_t moved(std::uintptr_t address, ssize bytes) noexcept {
  return address + static_cast<std::uintptr_t>(bytes);  // wraps: what is there is asked, not assumed
}

// The address of the element at `index`, its pointers followed safely; 0 where one cannot be read.
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

// The index of element number `k` in C order.
void index_of_element(const Places& places, ssize k, Extents& index) noexcept {
  for (std::size_t d = static_cast<std::size_t>(places.ndim); d-- > 0;) {
    index[d] = k % places.shape[d];
    k /= places.shape[d];
  }
}

// Copies the elements out of a copy of the stretch that holds them all.
void gather(const Places& places, const char* origin, std::string& elements) {
  const auto ndim = static_cast<std::size_t>(places.ndim);
  const auto itemsize = static_cast<std::size_t>(places.itemsize);
  elements.resize(static_cast<std::size_t>(places.bytes));
  Extents index{};
  char* to = elements.data();
  const char* at = origin;
  for (;;) {
    std::memcpy(to, at, itemsize);
    to += itemsize;
    std::size_t d = ndim;
    while (d > 0 && index[d - 1] == places.shape[d - 1] - 1) {
      --d;
      at -= places.strides[d] * index[d];
      index[d] = 0;
    }
    if (d == 0) return;
    ++index[d - 1];
    at += places.strides[d - 1];
  }
}

bool lie_in_c_order(const Places& places) noexcept {
  return places.suboffsets == nullptr && places.highest - places.lowest + places.itemsize == places.bytes &&
         is_contiguous({places.ndim, places.shape.data(), places.strides.data(), nullptr, places.itemsize}, 'C');
}

// One element after another; false at the first that cannot be read.
bool read_each(const Places& places, std::uintptr_t buf, std::string& elements) {
  elements.resize(static_cast<std::size_t>(places.bytes));
  Extents index{};
  for (ssize k = 0; k < places.count; ++k) {
    index_of_element(places, k, index);
    const std::uintptr_t at = place_of(places, buf, index);
    const std::span<char> into(elements.data() + k * places.itemsize, static_cast<std::size_t>(places.itemsize));
    if (at == 0 || read_safely(reinterpret_cast<const void*>(at), into) != into.size()) return false;
  }
  return true;
}

bool probe_some(const Places& places, std::uintptr_t buf) {
  Extents index{};
  const ssize probes = std::min(places.count, probed_elements);
  for (ssize n = 0; n < probes; ++n) {
    const ssize k = n + 1 == probes ? places.count - 1 : places.count / probes * n;
    index_of_element(places, k, index);
    const std::uintptr_t at = place_of(places, buf, index);
    if (at == 0) return false;
    for (const ssize byte : {ssize{0}, places.itemsize - 1}) {
      char read = 0;
      if (read_safely(reinterpret_cast<const void*>(moved(at, byte)), {&read, 1}) != 1) return false;
    }
  }
  return true;
}

}  // namespace

void look_at_memory(const View& view, const void* buf, SeenMemory& seen) {
  seen.readable.reset();
  seen.complete = false;
  seen.elements.clear();
  seen.first = seen.end = 0;
  Places places;
  if (!find_places(view, places)) return;
  if (places.bytes == 0) {
    seen.readable = seen.complete = true;
    return;
  }
  const auto origin = reinterpret_cast<std::uintptr_t>(buf);
  if (buf == nullptr) {
    seen.readable = false;
    return;
  }
  if (places.suboffsets == nullptr) {
    seen.first = moved(origin, places.lowest);
    seen.end = moved(origin, places.highest + places.itemsize);
  }
  if (places.bytes > largest_kept_memory) {
    seen.readable = probe_some(places, origin);
    return;
  }
  const ssize stretch = places.highest - places.lowest + places.itemsize;
  if (places.suboffsets == nullptr && stretch <= largest_stretch) {
    const void* lowest = reinterpret_cast<const void*>(moved(origin, places.lowest));
    const auto size = static_cast<std::size_t>(stretch);
    if (lie_in_c_order(places)) {
      seen.elements.resize(size);
      seen.readable = seen.complete = read_safely(lowest, {seen.elements.data(), size}) == size;
      return;
    }
    std::vector<char> copy(size);
    if (read_safely(lowest, copy) == size) {
      gather(places, copy.data() - places.lowest, seen.elements);
      seen.readable = seen.complete = true;
      return;
    }
  }
  seen.readable = seen.complete = read_each(places, origin, seen.elements);
}

std::vector<char*> corner_elements(const View& view, const void* buf) {
  std::vector<char*> corners;
  Places places;
  if (buf == nullptr || !find_places(view, places) || places.bytes == 0) return corners;
  for (const ssize k : {ssize{0}, places.count - 1}) {
    Extents index{};
    index_of_element(places, k, index);
    const std::uintptr_t at = place_of(places, reinterpret_cast<std::uintptr_t>(buf), index);
    if (at == 0) return {};
    if (corners.empty() || reinterpret_cast<std::uintptr_t>(corners[0]) != at)
      corners.push_back(reinterpret_cast<char*>(at));
  }
  return corners;
}

}  // namespace bufspec::engine
