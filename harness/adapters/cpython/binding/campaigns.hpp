// Campaigns against the subjects of this process, and the callbacks of code that was built with coverage instrumentation.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// A method table entry.
PyObject* explore_subject(PyObject* module, PyObject* arguments, PyObject* keywords);

// Lets the libraries that are loaded from now on find the callbacks; what they are built with needs them to be loaded at all.
void offer_coverage() noexcept;

}  // namespace bufspec::cpython
