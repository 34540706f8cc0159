// A trace and what the judge says of it as plain Python values, for whoever shows them.
#pragma once

#include "bufspec/judge.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// {"violations", "judged", "readings"}, of the rules in `rules` alone; null with an exception set on failure.
[[nodiscard]] Ref dict_of_judgement(const Scenario& scenario, const Trace& trace, const RuleSet& rules);

// The same with "scenario" and "trace", in the neutral encoding (json_value.hpp), and "described", the scenario on one line.
[[nodiscard]] Ref dict_of_trace(const Scenario& scenario, const Trace& trace, const RuleSet& rules);

}  // namespace bufspec::cpython
