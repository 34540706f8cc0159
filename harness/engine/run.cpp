#include "run.hpp"

#include <vector>

namespace bufspec::engine {

namespace {

// Calls `on_failure` for each rule of `wanted` that is broken: a rule fails a case once, however many of its steps break it.
// False as soon as a call says so.
template <typename OnFailure>
bool tell_failures(const Judgement& judgement, const RuleSet& wanted, OnFailure&& on_failure) {
  RuleSet told;
  for (const Violation& violation : judgement.violations) {
    const std::size_t rule = index_of(violation.rule);
    if (!wanted[rule] || told[rule]) continue;
    told.set(rule);
    if (!on_failure(violation)) return false;
  }
  return true;
}

// The readings of rules in `wanted`.
std::uint64_t readings_of(std::uint64_t followed, const RuleSet& wanted) noexcept {
  std::uint64_t kept = 0;
  for (std::size_t number = 0; number < readings.size(); ++number)
    if (wanted[index_of(readings[number].rule)]) kept |= followed & std::uint64_t{1} << number;
  return kept;
}

// Drives the steps, leaving the breadcrumb before each.  False if the subject cannot run the scenario.
bool drive(Subject& subject, const Scenario& scenario, std::uint32_t case_index, Ledger* ledger, Trace& trace) {
  if (ledger != nullptr) ledger->step(case_index, 0);
  if (!subject.begin(scenario, trace)) return false;
  for (std::size_t step = 0; step < scenario.steps.size(); ++step) {
    if (ledger != nullptr) ledger->step(case_index, static_cast<std::uint32_t>(step));
    subject.perform(scenario, step, trace);
  }
  subject.end();
  return true;
}

}  // namespace

Trace trace_of(Subject& subject, const Scenario& scenario) {
  Trace trace;
  if (!drive(subject, scenario, 0, nullptr, trace)) return {};
  return trace;
}

void run(Subject& subject, std::span<const suites::Case> cases, Ledger& ledger, const RunOptions& options,
         const std::function<bool(const Failure&)>& on_failure) {
  Trace trace;
  bool goes_on = true;
  for (std::size_t index = options.first_case; goes_on && index < cases.size(); ++index) {
    const suites::Case& current = cases[index];
    trace = Trace{};
    if (drive(subject, current.scenario, static_cast<std::uint32_t>(index), &ledger, trace)) {
      const Judgement judgement = judge(current.scenario, trace);
      ++ledger.tally(judgement.judged & options.rules, readings_of(judgement.readings, options.rules));
      for (const StepRecord& record : trace.steps)
        if (record.answer) ledger.add_request();
      bool has_failed = false;
      goes_on = tell_failures(judgement, options.rules, [&](const Violation& violation) {
        has_failed = true;
        ledger.add_failure(violation.rule);
        return on_failure({current, index, violation});
      });
      if (has_failed && options.stop_on_failure) goes_on = false;
    }
    ledger.case_done();  // also of the case that ends the run: it was judged and counted
  }
}

std::uint64_t run_repeatedly(Subject& subject, std::span<const suites::Case> cases, Ledger& ledger,
                             std::uint64_t rounds) {
  std::vector<std::uint64_t*> counters(cases.size(), nullptr);
  Trace trace;
  std::uint64_t fast = 0;
  const std::size_t count = cases.size();
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const suites::Case* current = cases.data();
    for (std::size_t index = 0; index < count; ++index, ++current) {
      const Scenario& scenario = current->scenario;
      const auto number = static_cast<std::uint32_t>(index);
      bool is_done = false;
      if (counters[index] != nullptr) {
        ledger.step(number, 0);
        const Repeat outcome = subject.repeat(scenario, index, trace);
        if (outcome == Repeat::accepted) {
          ++*counters[index];
          ++fast;
          continue;
        }
        is_done = outcome == Repeat::differs;
      }
      if (!is_done) {
        trace = Trace{};
        if (!drive(subject, scenario, number, &ledger, trace)) continue;
      }
      const Judgement judgement = judge(scenario, trace);
      std::uint64_t& counter = ledger.tally(judgement.judged, judgement.readings);
      ++counter;
      tell_failures(judgement, RuleSet{}.set(), [&](const Violation& violation) {
        ledger.add_failure(violation.rule);
        return true;
      });
      counters[index] = judgement.clean() && subject.memorise(scenario, index) ? &counter : nullptr;
    }
  }
  return fast;
}

}  // namespace bufspec::engine
