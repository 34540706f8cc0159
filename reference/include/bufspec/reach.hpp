// Which rules can a scenario be judged by at all, whatever the subject does?
// A run that wants a few rules only leaves out the cases that cannot judge any of them.
// Answered from the scenario alone: from its target, its kinds of steps and, of a consumer's, the lies of our exporter.
#pragma once

#include "bufspec/rules.hpp"
#include "bufspec/scenario.hpp"

namespace bufspec {

// The rules among which `judge(scenario, trace).judged` lies for every trace of a subject that is driven through it: a rule that
// is not in the set is never judged, one that is may be.
// O(steps).
[[nodiscard]] RuleSet rules_within_reach(const Scenario& scenario);

}  // namespace bufspec
