// What do the targets that copy and slice need of a memory?  A view that is released at its end, and the places of the
// elements, found by walking alone: what the functions under test are held against.
#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "bufspec/exporter.hpp"
#include "bufspec/functions.hpp"
#include "bufspec/layout.hpp"
#include "property.hpp"

namespace bufspec::fuzz {

// More are not copied one by one: one input is to take microseconds.
inline constexpr std::size_t most_elements = 512;

// A view of all of an object, read-only if need be.
class Held {
 public:
  explicit Held(Object& object) {
    must_hold(get_buffer(object, view, flag::FULL_RO).ok(), "an exporter grants a request for all, but for writing");
  }
  ~Held() { release(view); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  Buffer view{};
};

[[nodiscard]] inline std::span<const ssize> extents(const ssize* values, int ndim) {
  return {values, static_cast<std::size_t>(ndim)};
}

// Builds the memory of a layout; false where it cannot be built, or has more elements than are copied one by one.
[[nodiscard]] inline bool build_small(Exporter& exporter, const Layout& layout) {
  const auto count = element_count(extents(layout.shape.data(), layout.ndim));
  return static_cast<std::size_t>(count.value) <= most_elements && exporter.build(layout).ok();
}

// Where each element lies, in C order or in Fortran order of the indices.  Requires: a view with shape and strides.
[[nodiscard]] inline std::vector<char*> places_of(const Buffer& view, bool is_fortran = false) {
  std::vector<char*> places;
  const auto shape = extents(view.shape, view.ndim);
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return places;
  std::vector<ssize> index(shape.size());
  const auto is_next = [&] {
    for (std::size_t n = 0; n < index.size(); ++n) {
      const std::size_t d = is_fortran ? n : index.size() - 1 - n;
      if (++index[d] < shape[d]) return true;
      index[d] = 0;
    }
    return false;
  };
  do {
    char* place = static_cast<char*>(view.buf);
    for (std::size_t d = 0; d < index.size(); ++d) {
      place += index[d] * view.strides[d];
      if (view.suboffsets != nullptr && view.suboffsets[d] >= 0)
        place = *reinterpret_cast<char**>(place) + view.suboffsets[d];
    }
    places.push_back(place);
  } while (is_next());
  return places;
}

// Whether two elements share a byte.
[[nodiscard]] inline bool share_memory(std::vector<char*> places, ssize itemsize) {
  std::sort(places.begin(), places.end(), std::less<>());
  for (std::size_t i = 1; i < places.size(); ++i)
    if (places[i] - places[i - 1] < itemsize) return true;
  return false;
}

// The elements of those places, one after another.
[[nodiscard]] inline std::vector<char> bytes_at(const std::vector<char*>& places, ssize itemsize) {
  std::vector<char> bytes;
  bytes.reserve(places.size() * static_cast<std::size_t>(itemsize));
  for (const char* place : places) bytes.insert(bytes.end(), place, place + itemsize);
  return bytes;
}

}  // namespace bufspec::fuzz
