// Faults in plain values: what the header's names mean, what is contiguous, where an element lies.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "faults.hpp"

namespace bufspec::native {

namespace {

constexpr std::size_t most = 64;
using Strides = std::array<bufspec_ssize, most>;

bool is(const char* name, std::string_view other) { return name == other; }

// The strides that a view would have if its memory were contiguous.
Strides contiguous_strides(const bufspec_buffer& view, char order) {
  Strides strides{};
  right().fill_contiguous_strides(view.ndim, view.shape, strides.data(), static_cast<int>(view.itemsize), order);
  return strides;
}

bool has_strides_of(const bufspec_buffer& view, char order) {
  const Strides strides = contiguous_strides(view, order);
  for (std::size_t d = 0; d < static_cast<std::size_t>(view.ndim); ++d)
    if (view.strides[d] != strides[d]) return false;
  return true;
}

bool has_no_elements(const bufspec_buffer& view) { return view.len == 0; }

// What is_contiguous() says of the view with other strides, each made of the stride and of that of contiguous memory.
template <typename Made>
int with_strides(const bufspec_buffer* view, char order, Made made) {
  if (view->strides == nullptr || view->ndim == 0) return right().is_contiguous(view, order);
  const Strides owed = contiguous_strides(*view, order == 'F' ? 'F' : 'C');
  Strides strides{};
  for (std::size_t d = 0; d < static_cast<std::size_t>(view->ndim); ++d)
    strides[d] = made(d, view->strides[d], owed[d]);
  bufspec_buffer changed = *view;
  changed.strides = strides.data();
  return right().is_contiguous(&changed, order);
}

constexpr Fault faults[]{
    {"writeable_is_no_alias",
     [](bufspec_functions& set) {
       set.constant = [](const char* name) { return is(name, "WRITEABLE") ? 2 : right().constant(name); };
     }},
    {"full_lacks_format",
     [](bufspec_functions& set) {
       set.constant = [](const char* name) {
         return right().constant(name) & ~(is(name, "FULL") ? int{BUFSPEC_FORMAT} : 0);
       };
     }},
    {"records_lack_writable",
     [](bufspec_functions& set) {
       set.constant = [](const char* name) {
         return right().constant(name) & ~(is(name, "RECORDS") ? int{BUFSPEC_WRITABLE} : 0);
       };
     }},
    {"strided_lacks_writable",
     [](bufspec_functions& set) {
       set.constant = [](const char* name) {
         return right().constant(name) & ~(is(name, "STRIDED") ? int{BUFSPEC_WRITABLE} : 0);
       };
     }},
    {"contig_lacks_nd",
     [](bufspec_functions& set) {
       set.constant = [](const char* name) {
         return right().constant(name) & ~(is(name, "CONTIG") ? int{BUFSPEC_ND} : 0);
       };
     }},
    {"without_strides_not_contiguous",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return view->strides == nullptr ? 0 : right().is_contiguous(view, order);
       };
     }},
    {"without_strides_not_c",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         const char other = order == 'C' ? 'F' : order == 'F' ? 'C' : order;
         return right().is_contiguous(view, view->strides == nullptr ? other : order);
       };
     }},
    {"c_order_is_fortran",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return right().is_contiguous(view, order == 'C' ? 'F' : order);
       };
     }},
    {"stride_of_one_item_counts_in_fortran",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         const bool is_looked_at = order == 'F' && view->strides != nullptr && view->ndim > 0 &&
                                   view->suboffsets == nullptr && !has_no_elements(*view);
         return is_looked_at && !has_strides_of(*view, 'F') ? 0 : right().is_contiguous(view, order);
       };
     }},
    {"empty_not_fortran",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return order == 'F' && has_no_elements(*view) ? 0 : right().is_contiguous(view, order);
       };
     }},
    {"negative_suboffsets_contiguous",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         bool is_idle = view->suboffsets != nullptr;
         for (int d = 0; is_idle && d < view->ndim; ++d) is_idle = view->suboffsets[d] < 0;
         bufspec_buffer changed = *view;
         if (is_idle) changed.suboffsets = nullptr;
         return right().is_contiguous(&changed, order);
       };
     }},
    {"many_dimensions_contiguous",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return view->ndim > 3 ? 1 : right().is_contiguous(view, order);
       };
     }},
    {"any_order_is_c",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return right().is_contiguous(view, order == 'A' ? 'C' : order);
       };
     }},
    {"fortran_order_is_c",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return right().is_contiguous(view, order == 'F' ? 'C' : order);
       };
     }},
    {"no_dimension_not_contiguous",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return view->ndim == 0 ? 0 : right().is_contiguous(view, order);
       };
     }},
    {"backward_line_contiguous",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return with_strides(view, order, [](std::size_t, bufspec_ssize stride, bufspec_ssize) {
           return stride < 0 ? -stride : stride;
         });
       };
     }},
    {"stride_of_one_item_counts",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         if (view->strides == nullptr || view->ndim == 0 || view->suboffsets != nullptr || has_no_elements(*view))
           return right().is_contiguous(view, order);
         const bool c = has_strides_of(*view, 'C') && (order == 'C' || order == 'A');
         return c || (has_strides_of(*view, 'F') && (order == 'F' || order == 'A')) ? 1 : 0;
       };
     }},
    {"one_stride_is_enough",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         const std::size_t fastest = order == 'F' || view->ndim == 0 ? 0 : static_cast<std::size_t>(view->ndim - 1);
         return with_strides(view, order, [fastest](std::size_t d, bufspec_ssize stride, bufspec_ssize owed) {
           return d == fastest ? stride : owed;
         });
       };
     }},
    {"stride_zero_contiguous",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return with_strides(view, order, [](std::size_t, bufspec_ssize stride, bufspec_ssize owed) {
           return stride == 0 ? owed : stride;
         });
       };
     }},
    {"empty_not_contiguous",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return has_no_elements(*view) ? 0 : right().is_contiguous(view, order);
       };
     }},
    {"suboffsets_contiguous",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         bufspec_buffer changed = *view;
         changed.suboffsets = nullptr;
         return right().is_contiguous(&changed, order);
       };
     }},
    {"unknown_order_is_c",
     [](bufspec_functions& set) {
       set.is_contiguous = [](const bufspec_buffer* view, char order) {
         return right().is_contiguous(view, order == 'F' || order == 'A' ? order : 'C');
       };
     }},
    {"always_contiguous",
     [](bufspec_functions& set) { set.is_contiguous = [](const bufspec_buffer*, char) { return 1; }; }},
    {"strides_always_c",
     [](bufspec_functions& set) {
       set.fill_contiguous_strides = [](int ndim, bufspec_ssize* shape, bufspec_ssize* strides, int itemsize, char) {
         right().fill_contiguous_strides(ndim, shape, strides, itemsize, 'C');
       };
     }},
    {"strides_always_fortran",
     [](bufspec_functions& set) {
       set.fill_contiguous_strides = [](int ndim, bufspec_ssize* shape, bufspec_ssize* strides, int itemsize, char) {
         right().fill_contiguous_strides(ndim, shape, strides, itemsize, 'F');
       };
     }},
    {"strides_of_empty_as_of_ones",
     [](bufspec_functions& set) {
       set.fill_contiguous_strides = [](int ndim, bufspec_ssize* shape, bufspec_ssize* strides, int itemsize,
                                        char order) {
         Strides extents{};
         for (std::size_t d = 0; d < static_cast<std::size_t>(ndim); ++d) extents[d] = shape[d] == 0 ? 1 : shape[d];
         right().fill_contiguous_strides(ndim, extents.data(), strides, itemsize, order);
       };
     }},
    {"strides_of_one_dimension_more",
     [](bufspec_functions& set) {
       set.fill_contiguous_strides = [](int ndim, bufspec_ssize* shape, bufspec_ssize* strides, int itemsize,
                                        char order) {
         right().fill_contiguous_strides(ndim, shape, strides, itemsize, order);
         strides[ndim] = itemsize;
       };
     }},
    {"strides_of_32_bits",
     [](bufspec_functions& set) {
       set.fill_contiguous_strides = [](int ndim, bufspec_ssize* shape, bufspec_ssize* strides, int itemsize,
                                        char order) {
         right().fill_contiguous_strides(ndim, shape, strides, itemsize, order);
         for (int d = 0; d < ndim; ++d) strides[d] = static_cast<std::int32_t>(strides[d]);
       };
     }},
    {"pointer_ignores_strides",
     [](bufspec_functions& set) {
       set.get_pointer = [](const bufspec_buffer* view, const bufspec_ssize* indices) {
         if (view->ndim == 0 || view->suboffsets != nullptr) return right().get_pointer(view, indices);
         Strides strides = contiguous_strides(*view, 'C');
         bufspec_buffer changed = *view;
         changed.strides = strides.data();
         return right().get_pointer(&changed, indices);
       };
     }},
    {"pointer_ignores_last_index",
     [](bufspec_functions& set) {
       set.get_pointer = [](const bufspec_buffer* view, const bufspec_ssize* indices) {
         Strides index{};
         for (int d = 0; d + 1 < view->ndim; ++d) index[static_cast<std::size_t>(d)] = indices[d];
         return right().get_pointer(view, index.data());
       };
     }},
    {"pointer_not_followed",
     [](bufspec_functions& set) {
       set.get_pointer = [](const bufspec_buffer* view, const bufspec_ssize* indices) {
         bufspec_buffer changed = *view;
         changed.suboffsets = nullptr;
         return right().get_pointer(&changed, indices);
       };
     }},
    {"pointer_adds_negative_suboffset",
     [](bufspec_functions& set) {
       set.get_pointer = [](const bufspec_buffer* view, const bufspec_ssize* indices) {
         auto* at = static_cast<char*>(right().get_pointer(view, indices));
         for (int d = 0; view->suboffsets != nullptr && d < view->ndim; ++d)
           if (view->suboffsets[d] < 0) at += view->suboffsets[d];
         return static_cast<void*>(at);
       };
     }},
};

}  // namespace

std::span<const Fault> faults_of_values() noexcept { return faults; }

}  // namespace bufspec::native
