// The mutant as a Python type, `_engine.Mutant(memory, habits=[])`: its slots, and methods that resize and close it.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// Adds the type `Mutant` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_mutant(PyObject* module);

}  // namespace bufspec::cpython
