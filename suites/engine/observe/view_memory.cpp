#include "view_memory.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "digest.hpp"
#include "large_memory.hpp"
#include "places.hpp"
#include "probe.hpp"

namespace bufspec::engine {

namespace {

// Beyond this a stretch that holds all elements is not read in one go: they lie far apart.
constexpr ssize largest_stretch = ssize{1} << 18;

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

void look_at_large_memory(const Places& places, std::uintptr_t buf, SeenMemory& seen, Look look) {
  seen.readable = seen.is_sample = read_sample(places, buf, seen.elements);
  if (look == Look::sample || seen.readable != true) return;
  bool is_readable = true;
  seen.digest = read_digest(places, buf, is_readable);
  seen.readable = is_readable;
}

}  // namespace

bool SeenMemory::agrees_with(const SeenMemory& other) const noexcept {
  if (complete || other.complete) return elements == other.elements;
  return bytes == other.bytes && elements == other.elements && (!digest || !other.digest || *digest == *other.digest);
}

bool SeenMemory::agrees_with(std::string_view all_elements) const {
  if (complete) return elements == all_elements;
  return static_cast<std::size_t>(bytes) == all_elements.size() && elements == sample_of(all_elements);
}

void look_at_memory(const View& view, const void* buf, SeenMemory& seen, Look look) {
  seen.readable.reset();
  seen.complete = seen.is_sample = false;
  seen.bytes = 0;
  seen.elements.clear();
  seen.first = seen.end = 0;
  seen.digest.reset();
  Places places;
  if (!find_places(view, places)) return;
  seen.bytes = places.bytes;
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
  if (places.bytes > (look == Look::copy ? largest_copied_memory : largest_kept_memory)) {
    look_at_large_memory(places, origin, seen, look);
    return;
  }
  const ssize stretch = places.highest - places.lowest + places.itemsize;
  const bool is_one_stretch = stretch <= largest_stretch || stretch == places.bytes;
  if (places.suboffsets == nullptr && is_one_stretch) {
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

std::optional<Stretch> stretch_of(const View& view, const void* buf) {
  Places places;
  if (buf == nullptr || !find_places(view, places) || places.bytes == 0) return std::nullopt;
  const auto origin = reinterpret_cast<std::uintptr_t>(buf);
  if (places.suboffsets != nullptr) return Stretch{origin, origin, true};
  return Stretch{moved(origin, places.lowest), moved(origin, places.highest + places.itemsize - 1), false};
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
