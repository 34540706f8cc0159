// Faults of memoryview as far as elements go: making one, lists, hashes, sizes, and what is written through it.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "faults.hpp"

namespace bufspec::native {

namespace {

int fail(bufspec_error error) {
  right().set_exception(error);
  return -1;
}

// One more request, which is never given back.
bufspec_object* with_two_requests(bufspec_object* object) {
  bufspec_object* const made = right().memoryview_from_object(object);
  static auto& kept = *new std::vector<std::unique_ptr<bufspec_buffer>>;
  auto second = std::make_unique<bufspec_buffer>();
  if (made != nullptr && bufspec_get_buffer(object, second.get(), BUFSPEC_FULL_RO) == 0)
    kept.push_back(std::move(second));
  return made;
}

bufspec_object* always_readonly(bufspec_object* object) {
  bufspec_object* const made = right().memoryview_from_object(object);
  if (made == nullptr) return made;
  bufspec_object* const view = right().memoryview_toreadonly(made);
  right().drop(made);
  return view;
}

std::string bytes_of(bufspec_object* memoryview) {
  const bufspec_buffer& view = shown(memoryview);
  std::string bytes(static_cast<std::size_t>(view.len), '\0');
  static_cast<void>(right().to_contiguous(bytes.data(), &view, view.len, 'C'));
  return bytes;
}

int hash_in(bufspec_object* memoryview, bufspec_ssize* hash) {
  const std::string bytes = bytes_of(memoryview);
  *hash = right().hash_of_bytes(bytes.data(), static_cast<bufspec_ssize>(bytes.size()));
  return 0;
}

// As the right one, but where it fails and `counts`, the hash of the bytes.
template <bool (*Counts)(const bufspec_buffer&)>
int hash_where(bufspec_object* memoryview, bufspec_ssize* hash) {
  if (right().memoryview_hash(memoryview, hash) == 0) return 0;
  const bufspec_error error = right().exception();
  return Counts(shown(memoryview)) ? hash_in(memoryview, hash) : fail(error);
}

bool is_writable(const bufspec_buffer& view) { return view.readonly == 0 && view.itemsize == 1; }
bool has_wide_items(const bufspec_buffer& view) { return view.readonly != 0 && view.itemsize > 1; }

// The distance from the first byte to behind the last one.
bufspec_ssize span_of(bufspec_object* memoryview) {
  const bufspec_buffer& view = shown(memoryview);
  bufspec_ssize span = view.itemsize;
  for (int d = 0; d < view.ndim; ++d) span += std::max<bufspec_ssize>(view.shape[d] - 1, 0) * view.strides[d];
  return view.len == 0 ? 0 : span;
}

bufspec_ssize count_of(bufspec_object* memoryview) {
  const bufspec_buffer& view = shown(memoryview);
  return view.len / std::max<bufspec_ssize>(view.itemsize, 1);
}

// All elements in one list.
int list_flat(bufspec_object* memoryview, bufspec_list* list) {
  const bufspec_buffer& view = shown(memoryview);
  if (view.ndim < 2) return right().memoryview_tolist(memoryview, list);
  const std::string bytes = bytes_of(memoryview);
  list->begin(list);
  for (bufspec_ssize at = 0; at < view.len; at += view.itemsize) list->item(list, bytes.data() + at);
  list->end(list);
  return 0;
}

// The lists of the last dimension are those of the elements as they lie.
void add_as_they_lie(bufspec_list* list, const bufspec_buffer& view, const char*& next, int dimension) {
  if (dimension == view.ndim) {
    list->item(list, next);
    next += view.itemsize;
    return;
  }
  list->begin(list);
  for (bufspec_ssize i = 0; i < view.shape[dimension]; ++i) add_as_they_lie(list, view, next, dimension + 1);
  list->end(list);
}

int list_as_it_lies(bufspec_object* memoryview, bufspec_list* list) {
  const bufspec_buffer& view = shown(memoryview);
  if (right().is_contiguous(&view, 'F') == 0 || view.ndim < 2) return right().memoryview_tolist(memoryview, list);
  const char* next = static_cast<const char*>(view.buf);
  add_as_they_lie(list, view, next, 0);
  return 0;
}

int list_of_any_format(bufspec_object* memoryview, bufspec_list* list) {
  if (right().memoryview_tolist(memoryview, list) == 0) return 0;
  static_cast<void>(right().exception());
  const std::string bytes = bytes_of(memoryview);
  const char* next = bytes.data();
  add_as_they_lie(list, shown(memoryview), next, 0);
  return 0;
}

// What a value that is none of an item is taken for.
template <int Kind>
int value_taken_for_zero(bufspec_object* memoryview, int count, const bufspec_ssize* index,
                         const bufspec_value* value) {
  if (value == nullptr || value->kind != Kind) return right().memoryview_assign_item(memoryview, count, index, value);
  const std::string zero(static_cast<std::size_t>(shown(memoryview).itemsize), '\0');
  const bufspec_value taken{BUFSPEC_VALUE_OF_ITEM, zero.data()};
  return right().memoryview_assign_item(memoryview, count, index, &taken);
}

int delete_nothing(bufspec_object* memoryview, int count, const bufspec_ssize* index, const bufspec_value* value) {
  return value == nullptr ? 0 : right().memoryview_assign_item(memoryview, count, index, value);
}

// Writes although the memory is read-only, by a view that says that it is not.
int write_readonly(bufspec_object* memoryview, int count, const bufspec_ssize* index, const bufspec_value* value) {
  auto& view = const_cast<bufspec_buffer&>(shown(memoryview));
  const int was = std::exchange(view.readonly, 0);
  const int status = right().memoryview_assign_item(memoryview, count, index, value);
  view.readonly = was;
  return status;
}

int write_one_byte(bufspec_object* memoryview, int count, const bufspec_ssize* index, const bufspec_value* value) {
  const bufspec_buffer& view = shown(memoryview);
  if (value == nullptr || value->kind != BUFSPEC_VALUE_OF_ITEM || view.readonly != 0)
    return right().memoryview_assign_item(memoryview, count, index, value);
  const char* const place = right().memoryview_item(memoryview, count, index);
  if (place == nullptr) return -1;
  *const_cast<char*>(place + view.itemsize - 1) = static_cast<const char*>(value->bytes)[view.itemsize - 1];
  return 0;
}

// How a slice is assigned: the target, and its source, once both fit.
using Copy = void (*)(const bufspec_buffer& to, const bufspec_buffer& from);

char* item_of(const bufspec_buffer& view, bufspec_ssize i) {
  return static_cast<char*>(view.buf) + i * view.strides[0];
}

// Item by item, from the first on: an overlapping source changes meanwhile.
void copy_forwards(const bufspec_buffer& to, const bufspec_buffer& from) {
  for (bufspec_ssize i = 0; i < to.shape[0]; ++i)
    std::memmove(item_of(to, i), item_of(from, i), static_cast<std::size_t>(to.itemsize));
}

// As if both had the strides of C order.
void copy_linear(const bufspec_buffer& to, const bufspec_buffer& from) {
  if (to.strides[0] > 0) std::memmove(to.buf, from.buf, static_cast<std::size_t>(to.len));
}

// Copies where both fit; what is refused, and why, is as the right one says.
template <Copy Copied>
int assign_by(bufspec_object* memoryview, bufspec_ssize start, bufspec_ssize stop, bufspec_ssize step,
              bufspec_object* source) {
  const bufspec_buffer& from = shown(source);
  const bufspec_buffer& whole = shown(memoryview);
  bufspec_object* const part =
      whole.ndim == 1 && whole.readonly == 0 ? right().memoryview_slice(memoryview, start, stop, step) : nullptr;
  const bool fits = part != nullptr && from.ndim == 1 && from.itemsize == whole.itemsize &&
                    from.shape[0] == shown(part).shape[0] && std::strcmp(from.format, whole.format) == 0;
  if (fits) Copied(shown(part), from);
  if (part != nullptr) right().drop(part);
  return fits ? 0 : right().memoryview_assign_slice(memoryview, start, stop, step, source);
}

// Of another format where the items have one size.
int assign_any_format(bufspec_object* memoryview, bufspec_ssize start, bufspec_ssize stop, bufspec_ssize step,
                      bufspec_object* source) {
  const bufspec_buffer& from = shown(source);
  if (from.itemsize != shown(memoryview).itemsize || from.ndim != 1 || shown(memoryview).ndim != 1)
    return right().memoryview_assign_slice(memoryview, start, stop, step, source);
  bufspec_object* const cast = right().memoryview_cast(source, shown(memoryview).format, 0, nullptr);
  bufspec_object* const bytes = cast != nullptr ? cast : right().memoryview_cast(source, "B", 0, nullptr);
  static_cast<void>(right().exception());
  const int status = right().memoryview_assign_slice(memoryview, start, stop, step, bytes != nullptr ? bytes : source);
  if (bytes != nullptr) right().drop(bytes);
  return status;
}

// The slice ends where the source does.
int assign_shorter(bufspec_object* memoryview, bufspec_ssize start, bufspec_ssize stop, bufspec_ssize step,
                   bufspec_object* source) {
  if (right().memoryview_assign_slice(memoryview, start, stop, step, source) == 0) return 0;
  const bufspec_error error = right().exception();
  const bufspec_buffer& from = shown(source);
  const bufspec_buffer& whole = shown(memoryview);
  const bool is_shorter = whole.ndim == 1 && from.ndim == 1 && whole.readonly == 0 && from.shape[0] < whole.shape[0] &&
                          start == BUFSPEC_NO_BOUND && stop == BUFSPEC_NO_BOUND && step == 1;
  return is_shorter ? right().memoryview_assign_slice(memoryview, start, from.shape[0], step, source) : fail(error);
}

bufspec_object* same_view(bufspec_object* memoryview) {
  ++memoryview->references;
  return memoryview;
}

bufspec_object* readonly_with_the_original(bufspec_object* memoryview) {
  const_cast<bufspec_buffer&>(shown(memoryview)).readonly = 1;
  return right().memoryview_toreadonly(memoryview);
}

// A copy, which is never given back.
bufspec_object* readonly_copy(bufspec_object* memoryview) {
  const bufspec_buffer& view = shown(memoryview);
  auto* const bytes = new std::string(bytes_of(memoryview));
  std::vector<bufspec_ssize> shape(view.shape, view.shape + view.ndim);
  shape.push_back(0);
  bufspec_buffer copied = view;
  copied.buf = bytes->data();
  copied.shape = shape.data();
  copied.strides = copied.suboffsets = nullptr;
  copied.readonly = 1;
  return right().memoryview_from_buffer(&copied);
}

constexpr Fault faults[]{
    {"view_makes_two_requests", put<&Set::memoryview_from_object, with_two_requests>()},
    {"view_always_readonly", put<&Set::memoryview_from_object, always_readonly>()},
    {"every_exporter_is_a_view", put<&Set::memoryview_check>([](bufspec_object* object) -> int {
       return object->type->get_buffer != nullptr ? 1 : 0;
     })},
    {"any_attribute_is_c", put<&Set::memoryview_contiguous>([](bufspec_object* memoryview, char order) -> int {
       return right().memoryview_contiguous(memoryview, order == 'A' ? 'C' : order);
     })},
    {"attributes_ignore_suboffsets",
     put<&Set::memoryview_contiguous>([](bufspec_object* memoryview, char order) -> int {
       bufspec_buffer view = shown(memoryview);
       if (view.suboffsets == nullptr) return right().memoryview_contiguous(memoryview, order);
       view.suboffsets = view.strides = nullptr;
       return right().is_contiguous(&view, order);
     })},
    {"hash_of_address", put<&Set::memoryview_hash>([](bufspec_object* memoryview, bufspec_ssize* hash) -> int {
       const int status = right().memoryview_hash(memoryview, hash);
       *hash = reinterpret_cast<bufspec_ssize>(shown(memoryview).buf);
       return status;
     })},
    {"hash_as_it_lies", put<&Set::memoryview_hash>([](bufspec_object* memoryview, bufspec_ssize* hash) -> int {
       const bufspec_buffer& view = shown(memoryview);
       const int status = right().memoryview_hash(memoryview, hash);
       if (status == 0 && view.ndim == 1 && view.strides[0] == -1)
         *hash = right().hash_of_bytes(item_of(view, view.shape[0] - 1), view.len);
       return status;
     })},
    {"hash_of_writable", put<&Set::memoryview_hash, hash_where<is_writable>>()},
    {"hash_of_wide_items", put<&Set::memoryview_hash, hash_where<has_wide_items>>()},
    {"nbytes_is_the_span", put<&Set::memoryview_nbytes, span_of>()},
    {"nbytes_is_the_count", put<&Set::memoryview_nbytes, count_of>()},
    {"length_is_the_count", put<&Set::memoryview_length>([](bufspec_object* memoryview) -> bufspec_ssize {
       const bufspec_ssize length = right().memoryview_length(memoryview);
       return length < 0 ? length : count_of(memoryview);
     })},
    {"list_flat", put<&Set::memoryview_tolist, list_flat>()},
    {"list_as_it_lies", put<&Set::memoryview_tolist, list_as_it_lies>()},
    {"list_of_any_format", put<&Set::memoryview_tolist, list_of_any_format>()},
    {"toreadonly_gives_the_view", put<&Set::memoryview_toreadonly, same_view>()},
    {"toreadonly_changes_the_original", put<&Set::memoryview_toreadonly, readonly_with_the_original>()},
    {"toreadonly_copies", put<&Set::memoryview_toreadonly, readonly_copy>()},
    {"slice_assigned_forwards", put<&Set::memoryview_assign_slice, assign_by<copy_forwards>>()},
    {"slice_assigned_linear", put<&Set::memoryview_assign_slice, assign_by<copy_linear>>()},
    {"slice_of_any_format", put<&Set::memoryview_assign_slice, assign_any_format>()},
    {"slice_of_fewer_items", put<&Set::memoryview_assign_slice, assign_shorter>()},
    {"readonly_written", put<&Set::memoryview_assign_item, write_readonly>()},
    {"delete_does_nothing", put<&Set::memoryview_assign_item, delete_nothing>()},
    {"text_is_zero", put<&Set::memoryview_assign_item, value_taken_for_zero<BUFSPEC_VALUE_OF_TEXT>>()},
    {"too_large_is_zero", put<&Set::memoryview_assign_item, value_taken_for_zero<BUFSPEC_VALUE_TOO_LARGE>>()},
    {"one_byte_written", put<&Set::memoryview_assign_item, write_one_byte>()},
};

}  // namespace

std::span<const Fault> faults_of_elements() noexcept { return faults; }

}  // namespace bufspec::native
