// The reference's memoryview as far as elements go: lists, hashes, sizes, and what is written through it.
#include <cstdint>
#include <cstring>

#include "bufspec/format.hpp"
#include "foreign.hpp"
#include "memoryviews.hpp"

namespace bufspec::native {

namespace {

int fail(Error error) {
  last_error() = error;
  return -1;
}

// Whether items can be had of it at all.
Error usable(const MemoryView& view) {
  if (view.is_released()) return Error::value_error;
  return is_native_single(view.format()) ? Error::none : Error::not_implemented_error;
}

Error writable(const MemoryView& view) {
  if (const Error error = usable(view); error != Error::none) return error;
  return view.readonly() ? Error::type_error : Error::none;
}

bufspec_ssize nbytes(bufspec_object* memoryview) {
  const MemoryView& view = memoryview_in(memoryview);
  return view.is_released() ? fail(Error::value_error) : view.buffer().len;
}

bufspec_ssize length(bufspec_object* memoryview) {
  const MemoryView& view = memoryview_in(memoryview);
  if (view.is_released()) return fail(Error::value_error);
  const Result<ssize> found = view.length();
  return found.ok() ? found.value : fail(found.error);
}

int contiguous(bufspec_object* memoryview, char order) {
  const MemoryView& view = memoryview_in(memoryview);
  if (view.is_released()) return fail(Error::value_error);
  return view.is_contiguous(order) ? 1 : 0;
}

bufspec_ssize hash_of_bytes(const void* bytes, bufspec_ssize len) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (bufspec_ssize i = 0; i < len; ++i) hash = (hash ^ static_cast<const unsigned char*>(bytes)[i]) * 0x100000001b3;
  return static_cast<bufspec_ssize>(hash >> 1);
}

int hash(bufspec_object* memoryview, bufspec_ssize* found) {
  const MemoryView& view = memoryview_in(memoryview);
  if (const Status status = view.hashable(); !status.ok()) return fail(status.error);
  const auto bytes = view.tobytes();
  if (!bytes.ok()) return fail(bytes.error);
  *found = hash_of_bytes(bytes.value.data(), static_cast<bufspec_ssize>(bytes.value.size()));
  return 0;
}

// Of dimension `dimension` of the elements at `next`, which is moved on.
void add(bufspec_list& list, const MemoryView& view, const char*& next, std::size_t dimension) {
  if (dimension == view.shape().size()) {
    list.item(&list, next);
    next += view.buffer().itemsize;
    return;
  }
  list.begin(&list);
  for (ssize i = 0; i < view.shape()[dimension]; ++i) add(list, view, next, dimension + 1);
  list.end(&list);
}

int tolist(bufspec_object* memoryview, bufspec_list* list) {
  const MemoryView& view = memoryview_in(memoryview);
  if (const Error error = usable(view); error != Error::none) return fail(error);
  const auto bytes = view.tobytes();
  if (!bytes.ok()) return fail(bytes.error);
  const char* next = bytes.value.data();
  add(*list, view, next, 0);
  return 0;
}

int assign_item(bufspec_object* memoryview, int count, const bufspec_ssize* index, const bufspec_value* value) {
  const MemoryView& view = memoryview_in(memoryview);
  if (const Error error = writable(view); error != Error::none) return fail(error);
  if (value == nullptr) return fail(Error::type_error);
  const auto place = view.item({index, static_cast<std::size_t>(count)});
  if (!place.ok()) return fail(place.error);
  if (value->kind != BUFSPEC_VALUE_OF_ITEM)
    return fail(value->kind == BUFSPEC_VALUE_OF_TEXT ? Error::type_error : Error::value_error);
  // The view says that the memory may be written.
  std::memcpy(const_cast<char*>(place.value), value->bytes, static_cast<std::size_t>(view.buffer().itemsize));
  return 0;
}

std::string_view without_mark(std::string_view format) {
  if (format.starts_with('@')) format.remove_prefix(1);
  return format;
}

int assign_slice(bufspec_object* memoryview, bufspec_ssize start, bufspec_ssize stop, bufspec_ssize step,
                 bufspec_object* source) {
  const MemoryView& view = memoryview_in(memoryview);
  const MemoryView& from = memoryview_in(source);
  if (const Error error = writable(view); error != Error::none) return fail(error);
  if (view.ndim() != 1) return fail(view.ndim() == 0 ? Error::type_error : Error::not_implemented_error);
  if (from.is_released()) return fail(Error::value_error);
  Slice bounds;
  if (start != BUFSPEC_NO_BOUND) bounds.start = start;
  if (stop != BUFSPEC_NO_BOUND) bounds.stop = stop;
  bounds.step = step;
  const auto part = view.slice(bounds);
  if (!part.ok()) return fail(part.error);
  const bool fits = from.ndim() == 1 && from.shape()[0] == part.value->shape()[0] &&
                    from.buffer().itemsize == view.buffer().itemsize &&
                    without_mark(from.format()) == without_mark(view.format());
  if (!fits) return fail(Error::value_error);
  const auto bytes = from.tobytes();  // a copy: both may be of one memory
  if (!bytes.ok()) return fail(bytes.error);
  const Status status = from_contiguous(part.value->buffer(), bytes.value, 'C');
  return status.ok() ? 0 : fail(status.error);
}

}  // namespace

void add_values(bufspec_functions& functions) {
  functions.memoryview_nbytes = nbytes;
  functions.memoryview_length = length;
  functions.memoryview_contiguous = contiguous;
  functions.memoryview_hash = hash;
  functions.hash_of_bytes = hash_of_bytes;
  functions.memoryview_tolist = tolist;
  functions.memoryview_assign_item = assign_item;
  functions.memoryview_assign_slice = assign_slice;
}

}  // namespace bufspec::native
