// The ledger as a Python object over a file that a driver shares with its worker.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/engine/ledger.hpp"

namespace bufspec::cpython {

// Adds the type `Ledger` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_ledger(PyObject* module);

// The ledger behind `object`; null with TypeError set if it is none.
[[nodiscard]] engine::Ledger* ledger_of(PyObject* object);

}  // namespace bufspec::cpython
