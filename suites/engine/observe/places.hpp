// Where are the elements of a view?  By what the view says alone; pointers in the memory are followed without trusting it.
#pragma once

#include <cstdint>

#include "bufspec/view.hpp"

namespace bufspec::engine {

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

// False where the view does not say it, or says what cannot be.
[[nodiscard]] bool find_places(const View& view, Places& places);

// Whether the bytes of all elements are one stretch in C order.
[[nodiscard]] bool lie_in_c_order(const Places& places) noexcept;

[[nodiscard]] inline std::uintptr_t moved(std::uintptr_t address, ssize bytes) noexcept {
  return address + static_cast<std::uintptr_t>(bytes);  // wraps: what is there is asked, not assumed
}

// The address of the element at `index`, its pointers followed safely; 0 where one cannot be read.
[[nodiscard]] std::uintptr_t place_of(const Places& places, std::uintptr_t buf, const Extents& index) noexcept;

// The index of element number `k` in C order.
void index_of_element(const Places& places, ssize k, Extents& index) noexcept;

}  // namespace bufspec::engine
