// A request to a named layout with the right answer of the reference, to be spoilt by tests of the judge.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bufspec/judge.hpp"
#include "oracle.hpp"
#include "suites/engine/reference/trace.hpp"

namespace bufspec::oracle {

using Names = std::vector<std::string>;

inline Names broken(const Judgement& judgement) {
  Names names;
  for (const Violation& violation : judgement.violations) names.emplace_back(rule_id(violation.rule));
  return names;
}

inline bool reads(const Judgement& judgement, Rule rule, std::string_view name) {
  return (judgement.readings >> reading_number(rule, name) & 1U) != 0;
}

// A request of `word` to a named layout, answered rightly.
struct Right {
  Scenario scenario;
  Trace trace;

  Right(std::string_view layout, int word, Edition edition = Edition::current) {
    const LayoutRow* row = tables().layout(layout);
    if (row == nullptr) throw std::runtime_error("no layout of that name");
    scenario = engine::asking(row->layout, {word}, edition);
    trace = engine::trace_on_reference(scenario).value();
  }
  [[nodiscard]] Answer& answer() { return *trace.steps[0].answer; }
  [[nodiscard]] View& view() { return answer().view; }
  [[nodiscard]] Released& released() { return *trace.steps[1].released; }
  [[nodiscard]] Judgement judged() const { return judge(scenario, trace); }
};

}  // namespace bufspec::oracle
