// A right trace of the reference, and the means to spoil one thing of it: what every test of the judge begins with.
#pragma once

#include <optional>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "judgements.hpp"
#include "oracle.hpp"

namespace bufspec::oracle {

// The last record of its kind; throws if there is none.
template <typename Record>
Record& last_of(Trace& trace, std::optional<Record> StepRecord::* record) {
  for (auto step = trace.steps.rbegin(); step != trace.steps.rend(); ++step)
    if (*step.*record) return *(*step.*record);
  throw std::logic_error("no step has such a record");
}

// Applies `change` to what it takes: the trace, its last record of that kind, or the view of its last answer.  The records
// of a consumer are snapshots, so what is changed is changed in all of them.
template <typename Change>
void spoil(Trace& trace, const Change& change) {
  if constexpr (std::is_invocable_v<Change, Trace&>) {
    change(trace);
  } else if constexpr (std::is_invocable_v<Change, View&>) {
    change(last_of(trace, &StepRecord::answer).view);
  } else if constexpr (std::is_invocable_v<Change, Answer&>) {
    change(last_of(trace, &StepRecord::answer));
  } else if constexpr (std::is_invocable_v<Change, Released&>) {
    change(last_of(trace, &StepRecord::released));
  } else if constexpr (std::is_invocable_v<Change, Reread&>) {
    change(last_of(trace, &StepRecord::reread));
  } else if constexpr (std::is_invocable_v<Change, Written&>) {
    change(last_of(trace, &StepRecord::written));
  } else if constexpr (std::is_invocable_v<Change, Mutated&>) {
    change(last_of(trace, &StepRecord::mutated));
  } else if constexpr (std::is_invocable_v<Change, Repeated&>) {
    change(last_of(trace, &StepRecord::repeated));
  } else if constexpr (std::is_invocable_v<Change, Called&>) {
    change(last_of(trace, &StepRecord::called));
  } else {
    for (StepRecord& record : trace.steps) change(*record.consumed);
  }
}

// What is wrong with nothing, until it is spoilt.
struct Right {
  Scenario scenario;
  Trace trace;

  [[nodiscard]] Answer& answer(std::size_t step = 0) { return *trace.steps.at(step).answer; }
  [[nodiscard]] Consumed& consumed(std::size_t step = 0) { return *trace.steps.at(step).consumed; }
  [[nodiscard]] Judgement judged() const { return judge(scenario, trace); }
  [[nodiscard]] Rules broken() const { return bufspec::broken(judged()); }
  [[nodiscard]] bool judges(Rule rule) const { return judged().judged[index_of(rule)]; }
  // Whether that reading of the rule is recorded.
  [[nodiscard]] bool reads(Rule rule, std::string_view reading) const;

  // The same with one thing spoilt.
  template <typename Change>
  [[nodiscard]] Right with(const Change& change) const {
    Right changed = *this;
    spoil(changed.trace, change);
    return changed;
  }
};

// The trace of the reference; `own` is the layout of a ready-made object.  A check of the runtime, which the reference has not,
// finds no fault.  Throws if the memory cannot be built.
[[nodiscard]] Right right_trace(const Scenario& scenario, const std::optional<Layout>& own = std::nullopt);

// Requests, each released at once.
[[nodiscard]] Right asked(std::string_view layout, int word, Edition edition = Edition::current);
[[nodiscard]] Right asked(std::string_view layout, const std::vector<int>& words, Edition edition = Edition::current);
// Steps on an exporter.
[[nodiscard]] Right done(std::string_view layout, std::vector<Step> steps);
// A consumer, by its number in consumer_habits(), that accepts everything: it is called, its result looked at again and given
// up, and garbage collected.
[[nodiscard]] Right consumed(std::string_view layout, std::uint32_t behaviours = 0, std::size_t habit = 0);
[[nodiscard]] Right consumed(const Layout& layout, std::uint32_t behaviours = 0, std::size_t habit = 0);
// The function is_contiguous().
[[nodiscard]] Right called(std::string_view layout, char order);
// A check of the runtime.
[[nodiscard]] Right checked(Rule check, Target target = Target::function);

// Numbers of consumer_habits().
inline constexpr std::size_t holds_view = 1, asks_for_bytes = 2, asks_for_shape = 3, tries_to_write = 7, falls_back = 8,
                             fills_memory = 9;

// Changes.

template <typename Record, typename Member, typename Value>
[[nodiscard]] auto set(Member Record::* member, Value value) {
  return [member, value = std::move(value)](Record& record) { record.*member = value; };
}

template <typename Record>
[[nodiscard]] auto becomes(const Record& value) {
  return [=](Record& record) { record = value; };
}

// Of one record of a consumer alone.
template <typename Change>
[[nodiscard]] auto at(std::size_t step, const Change& change) {
  return [=](Trace& trace) { change(*trace.steps.at(step).consumed); };
}

// The first request is answered as the richest was.
[[nodiscard]] inline auto granted() {
  return [](Trace& trace) { trace.steps.front().answer = trace.richest; };
}

[[nodiscard]] inline auto refused(Error error = Error::buffer_error) {
  return [=](Answer& answer) {
    answer = {};
    answer.status = -1;
    answer.exception_set = true;
    answer.error = error;
    answer.exception_name = error_name(error);
  };
}

// The consumer fails.
inline void raise(Consumed& consumed) {
  consumed.raised = true;
  consumed.error = Error::value_error;
  consumed.exception_name = "ValueError";
  consumed.result = Compared::not_compared;
}

[[nodiscard]] inline auto format(std::string_view text) {
  return [text](View& view) { view.format_text.assign(text); };
}

}  // namespace bufspec::oracle
