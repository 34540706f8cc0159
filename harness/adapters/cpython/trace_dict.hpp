// A trace and what the judge says of it as plain Python values, for whoever shows them.
#pragma once

#include "bufspec/judge.hpp"
#include "python_api.hpp"

namespace bufspec::cpython {

// {"scenario", "runtime", "richest_request", "richest", "steps", "violations", "judged", "readings"}, of the rules in
// `rules` alone; null with an exception set on failure.
[[nodiscard]] Ref dict_of_trace(const Scenario& scenario, const Trace& trace, const RuleSet& rules);

}  // namespace bufspec::cpython
