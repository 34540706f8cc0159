// The tables that this process works with, and the cases made from them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bufspec/rules.hpp"
#include "suites/conformance/cases.hpp"

namespace bufspec::cpython {

// The tables; empty until load_tables() was called.
[[nodiscard]] const Tables& tables() noexcept;
[[nodiscard]] bool tables_are_loaded() noexcept;
void set_tables(Tables tables);

// The cases for subjects of one kind, made once for each edition.
[[nodiscard]] const std::vector<suites::Case>& cases_for(Target target, Edition edition);

// The id of case number `index`, "" if there is none.
[[nodiscard]] std::string case_id(Target target, Edition edition, std::size_t index);

// Rules that are judged in `edition`: rows that hold there and are not informative there.
[[nodiscard]] RuleSet rules_judged_in(Edition edition);

}  // namespace bufspec::cpython
