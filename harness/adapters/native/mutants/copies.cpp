// Faults in what moves bytes and fills structs: copies, fill-info, requests and releases.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "faults.hpp"

namespace bufspec::native {

namespace {

int fail(bufspec_error error) {
  right().set_exception(error);
  return -1;
}

bool is_strided(const bufspec_buffer& view) { return view.strides != nullptr && view.suboffsets == nullptr; }

char fortran_to_c(char order) { return order == 'F' ? 'C' : order; }
char c_to_fortran(char order) { return order == 'C' ? 'F' : order; }

// Copies by the elements, never as they lie.
int copy_by_elements(bufspec_object* destination, bufspec_object* source) {
  bufspec_buffer from;
  bufspec_buffer to;
  if (bufspec_get_buffer(source, &from, BUFSPEC_FULL_RO) != 0) return -1;
  if (bufspec_get_buffer(destination, &to, BUFSPEC_FULL) != 0) {
    bufspec_release(&from);
    return -1;
  }
  std::vector<char> bytes(static_cast<std::size_t>(from.len));
  const int status = to.len < from.len ? fail(BUFSPEC_BUFFER_ERROR)
                                       : right().to_contiguous(bytes.data(), &from, from.len, 'C') |
                                             right().from_contiguous(&to, bytes.data(), from.len, 'C');
  bufspec_release(&from);
  bufspec_release(&to);
  return status;
}

// Copies len bytes from buf to buf.
int copy_linear(bufspec_object* destination, bufspec_object* source) {
  bufspec_buffer from;
  bufspec_buffer to;
  if (bufspec_get_buffer(source, &from, BUFSPEC_FULL_RO) != 0) return -1;
  if (bufspec_get_buffer(destination, &to, BUFSPEC_FULL) != 0) {
    bufspec_release(&from);
    return -1;
  }
  const bool is_plain = right().is_contiguous(&from, 'A') != 0 && right().is_contiguous(&to, 'A') != 0;
  const bool fits = is_plain && to.len >= from.len;
  if (fits) std::memcpy(to.buf, from.buf, static_cast<std::size_t>(from.len));
  bufspec_release(&from);
  bufspec_release(&to);
  return fits ? 0 : right().copy_data(destination, source);
}

#define TO(id, ...)                                                                                        \
  {id, [](bufspec_functions& set) {                                                                        \
     set.to_contiguous = [](void* buf, const bufspec_buffer* view, bufspec_ssize len, char order) -> int { \
       __VA_ARGS__                                                                                         \
     };                                                                                                    \
   }}
#define FROM(id, ...)                                                                                              \
  {id, [](bufspec_functions& set) {                                                                                \
     set.from_contiguous = [](const bufspec_buffer* view, const void* buf, bufspec_ssize len, char order) -> int { \
       __VA_ARGS__                                                                                                 \
     };                                                                                                            \
   }}
#define FILL(id, ...)                                                                                 \
  {id, [](bufspec_functions& set) {                                                                   \
     set.fill_info = [](bufspec_buffer* view, bufspec_object* exporter, void* buf, bufspec_ssize len, \
                        [[maybe_unused]] int readonly, int flags) -> int { __VA_ARGS__ };             \
   }}

constexpr Fault faults[] {
  TO("to_fortran_is_c", return right().to_contiguous(buf, view, len, fortran_to_c(order));),
    TO("to_c_is_fortran", return right().to_contiguous(buf, view, len, c_to_fortran(order));),
    TO("to_any_is_fortran", return right().to_contiguous(buf, view, len, order == 'A' ? 'F' : order);),
    TO("to_any_is_c", return right().to_contiguous(buf, view, len, order == 'A' ? 'C' : order);),
    TO("to_length_unchecked", if (len == view->len) return right().to_contiguous(buf, view, len, order);
       std::vector<char> all(static_cast<std::size_t>(view->len));
       const int status = right().to_contiguous(all.data(), view, view->len, order);
       std::memcpy(buf, all.data(), static_cast<std::size_t>(std::min(len, view->len)));
       return status;),
    TO("to_linear", if (view->suboffsets != nullptr || len != view->len || view->ndim == 0)
           return right().to_contiguous(buf, view, len, order);
       bufspec_buffer changed = *view; changed.strides = nullptr;
       if (is_strided(*view)) for (int d = 0; d < view->ndim; ++d)
           if (view->strides[d] < 0) changed.buf = static_cast<char*>(changed.buf) +
                                                   view->strides[d] * std::max<bufspec_ssize>(view->shape[d] - 1, 0);
       return right().to_contiguous(buf, &changed, len, order == 'A' ? 'C' : order);),
    TO("to_pointers_copied", bufspec_buffer changed = *view;
       if (view->itemsize <= 8) changed.suboffsets = nullptr;
       return right().to_contiguous(buf, &changed, len, order);),
    TO("to_nothing_of_no_dimension", return view->ndim == 0 ? 0 : right().to_contiguous(buf, view, len, order);),
    TO("to_empty_refused", return view->len == 0 ? fail(BUFSPEC_VALUE_ERROR)
                                                 : right().to_contiguous(buf, view, len, order);),
    TO("to_without_strides_refused", return view->strides == nullptr && view->ndim > 0
                                                ? fail(BUFSPEC_VALUE_ERROR)
                                                : right().to_contiguous(buf, view, len, order);),
    FROM("from_fortran_is_c", return right().from_contiguous(view, buf, len, fortran_to_c(order));),
    FROM("from_any_is_fortran", return right().from_contiguous(view, buf, len, order == 'A' ? 'F' : order);),
    FROM("from_short_refused", return len < view->len ? fail(BUFSPEC_VALUE_ERROR)
                                                      : right().from_contiguous(view, buf, len, order);),
    FROM("from_last_left_out", return right().from_contiguous(view, buf, std::max<bufspec_ssize>(len - view->itemsize, 0), order);),
    {"copy_keeps_order_of_memory", [](bufspec_functions& set) { set.copy_data = copy_linear; }},
    {"copy_by_elements_alone", [](bufspec_functions& set) { set.copy_data = copy_by_elements; }},
    {"copy_errors_lost",
     [](bufspec_functions& set) {
       set.copy_data = [](bufspec_object* destination, bufspec_object* source) {
         static_cast<void>(right().copy_data(destination, source));
         static_cast<void>(right().exception());
         return 0;
       };
     }},
    FILL("fill_never_shape", const int status = right().fill_info(view, exporter, buf, len, readonly, flags);
         if (status == 0) view->shape = nullptr;
         return status;),
    FILL("fill_always_strides", const int status = right().fill_info(view, exporter, buf, len, readonly, flags);
         if (status == 0) view->strides = &view->itemsize;
         return status;),
    FILL("fill_always_format", const int status = right().fill_info(view, exporter, buf, len, readonly, flags);
         static char format[] = "B"; if (status == 0) view->format = format;
         return status;),
    FILL("fill_signed_bytes", const int status = right().fill_info(view, exporter, buf, len, readonly, flags);
         static char format[] = "b"; if (status == 0 && view->format != nullptr) view->format = format;
         return status;),
    FILL("fill_writes_readonly", return right().fill_info(view, exporter, buf, len, 0, flags);),
    FILL("fill_refuses_readonly", return readonly != 0 ? fail(BUFSPEC_BUFFER_ERROR)
                                                       : right().fill_info(view, exporter, buf, len, readonly, flags);),
    FILL("fill_refuses_fortran", return (flags & BUFSPEC_F_CONTIGUOUS) == BUFSPEC_F_CONTIGUOUS
                                            ? fail(BUFSPEC_BUFFER_ERROR)
                                            : right().fill_info(view, exporter, buf, len, readonly, flags);),
    FILL("fill_takes_no_reference", const int status = right().fill_info(view, exporter, buf, len, readonly, flags);
         if (status == 0 && exporter != nullptr) --exporter->references;
         return status;),
    FILL("fill_leaves_obj_out", const int status = right().fill_info(view, exporter, buf, len, readonly, flags);
         if (status == 0 && exporter != nullptr) {
           --exporter->references;
           view->obj = nullptr;
         }
         return status;),
    FILL("fill_takes_reference_on_refusal", const int status = right().fill_info(view, exporter, buf, len, readonly, flags);
         if (status != 0 && exporter != nullptr) ++exporter->references;
         return status;),
    FILL("fill_needs_an_exporter", return exporter == nullptr ? fail(BUFSPEC_BUFFER_ERROR)
                                                              : right().fill_info(view, exporter, buf, len, readonly, flags);),
    FILL("fill_without_view_succeeds", return view == nullptr ? 0
                                                              : right().fill_info(view, exporter, buf, len, readonly, flags);),
    {"check_takes_all_for_exporters",
     [](bufspec_functions& set) { set.check_buffer = [](bufspec_object*) { return 1; }; }},
    {"get_buffer_reserved_granted",
     [](bufspec_functions& set) {
       set.get_buffer = [](bufspec_object* object, bufspec_buffer* view, int flags) {
         return flags == BUFSPEC_READ || flags == BUFSPEC_WRITE ? bufspec_get_buffer(object, view, flags)
                                                                : right().get_buffer(object, view, flags);
       };
     }},
    {"get_buffer_takes_no_reference",
     [](bufspec_functions& set) {
       set.get_buffer = [](bufspec_object* object, bufspec_buffer* view, int flags) {
         const int status = right().get_buffer(object, view, flags);
         if (status == 0) --object->references;
         return status;
       };
     }},
    {"get_buffer_names_no_object",
     [](bufspec_functions& set) {
       set.get_buffer = [](bufspec_object* object, bufspec_buffer* view, int flags) {
         const int status = right().get_buffer(object, view, flags);
         if (status == 0) {
           bufspec_release(view);
           view->obj = nullptr;
         }
         return status;
       };
     }},
    {"no_exporter_is_buffer_error",
     [](bufspec_functions& set) {
       set.get_buffer = [](bufspec_object* object, bufspec_buffer* view, int flags) {
         return object->type->get_buffer == nullptr ? fail(BUFSPEC_BUFFER_ERROR)
                                                    : right().get_buffer(object, view, flags);
       };
     }},
    {"release_calls_no_slot",
     [](bufspec_functions& set) {
       set.release = [](bufspec_buffer* view) {
         if (view->obj != nullptr) --static_cast<bufspec_object*>(view->obj)->references;
         view->obj = nullptr;
       };
     }},
    {"release_keeps_obj_without_shape",
     [](bufspec_functions& set) {
       set.release = [](bufspec_buffer* view) {
         void* const object = view->shape == nullptr ? view->obj : nullptr;
         right().release(view);
         view->obj = object;
       };
     }},
    {"release_keeps_obj",
     [](bufspec_functions& set) {
       set.release = [](bufspec_buffer* view) {
         void* const object = view->obj;
         right().release(view);
         view->obj = object;
       };
     }},
};

#undef TO
#undef FROM
#undef FILL

}  // namespace

std::span<const Fault> faults_of_copies() noexcept { return faults; }

}  // namespace bufspec::native
