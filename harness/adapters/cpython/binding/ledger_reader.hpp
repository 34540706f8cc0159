// The driver's end of a ledger: it makes the file and reads it, and never maps it, for whoever maps a file that another
// process shrinks dies of it.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// Adds the type `LedgerReader` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_ledger_reader(PyObject* module);

}  // namespace bufspec::cpython
