// A violation as plain Python values: its two sentences, and the finding that they are made from.
#pragma once

#include "bufspec/judge.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// {"rule", "step", "expected", "found", "finding"} of a violation that `scenario` showed; null with an exception set on
// failure.  _engine.pyi says how values are spelled in "finding".
[[nodiscard]] Ref dict_of_violation(const Violation& violation, const Scenario& scenario);

// "NULL", "set", "untouched" or "unreadable".
[[nodiscard]] const char* name_of(Pointer pointer) noexcept;

// "NULL", "exporter", "other object", "untouched" or "garbage".
[[nodiscard]] const char* name_of(Owner owner) noexcept;

// The names of a set of fields, in the order of the struct; null with an exception set on failure.
[[nodiscard]] PyObject* fields_of(unsigned fields);

}  // namespace bufspec::cpython
