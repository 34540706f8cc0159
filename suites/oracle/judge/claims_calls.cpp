// What the judge must find in the answers of calls: each data case of the tables, answered wrongly.
#include "case_values.hpp"
#include "claims.hpp"
#include "suites/conformance/cases.hpp"

namespace bufspec::oracle {

void add_call_claims(Claims& claim) {
  for (const engine::Case& one : suites::call_cases(tables(), {}, Edition::current)) {
    const Rule rule = one.scenario.call->rule;
    const Right right = right_trace(one.scenario);
    claim(right, [](Called& c) { c.answer = found_error("SomeOtherError"); }, {rule});
    claim(right, [](Called& c) { c.answer.reset(); }, {});
    if (one.scenario.call->since > 0)
      claim(right,
            [](Trace& trace) {
              trace.runtime = 0;
              trace.steps[0].called->answer = found_error("SomeOtherError");
            },
            {});
    if (one.scenario.call->expect.map.empty()) continue;
    claim(right, [](Called& c) { c.answer = Tree::empty_map(); }, {rule});
    claim(
        right, [](Called& c) { c.answer->map.front().second = Tree::of(std::string("something else")); },
        one.scenario.call->expect.find(right.trace.steps[0].called->answer->map.front().first) != nullptr ? Rules{rule}
                                                                                                          : Rules{});
  }
}

}  // namespace bufspec::oracle
