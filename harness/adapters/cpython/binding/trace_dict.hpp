// A trace and what the judge says of it as plain Python values, for whoever shows them.
#pragma once

#include "bufspec/judge.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// {"scenario", "runtime", "richest_word", "richest_request", "richest", "steps", "violations", "judged", "readings"}, of
// the rules in `rules` alone; null with an exception set on failure.
[[nodiscard]] Ref dict_of_trace(const Scenario& scenario, const Trace& trace, const RuleSet& rules);

// {"flags", "name", "granted", "releases", "changed"} of a request that a consumer made; null with an exception set on
// failure.
[[nodiscard]] PyObject* dict_of_request(const Consumed::Request& request);

// The name of a kind of step, as scenarios are described: "acquire".
[[nodiscard]] const char* name_of(StepKind kind) noexcept;

}  // namespace bufspec::cpython
