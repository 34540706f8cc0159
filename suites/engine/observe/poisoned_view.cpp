#include "poisoned_view.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "probe.hpp"

namespace bufspec::engine {

namespace {

Pointer copy_array(const ssize* array, std::size_t count, Extents& values) noexcept {
  if (array == nullptr) return Pointer::null;
  if (reinterpret_cast<std::uintptr_t>(array) == poison_word) return Pointer::untouched;
  const std::size_t bytes = count * sizeof(ssize);
  const std::size_t read = read_safely(array, {reinterpret_cast<char*>(values.data()), bytes});
  return read == bytes ? Pointer::readable : Pointer::unreadable;
}

Pointer copy_format(const char* format, View& copy) noexcept {
  if (format == nullptr) return Pointer::null;
  if (reinterpret_cast<std::uintptr_t>(format) == poison_word) return Pointer::untouched;
  std::array<char, FormatText::capacity + 1> text;
  std::size_t size = 0;
  constexpr std::size_t stretch = 64;  // most formats end in the first
  const void* end = nullptr;
  while (end == nullptr && size < text.size()) {
    const std::size_t wanted = std::min(stretch, text.size() - size);
    const std::size_t read = read_safely(format + size, {text.data() + size, wanted});
    end = std::memchr(text.data() + size, 0, read);
    size += read;
    if (read < wanted) break;
  }
  if (size == 0) return Pointer::unreadable;
  copy.format_terminated = end != nullptr || size == text.size();
  copy.format_text.assign(end == nullptr ? std::string_view(text.data(), size)
                                         : std::string_view(text.data(), static_cast<const char*>(end)));
  return Pointer::readable;
}

}  // namespace

Pointer state_of(const void* pointer, std::size_t size) noexcept {
  if (pointer == nullptr) return Pointer::null;
  if (reinterpret_cast<std::uintptr_t>(pointer) == poison_word) return Pointer::untouched;
  char byte = 0;
  if (size > 0 && read_safely(pointer, {&byte, 1}) != 1) return Pointer::unreadable;
  return Pointer::readable;
}

void copy_view(const Buffer& view, Owner owner, const void* richest_buf, bool granted, View& copy) noexcept {
  copy.obj = owner;
  if (!granted) return;
  copy.len = view.len;
  copy.itemsize = view.itemsize;
  copy.readonly = view.readonly;
  copy.ndim = view.ndim;
  const auto count = static_cast<std::size_t>(std::clamp(view.ndim, 0, max_ndim));
  copy.buf = state_of(view.buf, view.len > 0 ? 1 : 0);
  if (richest_buf != nullptr)
    copy.buf_offset =
        static_cast<ssize>(reinterpret_cast<std::uintptr_t>(view.buf) - reinterpret_cast<std::uintptr_t>(richest_buf));
  copy.format = copy_format(view.format, copy);
  copy.shape = copy_array(view.shape, count, copy.shape_values);
  copy.strides = copy_array(view.strides, count, copy.strides_values);
  copy.suboffsets = copy_array(view.suboffsets, count, copy.suboffsets_values);
}

}  // namespace bufspec::engine
