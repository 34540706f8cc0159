// The buffer structure, as it lies in memory (Buffer), as a value that can be judged (View), and the
// description of a memory from which every answer follows (Layout).
// Table: spec/tables/30-fields.yaml (rules field.*).  Data only: what holds between the
// fields is in layout.hpp, format.hpp and requests.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bufspec/flags.hpp"

namespace bufspec {

using ssize = std::ptrdiff_t;
using Extents = std::array<ssize, max_ndim>;

// The document's Py_buffer, field for field and in its order; an adapter asserts that the
// two have one memory layout, so that a Buffer can be handed to PyObject_GetBuffer.
struct Buffer {
  void* buf;
  void* obj;
  ssize len;
  ssize itemsize;
  int readonly;
  int ndim;
  char* format;
  ssize* shape;
  ssize* strides;
  ssize* suboffsets;
  void* internal;
};

// A format text of bounded length, so that a View needs no heap.
class FormatText {
 public:
  static constexpr std::size_t capacity = 1023;

  FormatText() noexcept {}
  explicit FormatText(std::string_view text) noexcept { assign(text); }
  FormatText(const FormatText& other) noexcept { *this = other; }
  FormatText& operator=(const FormatText& other) noexcept {
    size_ = other.size_;
    truncated_ = other.truncated_;
    std::copy_n(other.characters_.begin(), size_, characters_.begin());
    return *this;
  }

  // Takes the first `capacity` characters; is_truncated() says whether there were more.
  void assign(std::string_view text) noexcept {
    truncated_ = text.size() > capacity;
    size_ = truncated_ ? capacity : text.size();
    std::copy_n(text.begin(), size_, characters_.begin());
  }
  [[nodiscard]] std::string_view text() const noexcept { return {characters_.data(), size_}; }
  [[nodiscard]] bool is_truncated() const noexcept { return truncated_; }

 private:
  std::array<char, capacity> characters_;  // the first size_ of them
  std::size_t size_ = 0;
  bool truncated_ = false;
};

// What a pointer field holds.  `untouched` is the poison that the struct was filled with before
// the call; `unreadable` an address that cannot be read.
enum class Pointer : std::uint8_t { null, readable, untouched, unreadable };

// What `obj` holds: NULL, the object that was asked, another object, the poison, or no object at all.
enum class Owner : std::uint8_t { null, exporter, other, untouched, garbage };

// Whether a view with such an owner can be released: PyBuffer_Release follows the pointer.
[[nodiscard]] constexpr bool can_be_released(Owner owner) noexcept {
  return owner != Owner::untouched && owner != Owner::garbage;
}

// A value copy of what a subject wrote, arrays inline.  Nothing in it points at the subject.
struct View {
  View() noexcept {}  // not "= default": a view is made for each answer, and its arrays are long

  Pointer buf = Pointer::null;
  ssize buf_offset = 0;  // bytes from the buf of the richest answer; 0 if there is none
  Owner obj = Owner::null;
  ssize len = 0;
  ssize itemsize = 0;
  int readonly = 0;
  int ndim = 0;
  Pointer format = Pointer::null;
  FormatText format_text;
  bool format_terminated = true;
  Pointer shape = Pointer::null;
  Pointer strides = Pointer::null;
  Pointer suboffsets = Pointer::null;
  Extents shape_values;  // the first ndim entries of each array that is readable
  Extents strides_values;
  Extents suboffsets_values;
};

// A memory, described completely: element (i, j, ...) begins at
// offset + i*strides[0] + j*strides[1] + ..., with a pointer followed wherever a suboffset is >= 0.
// All sizes are in bytes.  A layout is any combination of values; well_formed() in
// layout.hpp tells whether it describes a memory that can exist.
struct Layout {
  std::string format = "B";
  ssize itemsize = 1;
  int ndim = 1;
  Extents shape{};
  Extents strides{};
  Extents suboffsets{};
  bool has_strides = true;     // false: strides are absent, which means C order
  bool has_suboffsets = false;
  ssize offset = 0;  // from the start of the block to the element with all indices 0
  ssize block = 0;   // bytes of the block
  bool readonly = false;
};

// The memory order that a request or a copy speaks of.
enum class Order : char { c = 'C', fortran = 'F', any = 'A' };

}  // namespace bufspec
