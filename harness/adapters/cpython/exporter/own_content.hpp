// What does an object say its elements are, by other ways than its buffer?
// Whether that can be trusted is for the caller to find out.
#pragma once

#include <optional>
#include <string>

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// The elements in C order as an object itself gives them: by __bytes__ or tobytes() of its type, and item by item where it is
// a short sequence of numbers from 0 to 255.  Absent where it has no such way, where that raises, or where there are many.
struct OwnContent {
  std::optional<std::string> by_method;
  std::optional<std::string> by_items;
};

// Leaves no exception.
[[nodiscard]] OwnContent own_content(PyObject* object);

}  // namespace bufspec::cpython
