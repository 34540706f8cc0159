// The mutant consumer as a Python type, `_engine.MutantConsumer(habits=[])`: a callable of one argument.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// Adds the type `MutantConsumer` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_mutant_consumer(PyObject* module);

}  // namespace bufspec::cpython
