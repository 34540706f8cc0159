// What does a struct describe, and does it agree with itself?
#include "buffer_elements.hpp"

namespace bufspec {

Status BufferElements::read(const Buffer& buffer) noexcept {
  buf_ = static_cast<char*>(buffer.buf);
  if (buffer.ndim < 0 || buffer.ndim > max_ndim) return {Error::value_error, "ndim is out of range"};
  if (buffer.len < 0 || buffer.itemsize < 0) return {Error::value_error, "a size is negative"};
  geometry_ = geometry_of(buffer);
  if (buffer.ndim > 0 && buffer.shape == nullptr) {
    // Who asked for no shape was promised bytes, whatever the itemsize.
    if (buffer.strides != nullptr || buffer.suboffsets != nullptr)
      return {Error::value_error, "strides or suboffsets without a shape"};
    one_extent_ = buffer.len;
    geometry_ = {1, &one_extent_, nullptr, nullptr, 1};
  }
  const auto counted = element_count(shape());
  if (!counted.ok()) return {counted.error, counted.reason};
  const auto length = byte_length(counted.value, geometry_.itemsize);
  if (!length.ok() || length.value != buffer.len)
    return {Error::value_error, "len is not the product of the shape and the itemsize"};
  if (geometry_.strides == nullptr) {
    if (geometry_.suboffsets != nullptr) return {Error::value_error, "suboffsets without strides"};
    const Status filled = fill_contiguous_strides(shape(), geometry_.itemsize, 'C', {strides_.data(), shape().size()});
    if (!filled.ok()) return {Error::value_error, filled.reason};
    geometry_.strides = strides_.data();
  }
  if (buf_ == nullptr && length.value > 0) return {Error::value_error, "memory is missing"};
  count_ = counted.value;
  bytes_ = length.value;
  return {};
}

}  // namespace bufspec
