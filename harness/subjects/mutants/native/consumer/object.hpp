// The mutant consumer as a Python type, `MutantConsumer(behaviours=[])`: a callable of one argument.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::mutants::consumers {

// Adds the type `MutantConsumer` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_mutant_consumer(PyObject* module);

}  // namespace bufspec::mutants::consumers
