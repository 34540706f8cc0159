// A ledger's data as Python values.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/engine/ledger.hpp"

namespace bufspec::cpython {

// Where the run is: {"case_index", "step", "cases_done", "heartbeat", "surveys_lost", "setting_up", "at_end"}; null with an
// exception set on failure.
[[nodiscard]] PyObject* dict_of_place(const engine::LedgerData& data);

// The same, and what was counted: "requests", "exercised", "memories", "rules".
[[nodiscard]] PyObject* dict_of_ledger(const engine::LedgerData& data);

}  // namespace bufspec::cpython
