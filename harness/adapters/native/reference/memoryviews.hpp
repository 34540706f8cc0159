// The reference's memoryview as objects of bufspec_subject.h.
#pragma once

#include "bufspec/memoryview.hpp"
#include "bufspec_subject.h"

namespace bufspec::native {

// Fills in the functions of memoryviews, and drop().
void add_memoryviews(bufspec_functions& functions);
// Fills in those about elements: lists, hashes, sizes, and what is written.
void add_values(bufspec_functions& functions);

// The reference's view in such an object.
[[nodiscard]] const MemoryView& memoryview_in(const bufspec_object* object) noexcept;

}  // namespace bufspec::native
