// Traces nobody thought of: does the judge take any, does it accuse only by rules that it judged, and does it never accuse
// the reference?  The input is a scenario, and what happens to its right trace: nothing, a few fields drawn anew, or all.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "bufspec/judge.hpp"
#include "drawn_fields.hpp"
#include "property.hpp"
#include "short_scenario.hpp"
#include "suites/engine/reference/consumer.hpp"
#include "suites/engine/reference/subject.hpp"
#include "suites/engine/run.hpp"

namespace {

using bufspec::Judgement;
using bufspec::Scenario;
using bufspec::Trace;
using bufspec::fuzz::must_hold;

std::optional<Trace> right_trace(const Scenario& scenario) {
  const auto run = [&](bufspec::engine::Subject&& subject) -> std::optional<Trace> {
    Trace trace = bufspec::engine::trace_of(subject, scenario);
    if (trace.observes == 0) return std::nullopt;
    return trace;
  };
  bufspec::Layout own;
  own.shape[0] = own.block = 6;
  own.strides[0] = 1;
  if (scenario.target == bufspec::Target::exporter) return run(bufspec::engine::ReferenceExporterSubject(own));
  if (scenario.target == bufspec::Target::consumer) return run(bufspec::engine::ReferenceConsumerSubject());
  return std::nullopt;
}

void check_judgement(const Scenario& scenario, const Trace& trace) {
  const Judgement judgement = bufspec::judge(scenario, trace);
  for (const bufspec::Violation& one : judgement.violations) {
    must_hold(judgement.judged[bufspec::index_of(one.rule)], "a rule that is broken was judged");
    must_hold(one.step < std::max<std::size_t>(scenario.steps.size(), 1), "a break is of a step of the scenario");
    must_hold(!bufspec::describe(one.finding).empty(), "a finding can be described");
  }
  const Judgement again = bufspec::judge(scenario, trace);
  must_hold(again.judged == judgement.judged && again.violations.size() == judgement.violations.size(),
            "a trace has one judgement");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bufspec::fuzz::Drawn drawn({data, size});
  Scenario scenario = bufspec::decode(drawn.take(drawn.byte()));
  bufspec::fuzz::shorten(scenario);
  bufspec::fuzz::DrawnFields fields(drawn);
  const std::size_t what = drawn.below(3);

  Trace trace;
  if (what < 2) {
    const std::optional<Trace> right = right_trace(scenario);
    if (!right) return 0;
    must_hold(bufspec::judge(scenario, *right).clean(), "the reference breaks no rule");
    trace = *right;
  }
  if (what == 1) {
    for (int n = 0; n < 4 && !drawn.is_done() && !trace.steps.empty(); ++n)
      fields.draw(trace.steps[drawn.below(std::min<std::size_t>(trace.steps.size(), 256))]);
  } else if (what == 2) {
    fields.draw(trace);
    trace.steps.resize(std::min(trace.steps.size(), scenario.steps.size() + 1));
  }
  check_judgement(scenario, trace);
  return 0;
}
