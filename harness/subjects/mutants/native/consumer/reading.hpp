// How a mutant consumer walks the memory of a view that it was granted: rightly, or in one of the wrong ways that real
// consumers had.  Wrong addresses are read and written so that nobody dies of them; touch() is the one that may.
// Touches no Python object; which way is a mistake is for spec/consumer_mutants.yaml to say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::mutants::consumers {

// Wrong ways to read, as a set.
namespace misread {
inline constexpr unsigned linear = 1U << 0;                // len bytes from buf on, whatever the strides
inline constexpr unsigned no_suboffsets = 1U << 1;         // pointers taken for elements
inline constexpr unsigned absolute_strides = 1U << 2;      // the sign of a stride dropped
inline constexpr unsigned zero_stride_as_item = 1U << 3;   // stride 0 taken for itemsize
inline constexpr unsigned strides_in_items = 1U << 4;      // a stride divided by itemsize, the rest lost
inline constexpr unsigned fortran = 1U << 5;               // the first index runs fastest
inline constexpr unsigned fortran_without_strides = 1U << 6;
inline constexpr unsigned extent_one = 1U << 7;            // the stride of an extent of 1 followed
inline constexpr unsigned rounded_down = 1U << 8;  // an address rounded down to a multiple of the item's size
inline constexpr unsigned of_itemsize = 1U << 9;  // len / itemsize bytes where only bytes were asked for
inline constexpr unsigned count_as_bytes = 1U << 10;  // as many bytes as there are elements
inline constexpr unsigned first_extent = 1U << 11;  // only the items of the first dimension
inline constexpr unsigned eight_dimensions = 1U << 12;  // only the first eight are walked
inline constexpr unsigned reads_nothing = 1U << 13;  // one item of a memory that has none
inline constexpr unsigned negative_followed = 1U << 14;  // negative suboffsets dereferenced, too
inline constexpr unsigned swapped = 1U << 15;  // the bytes of each item in reverse
inline constexpr unsigned trusts_len = 1U << 16;  // len / itemsize items in C order, whatever the shape
inline constexpr unsigned one_short = 1U << 17;  // the last item is left out
inline constexpr unsigned strides_16 = 1U << 18;  // strides cut to 16 bits, without their sign
inline constexpr unsigned halved = 1U << 20;  // every second item
inline constexpr unsigned low_half = 1U << 19;  // of an item of several bytes the lower half alone
inline constexpr unsigned carefully = 1U << 21;  // rightly, but the memory may be gone
}  // namespace misread

// A copy of a struct and its arrays, which outlives the release of the view; not of the memory.
class DetachedView {
 public:
  explicit DetachedView(const Py_buffer& view);
  DetachedView(const DetachedView&) = delete;
  DetachedView& operator=(const DetachedView&) = delete;

  [[nodiscard]] const Py_buffer& view() const noexcept { return view_; }

 private:
  Py_buffer view_;
  std::string format_;
  std::vector<Py_ssize_t> shape_, strides_, suboffsets_;
};

// The elements of `view` in C order, as `wrongly` (misread::*) makes them; `word` is what was asked.  Where nothing is
// wrong, memory is copied plainly.  Throws std::bad_alloc.
[[nodiscard]] std::string elements_of_view(const Py_buffer& view, int word, unsigned wrongly);

// Writes byte number k of the elements in C order as a pattern of k, which is the same for every memory of as many bytes.
// What is wrong about it stays between the first and the last element, so that nothing of others is harmed.
void fill_view(const Py_buffer& view, int word, unsigned wrongly);

// Turns over every byte between the first and the last element of `view` that belongs to none.
void write_gaps(const Py_buffer& view);

// Reads one byte: after the last byte of all elements if `by` is 0 or more, so far before the first if it is negative.
// Dies where there is none.
void touch(const Py_buffer& view, Py_ssize_t by);

// Writes the first byte that buf points at as it is: nothing changes, and where nothing may be written it dies.
void write_back(const Py_buffer& view);

// Whether the elements lie in one piece in C order, by shape and strides alone.
[[nodiscard]] bool is_in_c_order(const Py_buffer& view);

// Whether a byte of the elements is 0; they lie in C order.
[[nodiscard]] bool has_zero_byte(const Py_buffer& view);
// The number of elements by the shape; 1 for no dimension, len for no shape.
[[nodiscard]] Py_ssize_t elements_in(const Py_buffer& view);

}  // namespace bufspec::mutants::consumers
