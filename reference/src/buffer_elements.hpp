// The elements of a buffer struct, read so that nothing is left to trust but the memory itself.  Only for the
// functions and the memoryview.
#pragma once

#include <span>

#include "bufspec/errors.hpp"
#include "bufspec/layout.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// What a struct describes, with what it leaves out filled in.  A copy would point at the original's arrays.
class BufferElements {
 public:
  BufferElements() noexcept = default;
  BufferElements(const BufferElements&) = delete;
  BufferElements& operator=(const BufferElements&) = delete;

  // Reads the struct: absent strides are C order, an absent shape makes bytes of it [field.itemsize.*].
  // Fails (value_error) where ndim, shape, itemsize and len do not agree, or memory is missing.
  [[nodiscard]] Status read(const Buffer& buffer) noexcept;

  [[nodiscard]] const Geometry& geometry() const noexcept { return geometry_; }
  [[nodiscard]] std::span<const ssize> shape() const noexcept {
    return {geometry_.shape, static_cast<std::size_t>(geometry_.ndim)};
  }
  [[nodiscard]] ssize count() const noexcept { return count_; }
  [[nodiscard]] ssize bytes() const noexcept { return bytes_; }
  [[nodiscard]] char* at(std::span<const ssize> index) const noexcept {
    return element_pointer(buf_, geometry_, index);
  }
  [[nodiscard]] char* buf() const noexcept { return buf_; }
  [[nodiscard]] bool is_contiguous(char order) const noexcept { return bufspec::is_contiguous(geometry_, order); }

  // Calls visit(pointer) for the first `limit` elements in C or Fortran index order.
  template <typename Visit>
  void for_each(bool fortran, ssize limit, Visit visit) const {
    Extents values{};
    const std::span<ssize> index{values.data(), shape().size()};
    if (count_ == 0) return;
    for (ssize k = 0; k < limit; ++k) {
      visit(at(index));
      if (!advance_index(index, shape(), fortran)) return;
    }
  }

 private:
  char* buf_ = nullptr;
  Geometry geometry_;
  Extents strides_{};
  ssize one_extent_ = 0;
  ssize count_ = 0;
  ssize bytes_ = 0;
};

}  // namespace bufspec
