#include "run.hpp"

#include <vector>

namespace bufspec::engine {

namespace {

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
  for (std::size_t index = options.first_case; index < cases.size(); ++index) {
    const suites::Case& current = cases[index];
    trace = Trace{};
    if (drive(subject, current.scenario, static_cast<std::uint32_t>(index), &ledger, trace)) {
      const Judgement judgement = judge(current.scenario, trace);
      ++ledger.tally(judgement.judged & options.rules, judgement.readings);
      for (const StepRecord& record : trace.steps)
        if (record.answer) ledger.add_request();
      RuleSet failed;  // a rule fails a case once, however many of its steps break it
      for (const Violation& violation : judgement.violations) {
        const std::size_t rule = index_of(violation.rule);
        if (!options.rules[rule] || failed[rule]) continue;
        failed.set(rule);
        ledger.add_failure(violation.rule);
        if (!on_failure({current, index, violation})) return;
      }
      if (options.stop_on_failure && failed.any()) return;
    }
    ledger.case_done();
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
      for (const Violation& violation : judgement.violations) ledger.add_failure(violation.rule);
      counters[index] = judgement.clean() && subject.memorise(scenario, index) ? &counter : nullptr;
    }
  }
  return fast;
}

}  // namespace bufspec::engine
