// The tables that this process works with.
#pragma once

#include "bufspec/rules.hpp"
#include "suites/support/tables.hpp"

namespace bufspec::cpython {

// The tables; empty until load_tables() was called.
[[nodiscard]] const Tables& tables() noexcept;
[[nodiscard]] bool tables_are_loaded() noexcept;
void set_tables(Tables tables);

// Rules that are judged in `edition`: rows that hold there and are not informative there.
[[nodiscard]] RuleSet rules_judged_in(Edition edition);

}  // namespace bufspec::cpython
