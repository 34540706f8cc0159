// The harm that exporters and consumers do alike: references miscounted, the process ended.
#pragma once

#include <string_view>

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::mutants {

// Takes `number` references to `object`, or drops as many if it is negative.
void add_references(PyObject* object, Py_ssize_t number) noexcept;

// Ends the process: `how` is exit, abort or segfault.
void end_process(std::string_view how);

}  // namespace bufspec::mutants
