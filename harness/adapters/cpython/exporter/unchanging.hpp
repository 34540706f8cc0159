// Does an object say itself that its memory never changes?
#pragma once

#include <cstdint>

#include "bufspec/trace.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// By what `object`, which shows writable memory from `first` up to `end`, says that it never changes: by a hash of its own
// that is the hash of its bytes, or because this is the memory of a bytes or str object that can be reached from it.  Looks
// at a bounded number of objects.  No exception is left set.
[[nodiscard]] Unchanging unchanging_of(PyObject* object, std::uintptr_t first, std::uintptr_t end);

}  // namespace bufspec::cpython
