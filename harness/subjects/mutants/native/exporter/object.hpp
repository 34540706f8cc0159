// A mutant exporter as a Python type, `MutantExporter(memory, behaviours=[])`: its slots, and methods that resize and close it.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::mutants::exporters {

// Adds the type `MutantExporter` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_mutant_exporter(PyObject* module);

}  // namespace bufspec::mutants::exporters
