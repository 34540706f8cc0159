// The loop of a campaign: draw or change a scenario, drive the subject, judge, and keep what came to something new.
// The same seed and stream try the same scenarios with the same subject, however often the process is started anew.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "bufspec/judge.hpp"
#include "state.hpp"
#include "suites/engine/ledger.hpp"
#include "suites/engine/subject.hpp"
#include "vocabulary.hpp"

namespace bufspec::campaign {

struct Options {
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;  // which of several that a campaign consists of: they try other scenarios
  std::uint64_t until = 0;  // so many executions in all, those of earlier processes included
  double seconds = 0;  // or until so long has passed
  bool guided = true;  // what came to something new is kept and changed; else each scenario is drawn
  RuleSet rules = RuleSet{}.set();
  std::span<const std::vector<std::uint8_t>> inputs;  // tried first, whatever is drawn
};

// A broken rule.  The references are valid during the call only.
struct Found {
  const Scenario& scenario;
  std::span<const std::uint8_t> encoded;
  std::uint64_t execution;
  const Violation& violation;
  const Trace& trace;
};

// Tries scenarios against `subject` until the options or `on_found` (false) end it; whether the subject is still there.
// `on_found` is called once for all findings of a likeness, and for five likenesses of a rule at most, before they are
// counted: one that is cut short by the end of the process is found again.
[[nodiscard]] bool explore(engine::Subject& subject, engine::Ledger& ledger, State& state, const Vocabulary& vocabulary,
                           const Options& options, const std::function<bool(const Found&)>& on_found);

}  // namespace bufspec::campaign
