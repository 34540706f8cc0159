// Faults of memoryview: making one, reading it, slicing, casting, comparing, releasing, answering requests.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "faults.hpp"

namespace bufspec::native {

namespace {

bufspec_object* fail(bufspec_error error) {
  right().set_exception(error);
  return nullptr;
}

// The memoryview itself, once more.
bufspec_object* same(bufspec_object* memoryview) {
  static_cast<void>(right().exception());
  ++memoryview->references;
  return memoryview;
}

// A memoryview of a copy in that order, which is never given back.
bufspec_object* of_a_copy(bufspec_object* object, char order, bool is_writable) {
  bufspec_buffer view;
  if (bufspec_get_buffer(object, &view, BUFSPEC_FULL_RO) != 0) return nullptr;
  auto bytes = std::make_unique<char[]>(static_cast<std::size_t>(view.len) + 1);
  const int status = right().to_contiguous(bytes.get(), &view, view.len, order);
  std::vector<bufspec_ssize> shape(static_cast<std::size_t>(view.ndim) + 1);
  std::copy_n(view.shape, view.ndim, shape.begin());
  bufspec_buffer copied = view;
  copied.buf = bytes.get();
  copied.shape = shape.data();
  copied.strides = copied.suboffsets = nullptr;
  copied.readonly = is_writable ? 0 : 1;
  bufspec_object* const made = status == 0 ? right().memoryview_from_buffer(&copied) : nullptr;
  bufspec_release(&view);
  static_cast<void>(bytes.release());
  return made;
}

bool is_contiguous(bufspec_object* object, char order) {
  bufspec_buffer view;
  if (bufspec_get_buffer(object, &view, BUFSPEC_FULL_RO) != 0) return false;
  const bool found = right().is_contiguous(&view, order) != 0;
  bufspec_release(&view);
  return found;
}

int compare_bytes(bufspec_object* left, bufspec_object* right_hand) {
  const bufspec_buffer& one = shown(left);
  const bufspec_buffer& other = shown(right_hand);
  if (one.len != other.len || one.ndim != other.ndim || std::strcmp(one.format, other.format) != 0 ||
      !std::equal(one.shape, one.shape + one.ndim, other.shape))
    return 0;
  std::vector<char> first(static_cast<std::size_t>(one.len) + 1);
  std::vector<char> second(first.size());
  if (right().to_contiguous(first.data(), &one, one.len, 'C') != 0 ||
      right().to_contiguous(second.data(), &other, other.len, 'C') != 0)
    return 0;
  return first == second ? 1 : 0;
}

constexpr Fault faults[]{
    {"memory_always_writable",
     put<&Set::memoryview_from_memory>([](char* memory, bufspec_ssize size, int) -> bufspec_object* {
       return right().memoryview_from_memory(memory, size, BUFSPEC_WRITE);
     })},
    {"buffer_is_of_bytes", put<&Set::memoryview_from_buffer>([](const bufspec_buffer* view) -> bufspec_object* {
       bufspec_buffer changed = *view;
       changed.format = nullptr;
       return right().memoryview_from_buffer(&changed);
     })},
    {"buffer_needs_strides", put<&Set::memoryview_from_buffer>([](const bufspec_buffer* view) -> bufspec_object* {
       return view->strides == nullptr ? fail(BUFSPEC_VALUE_ERROR) : right().memoryview_from_buffer(view);
     })},
    {"buffer_is_owned", put<&Set::memoryview_get_base>([](bufspec_object* memoryview) -> bufspec_object* {
       bufspec_object* const base = right().memoryview_get_base(memoryview);
       return base != nullptr ? base : memoryview;
     })},
    {"contiguous_always_copies",
     put<&Set::memoryview_get_contiguous>([](bufspec_object* object, int mode, char order) -> bufspec_object* {
       if (!is_contiguous(object, order)) return right().memoryview_get_contiguous(object, mode, order);
       return of_a_copy(object, order, mode == BUFSPEC_WRITE);
     })},
    {"contiguous_never_copies",
     put<&Set::memoryview_get_contiguous>([](bufspec_object* object, int mode, char order) -> bufspec_object* {
       bufspec_object* const made = right().memoryview_get_contiguous(object, mode, order);
       if (made == nullptr || is_contiguous(object, order)) return made;
       right().drop(made);
       return right().memoryview_from_object(object);
     })},
    {"contiguous_copy_in_other_order",
     put<&Set::memoryview_get_contiguous>([](bufspec_object* object, int mode, char order) -> bufspec_object* {
       bufspec_object* const made = right().memoryview_get_contiguous(object, mode, order);
       if (made == nullptr || is_contiguous(object, order)) return made;
       right().drop(made);
       return of_a_copy(object, order == 'F' ? 'C' : 'F', false);
     })},
    {"contiguous_writes_into_copy",
     put<&Set::memoryview_get_contiguous>([](bufspec_object* object, int, char order) -> bufspec_object* {
       return right().memoryview_get_contiguous(object, BUFSPEC_READ, order);
     })},
    {"release_always_refused", put<&Set::memoryview_release>([](bufspec_object*) -> int {
       right().set_exception(BUFSPEC_BUFFER_ERROR);
       return -1;
     })},
    {"released_while_exported", put<&Set::memoryview_release>([](bufspec_object* memoryview) -> int {
       static_cast<void>(right().memoryview_release(memoryview));
       static_cast<void>(right().exception());
       return 0;
     })},
    {"item_of_any_format",
     put<&Set::memoryview_item>([](bufspec_object* memoryview, int count, const bufspec_ssize* index) -> const char* {
       const char* const place = right().memoryview_item(memoryview, count, index);
       const bufspec_error error = place == nullptr ? right().exception() : BUFSPEC_OK;
       if (error == BUFSPEC_NOT_IMPLEMENTED_ERROR && count == shown(memoryview).ndim)
         return static_cast<const char*>(right().get_pointer(&shown(memoryview), index));
       right().set_exception(error);
       return place;
     })},
    {"item_beyond_the_end",
     put<&Set::memoryview_item>([](bufspec_object* memoryview, int count, const bufspec_ssize* index) -> const char* {
       const char* const place = right().memoryview_item(memoryview, count, index);
       const bufspec_error error = place == nullptr ? right().exception() : BUFSPEC_OK;
       if (error == BUFSPEC_INDEX_ERROR) return static_cast<const char*>(shown(memoryview).buf);
       right().set_exception(error);
       return place;
     })},
    {"item_at_aligned_address",
     put<&Set::memoryview_item>([](bufspec_object* memoryview, int count, const bufspec_ssize* index) -> const char* {
       const char* const place = right().memoryview_item(memoryview, count, index);
       const auto size = static_cast<std::uintptr_t>(shown(memoryview).itemsize);
       return place == nullptr ? place : place - reinterpret_cast<std::uintptr_t>(place) % size;
     })},
    {"item_needs_a_dimension",
     put<&Set::memoryview_item>([](bufspec_object* memoryview, int count, const bufspec_ssize* index) -> const char* {
       if (count != 0) return right().memoryview_item(memoryview, count, index);
       right().set_exception(BUFSPEC_TYPE_ERROR);
       return nullptr;
     })},
    {"slice_ignores_step", put<&Set::memoryview_slice>([](bufspec_object* memoryview, bufspec_ssize start,
                                                          bufspec_ssize stop, bufspec_ssize step) -> bufspec_object* {
       return right().memoryview_slice(memoryview, start, stop, step > 0 ? 1 : step);
     })},
    {"slice_ignores_stop", put<&Set::memoryview_slice>([](bufspec_object* memoryview, bufspec_ssize start,
                                                          bufspec_ssize, bufspec_ssize step) -> bufspec_object* {
       return right().memoryview_slice(memoryview, start, BUFSPEC_NO_BOUND, step);
     })},
    {"slice_bounds_of_24_bits",
     put<&Set::memoryview_slice>([](bufspec_object* memoryview, bufspec_ssize start, bufspec_ssize stop,
                                    bufspec_ssize step) -> bufspec_object* {
       const auto cut = [](bufspec_ssize bound) { return bound >= 1 << 24 ? bound & 0xffffff : bound; };
       return right().memoryview_slice(memoryview, cut(start), stop, step);
     })},
    {"slice_of_pointers_from_the_start",
     put<&Set::memoryview_slice>([](bufspec_object* memoryview, bufspec_ssize start, bufspec_ssize stop,
                                    bufspec_ssize step) -> bufspec_object* {
       const bool is_indirect = shown(memoryview).suboffsets != nullptr;
       return right().memoryview_slice(memoryview, is_indirect ? BUFSPEC_NO_BOUND : start, stop, step);
     })},
    {"compares_bytes", put<&Set::memoryview_equal, compare_bytes>()},
    {"compares_lengths", put<&Set::memoryview_equal>([](bufspec_object* left, bufspec_object* other) -> int {
       return shown(left).len == shown(other).len ? 1 : 0;
     })},
    {"tobytes_always_c",
     put<&Set::memoryview_tobytes>([](bufspec_object* memoryview, char order, void* buf, bufspec_ssize len) -> int {
       const bool is_known = order == 'F' || order == 'A';
       return right().memoryview_tobytes(memoryview, is_known ? 'C' : order, buf, len);
     })},
    {"tobytes_linear",
     put<&Set::memoryview_tobytes>([](bufspec_object* memoryview, char order, void* buf, bufspec_ssize len) -> int {
       const bufspec_buffer& view = shown(memoryview);
       if (order != 'C' || right().is_contiguous(&view, 'F') == 0)
         return right().memoryview_tobytes(memoryview, order, buf, len);
       std::memcpy(buf, view.buf, static_cast<std::size_t>(len));
       return 0;
     })},
    {"cast_keeps_the_view", put<&Set::memoryview_cast>([](bufspec_object* memoryview, const char* format, int ndim,
                                                          const bufspec_ssize* shape) -> bufspec_object* {
       bufspec_object* const made = right().memoryview_cast(memoryview, format, ndim, shape);
       if (made == nullptr) return made;
       right().drop(made);
       return same(memoryview);
     })},
    {"cast_never_refuses", put<&Set::memoryview_cast>([](bufspec_object* memoryview, const char* format, int ndim,
                                                         const bufspec_ssize* shape) -> bufspec_object* {
       bufspec_object* const made = right().memoryview_cast(memoryview, format, ndim, shape);
       return made != nullptr ? made : same(memoryview);
     })},
    {"request_answered_in_full",
     put<&Set::get_buffer>([](bufspec_object* object, bufspec_buffer* view, int flags) -> int {
       return right().get_buffer(object, view, flags | BUFSPEC_FULL_RO);
     })},
    {"request_for_contiguity_ignored",
     put<&Set::get_buffer>([](bufspec_object* object, bufspec_buffer* view, int flags) -> int {
       constexpr int orders = 0x020 | 0x040 | 0x080;
       return right().get_buffer(object, view, flags & ~orders);
     })},
};

}  // namespace

std::span<const Fault> faults_of_memoryviews() noexcept { return faults; }

}  // namespace bufspec::native
