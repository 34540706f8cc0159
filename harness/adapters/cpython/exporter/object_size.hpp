// How large is the block that an object lies in?
#pragma once

#include <cstddef>

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// The bytes that the type's allocator asked for, with what the interpreter keeps in front of the object; 0 where the type does
// not say.  Calls nothing of the type's own.  No exception is left set.
[[nodiscard]] std::size_t block_size_of(PyObject* object) noexcept;

}  // namespace bufspec::cpython
