// The reference's memoryview as objects of bufspec_subject.h.
#pragma once

#include "bufspec_subject.h"

namespace bufspec::native {

// Fills in the functions of memoryviews, and drop().
void add_memoryviews(bufspec_functions& functions);

}  // namespace bufspec::native
