#include "run.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "forked_child.hpp"

namespace bufspec::engine {

namespace {

// Calls `on_failure` for each rule of `wanted` that is broken: a rule fails a case once, however many of its steps break it.
// False as soon as a call says so.
template <typename OnFailure>
bool report_failures(const Judgement& judgement, const RuleSet& wanted, OnFailure&& on_failure) {
  RuleSet reported;
  for (const Violation& violation : judgement.violations) {
    const std::size_t rule = index_of(violation.rule);
    if (!wanted[rule] || reported[rule]) continue;
    reported.set(rule);
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

// Notes what of the subject a case of exporters exercised.
void note_exercised(const Scenario& scenario, const Trace& trace, Exercised& exercised) noexcept {
  if (trace.richest && exercised.richest_len < 0) exercised.richest_len = trace.richest->view.len;
  bool has_asked = false;
  for (std::size_t i = 0; i < trace.steps.size(); ++i) {
    const StepRecord& record = trace.steps[i];
    if (record.answer) {
      has_asked = true;
      exercised.granted += record.answer->granted ? 1 : 0;
      exercised.orders_open += record.answer->is_order_open ? 1 : 0;
    }
    const int operation = scenario.steps[i].flags;
    if (record.mutated && record.mutated->raised && !has_asked && operation < 64)
      exercised.operations_raising |= std::uint64_t{1} << operation;
  }
}

// The classes in which a rule is broken, a bit each: that of the request that it was broken by, or of the memory that was
// handed over.  What breaks elsewhere, at a release or by an operation, is broken for each request of the case; where there
// is none, for all: it counts for the first class.
unsigned classes_of(const Scenario& scenario, const Trace& trace, const Violation& violation) {
  const auto bit = [](Class one) { return 1U << index_of(one); };
  if (scenario.target != Target::exporter)
    return bit(scenario.layout ? class_of_memory(capabilities_needed(*scenario.layout)) : Class::simple);
  const auto is_answered = [&](std::size_t step) { return step < trace.steps.size() && trace.steps[step].answer; };
  if (is_answered(violation.step)) return bit(class_of_request(scenario.steps[violation.step].flags));
  unsigned classes = 0;
  for (std::size_t step = 0; step < trace.steps.size(); ++step)
    if (is_answered(step)) classes |= bit(class_of_request(scenario.steps[step].flags));
  return classes != 0 ? classes : bit(Class::simple);
}

// How many answers were judged at a step: that of a request, or of a call, which may have compared many.
std::uint64_t answers_in(const StepRecord& record) {
  if (record.answer) return 1;
  if (!record.called) return 0;
  const Tree* const compared = record.called->answer ? record.called->answer->find("compared") : nullptr;
  return compared != nullptr && compared->is_integer() && compared->integer > 0
             ? static_cast<std::uint64_t>(compared->integer)
             : 1;
}

// Counts the requests of an exporter's case that are compounds.
void count_compounds(const Scenario& scenario, const Trace& trace, Ledger& ledger) noexcept {
  for (std::size_t i = 0; i < trace.steps.size(); ++i) {
    const auto& answer = trace.steps[i].answer;
    const auto number = answer ? compound_number(scenario.steps[i].flags) : std::nullopt;
    if (number) ledger.add_compound(*number, answer->granted);
  }
}

}  // namespace

void empty(Trace& trace) {
  std::vector<StepRecord> steps = std::move(trace.steps);
  steps.clear();
  trace = Trace{};
  trace.steps = std::move(steps);
}

bool drive(Subject& subject, const Scenario& scenario, std::uint32_t case_index, Ledger* ledger, Trace& trace,
           const std::function<void(std::size_t)>& after) {
  end_if_forked();
  if (ledger != nullptr) ledger->step(case_index, 0);
  trace.steps.reserve(scenario.steps.size());
  if (!subject.begin(scenario, trace)) return false;
  for (std::size_t step = 0; step < scenario.steps.size(); ++step) {
    end_if_forked();
    if (ledger != nullptr) ledger->step(case_index, static_cast<std::uint32_t>(step));
    subject.perform(scenario, step, trace);
    if (after) after(step);
  }
  subject.end();
  end_if_forked();
  return true;
}

Trace trace_of(Subject& subject, const Scenario& scenario, Ledger* ledger) {
  Trace trace;
  if (!drive(subject, scenario, 0, ledger, trace)) return {};
  return trace;
}

void run(Subject& subject, const CaseList& cases, Ledger& ledger, const RunOptions& options,
         const std::function<bool(const Failure&)>& on_failure) {
  subject.attach(ledger);
  Case space;
  Trace trace;
  bool goes_on = true;
  // False if the subject is lost.
  const auto run_one = [&](std::size_t index) {
    const Case& current = cases.get(index, space);
    empty(trace);
    const bool is_exporter = current.scenario.target == Target::exporter;
    const bool is_driven = drive(subject, current.scenario, static_cast<std::uint32_t>(index), &ledger, trace);
    if (subject.is_lost()) return false;
    if (!ledger.open_counts()) return false;
    Exercised& exercised = ledger.exercised();
    if (is_exporter && current.scenario.layout) ++exercised.builds_asked;
    if (is_driven) {
      if (is_exporter) {
        if (current.scenario.layout) ++exercised.builds_made;
        note_exercised(current.scenario, trace, exercised);
        count_compounds(current.scenario, trace, ledger);
      }
      const Judgement judgement = judge(current.scenario, trace);
      ++ledger.tally(judgement.judged & options.rules, readings_of(judgement.readings, options.rules));
      for (const StepRecord& record : trace.steps) ledger.add_requests(answers_in(record));
      bool has_failed = false;
      goes_on = report_failures(judgement, options.rules, [&](const Violation& violation) {
        has_failed = true;
        ledger.add_failure(violation.rule);
        const unsigned classes = classes_of(current.scenario, trace, violation);
        for (std::size_t number = 0; number < class_count; ++number)
          if ((classes >> number & 1U) != 0) ledger.add_broken(static_cast<Class>(number), violation.rule);
        return on_failure({current, index, violation, trace});
      });
      if (has_failed && options.stop_on_failure) goes_on = false;
    } else if (current.scenario.is_for_small_memory && trace.richest && trace.richest->view.len > large_memory) {
      ++exercised.cases_for_small;
    }
    ledger.case_done();  // also of the case that ends the run: it was judged and counted
    ledger.close_counts();
    return true;
  };
  for (const CaseRange& range : options.ranges) {
    const std::size_t end = std::min(range.end, cases.size());
    for (std::size_t index = std::max(range.first, options.first_case); goes_on && index < end; ++index)
      if (!run_one(index)) return;
  }
  if (goes_on || options.stop_on_failure) ledger.leave_the_cases();
}

Repeater::Repeater(Subject& subject, std::span<const Case> cases, Ledger& ledger)
    : subject_(subject), ledger_(ledger), known_(cases.size()), unknown_(cases.size()) {
  for (std::size_t i = 0; i < cases.size(); ++i)
    known_[i] = {static_cast<std::uint32_t>(i), &cases[i].scenario, nullptr};
}

std::uint64_t Repeater::run(std::uint64_t rounds) {
  const std::size_t count = known_.size();
  std::uint64_t fast = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (std::size_t index = 0; index < count; ++index) {
      std::size_t end = count;
      if (unknown_ > 0)
        for (end = index; end < count && known_[end].counter != nullptr;) ++end;
      const Repeated done = subject_.repeat_run({known_.data() + index, end - index}, ledger_.breadcrumb(), trace_);
      fast += done.accepted;
      index += done.accepted;
      if (index == count) break;
      judge_in_full(index, known_[index].counter != nullptr ? done.next : Repeat::unsupported);
    }
  }
  return fast;
}

void Repeater::judge_in_full(std::size_t index, Repeat came_to) {
  Known& one = known_[index];
  if (came_to != Repeat::differs) {
    empty(trace_);
    if (!drive(subject_, *one.scenario, one.memory, &ledger_, trace_)) return;
  }
  const Judgement judgement = judge(*one.scenario, trace_);
  std::uint64_t& counter = ledger_.tally(judgement.judged, judgement.readings);
  ++counter;
  report_failures(judgement, RuleSet{}.set(), [&](const Violation& violation) {
    ledger_.add_failure(violation.rule);
    return true;
  });
  if (one.counter != nullptr) ++unknown_;
  one.counter = judgement.clean() && subject_.memorise(*one.scenario, index) ? &counter : nullptr;
  if (one.counter != nullptr) --unknown_;
}

}  // namespace bufspec::engine
