// How does a memoryview show the same memory in another shape, or a part of it?
// No element is read here.
#include <algorithm>
#include <bit>
#include <cstdint>

#include "buffer_elements.hpp"
#include "bufspec/format.hpp"
#include "memoryview_shared.hpp"

namespace bufspec {

namespace {

using Made = Result<MemoryViewPointer>;

bool is_byte_format(std::string_view format) noexcept {
  if (format.size() == 2 && format[0] == '@') format.remove_prefix(1);
  return format == "B" || format == "b" || format == "c";
}

// The first index and the number of indices that a slice of `extent` has.  Requires: step is not 0.
struct Selection {
  ssize start = 0;
  ssize count = 0;
};

ssize clamp_bound(ssize bound, ssize extent, ssize lowest, ssize highest) noexcept {
  if (bound < 0) bound = bound < -extent ? lowest : bound + extent;
  return std::clamp(bound, lowest, highest);
}

Selection select(const Slice& bounds, ssize extent) noexcept {
  const bool forwards = bounds.step > 0;
  const ssize lowest = forwards ? 0 : -1;
  const ssize highest = forwards ? extent : extent - 1;
  const ssize start = bounds.start ? clamp_bound(*bounds.start, extent, lowest, highest) : forwards ? lowest : highest;
  const ssize stop = bounds.stop ? clamp_bound(*bounds.stop, extent, lowest, highest) : forwards ? highest : lowest;
  const ssize distance = forwards ? stop - start : start - stop;
  if (distance <= 0) return {0, 0};
  // The step of the most negative value has no positive counterpart; it selects one index.
  const auto step =
      forwards ? static_cast<std::size_t>(bounds.step) : std::size_t{0} - static_cast<std::size_t>(bounds.step);
  return {start, static_cast<ssize>((static_cast<std::size_t>(distance) - 1) / step + 1)};
}

}  // namespace

Made MemoryView::cast(std::string_view format) const {
  if (is_released()) return Made::failure(Error::value_error, "the memoryview was released");
  if (!is_contiguous('C')) return Made::failure(Error::type_error, "the memory is not C-contiguous");
  if (full_.ndim != 1 && std::count(shape().begin(), shape().end(), 0) > 0)
    return Made::failure(Error::type_error, "an extent is 0");
  if (!is_native_single(format)) return Made::failure(Error::value_error, "the target is not one native code");
  if (!is_byte_format(format) && (!is_native_single(format_) || !is_byte_format(format_)))
    return Made::failure(Error::type_error, "neither format is one of bytes");
  const ssize itemsize = format_size(format).value.size;
  // A struct may have come with a len that is not that of its shape: then nobody knows how much memory there is.
  BufferElements elements;
  if (const Status status = elements.read(full_); !status.ok()) return Made::failure(status.error, status.reason);
  if (full_.len % itemsize != 0)
    return Made::failure(Error::type_error, "the length is not a multiple of the itemsize");

  std::string text(format);
  ssize extent = full_.len / itemsize;
  ssize stride = itemsize;
  Buffer line = full_;
  line.format = text.data();
  line.itemsize = itemsize;
  line.ndim = 1;
  line.shape = &extent;
  line.strides = &stride;
  line.suboffsets = nullptr;
  return make(shared_, line);
}

Made MemoryView::cast(std::string_view format, std::span<const ssize> shape) const {
  if (is_released()) return Made::failure(Error::value_error, "the memoryview was released");
  if (!is_contiguous('C')) return Made::failure(Error::type_error, "the memory is not C-contiguous");
  const auto own = this->shape();
  if (std::count(own.begin(), own.end(), 0) > 0) return Made::failure(Error::type_error, "an extent is 0");
  if (shape.size() > max_ndim) return Made::failure(Error::value_error, "more than 64 dimensions");
  if (full_.ndim != 1 && shape.size() != 1) return Made::failure(Error::type_error, "several dimensions on both sides");
  Made line = cast(format);
  if (!line.ok()) return line;

  ssize bytes = line.value->full_.itemsize;
  for (const ssize extent : shape) {
    if (extent <= 0) return Made::failure(Error::value_error, "an extent is below 1");
    if (__builtin_mul_overflow(bytes, extent, &bytes))
      return Made::failure(Error::value_error, "the shape does not fit");
  }
  if (bytes != full_.len) return Made::failure(Error::type_error, "the shape changes the length");
  Extents extents{};
  std::copy(shape.begin(), shape.end(), extents.begin());
  Buffer shaped = line.value->full_;
  shaped.ndim = static_cast<int>(shape.size());
  shaped.shape = extents.data();
  shaped.strides = nullptr;
  return make(shared_, shaped);
}

Made MemoryView::slice(const Slice& bounds) const {
  if (!is_released() && full_.ndim == 0) return Made::failure(Error::type_error, "there is no dimension to slice");
  return slice_dimension(0, bounds);
}

Made MemoryView::slice_dimension(int dimension, const Slice& bounds) const {
  if (is_released()) return Made::failure(Error::value_error, "the memoryview was released");
  if (dimension < 0 || dimension >= full_.ndim) return Made::failure(Error::index_error, "there is no such dimension");
  if (bounds.step == 0) return Made::failure(Error::value_error, "the step is 0");
  const auto d = static_cast<std::size_t>(dimension);
  const Selection selection = select(bounds, shape_[d]);

  Extents shape = shape_;
  Extents strides = strides_;
  Extents suboffsets = suboffsets_;
  Buffer part = full_;
  part.shape = shape.data();
  part.strides = strides.data();
  part.suboffsets = has_suboffsets_ ? suboffsets.data() : nullptr;

  ssize skipped = 0;
  if (__builtin_mul_overflow(strides_[d], selection.start, &skipped))
    return Made::failure(Error::value_error, "the reach of the strides does not fit");
  std::size_t owner = d;
  while (has_suboffsets_ && owner > 0 && suboffsets_[owner - 1] < 0) --owner;
  if (!has_suboffsets_ || owner == 0) {
    // An integer, because where a struct tells lies about its memory this may lie outside it.
    part.buf = std::bit_cast<void*>(std::bit_cast<std::uintptr_t>(part.buf) + static_cast<std::uintptr_t>(skipped));
  } else if (__builtin_add_overflow(suboffsets[owner - 1], skipped, &suboffsets[owner - 1]) ||
             suboffsets[owner - 1] < 0) {
    return Made::failure(Error::value_error, "a suboffset does not fit, or would mean that there is no pointer");
  }
  shape[d] = selection.count;
  // Of one index or none the stride is never followed, so it does not matter that it may not fit.
  (void)__builtin_mul_overflow(strides_[d], bounds.step, &strides[d]);
  const auto count = element_count({shape.data(), static_cast<std::size_t>(part.ndim)});
  part.len = byte_length(count.value, part.itemsize).value;
  return make(shared_, part);
}

Made MemoryView::to_readonly() const {
  Made made = twin();
  if (!made.ok()) return made;
  made.value->full_.readonly = 1;
  made.value->take_facts();
  return made;
}

}  // namespace bufspec
