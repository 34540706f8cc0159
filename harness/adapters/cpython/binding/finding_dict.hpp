// A violation as plain Python values.  bufspec/values.py says how they are spelled; no sentence is made here.
#pragma once

#include "bufspec/judge.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// {"rule", "step", "finding"}; null with an exception set on failure.
[[nodiscard]] Ref dict_of_violation(const Violation& violation);

// "NULL", "set", "untouched" or "unreadable".
[[nodiscard]] const char* name_of(Pointer pointer) noexcept;

// "NULL", "exporter", "other object", "untouched" or "garbage".
[[nodiscard]] const char* name_of(Owner owner) noexcept;

// The names of a set of fields, in the order of the struct; null with an exception set on failure.
[[nodiscard]] PyObject* fields_of(unsigned fields);

}  // namespace bufspec::cpython
