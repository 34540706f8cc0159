// How do elements get from one memory into another?
// Every element has the place that its indices give; a copy as a whole is only taken where that is the same.
#include <algorithm>
#include <cstring>

#include "buffer_elements.hpp"
#include "bufspec/functions.hpp"

namespace bufspec {

namespace {

void copy_bytes(char* to, const char* from, ssize count) noexcept {
  if (count > 0) std::memmove(to, from, static_cast<std::size_t>(count));
}

// Both contiguous in the same order, so that their bytes correspond one to one.
bool have_common_order(const BufferElements& left, const BufferElements& right) noexcept {
  return (left.is_contiguous('C') && right.is_contiguous('C')) || (left.is_contiguous('F') && right.is_contiguous('F'));
}

// Whether every index of `source` has an element in `destination` that is large enough.
bool has_room(const BufferElements& destination, const BufferElements& source) noexcept {
  const auto to = destination.shape();
  const auto from = source.shape();
  if (to.size() != from.size() || source.geometry().itemsize > destination.geometry().itemsize) return false;
  for (std::size_t d = 0; d < to.size(); ++d)
    if (from[d] > to[d]) return false;
  return true;
}

Status copy_elements(const Buffer& to, const Buffer& from) noexcept {
  if (to.len < from.len) return {Error::buffer_error, "the destination is too small"};
  BufferElements destination;
  BufferElements source;
  for (const Status status : {destination.read(to), source.read(from)})
    if (!status.ok()) return status;
  if (have_common_order(destination, source)) {
    copy_bytes(destination.buf(), source.buf(), source.bytes());
    return {};
  }
  if (!has_room(destination, source)) return {Error::value_error, "the shapes do not match"};
  Extents values{};
  const std::span<ssize> index{values.data(), source.shape().size()};
  if (source.bytes() == 0) return {};
  do {
    copy_bytes(destination.at(index), source.at(index), source.geometry().itemsize);
  } while (advance_index(index, source.shape(), false));
  return {};
}

}  // namespace

Status to_contiguous(std::span<char> destination, const Buffer& view, char order) noexcept {
  if (view.len < 0 || destination.size() != static_cast<std::size_t>(view.len))
    return {Error::value_error, "the length is not that of the view"};
  BufferElements elements;
  if (const Status status = elements.read(view); !status.ok()) return status;
  if (elements.is_contiguous(order)) {
    copy_bytes(destination.data(), elements.buf(), elements.bytes());
    return {};
  }
  const bool fortran = order != 'C' && order != 'A';
  const ssize itemsize = elements.geometry().itemsize;
  if (itemsize == 0) return {};
  char* to = destination.data();
  elements.for_each(fortran, elements.count(), [&](const char* element) {
    copy_bytes(to, element, itemsize);
    to += itemsize;
  });
  return {};
}

Status from_contiguous(const Buffer& view, std::span<const char> source, char order) noexcept {
  BufferElements elements;
  if (const Status status = elements.read(view); !status.ok()) return status;
  const auto room = static_cast<std::size_t>(elements.bytes());
  const auto length = static_cast<ssize>(std::min(source.size(), room));
  if (elements.is_contiguous(order)) {
    copy_bytes(elements.buf(), source.data(), length);
    return {};
  }
  const ssize itemsize = elements.geometry().itemsize;
  if (itemsize == 0) return {};
  const char* from = source.data();
  elements.for_each(order == 'F', length / itemsize, [&](char* element) {
    copy_bytes(element, from, itemsize);
    from += itemsize;
  });
  return {};
}

Status copy_to_object(Object& object, std::span<const char> source, char order) noexcept {
  Buffer view{};
  if (const Status status = get_buffer(object, view, flag::FULL, Edition::founding_2010); !status.ok()) return status;
  const bool fits = view.len >= 0 && source.size() <= static_cast<std::size_t>(view.len);
  const Status status =
      fits ? from_contiguous(view, source, order) : Status{Error::value_error, "more bytes than the buffer has"};
  release(view);
  return status;
}

Status copy_data(Object& destination, Object& source) noexcept {
  if (!check_buffer(destination) || !check_buffer(source))
    return {Error::type_error, "both sides must be bytes-like objects"};
  Buffer to{};
  if (const Status status = get_buffer(destination, to, flag::FULL); !status.ok()) return status;
  Buffer from{};
  Status status = get_buffer(source, from, flag::FULL_RO);
  if (status.ok()) {
    status = copy_elements(to, from);
    release(from);
  }
  release(to);
  return status;
}

}  // namespace bufspec
