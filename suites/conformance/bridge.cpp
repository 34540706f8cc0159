// Other interfaces by which an exporter offers its memory: array interface, DLPack, Arrow (rules bridge.*).  One check a rule,
// of an object of its own.
#include "cases.hpp"

namespace bufspec::suites {

std::vector<Case> bridge_cases(Edition edition) {
  std::vector<Case> cases;
  for (const Rule rule : exporter_checks) {
    if (!is_stated(rule, edition)) continue;
    Scenario scenario;
    scenario.edition = edition;
    scenario.check = rule;
    scenario.steps = {{StepKind::call, 0, 0}};
    std::string id(rule_id(rule));
    id[id.rfind('.')] = '_';
    cases.push_back({std::move(id), std::move(scenario)});
  }
  return cases;
}

}  // namespace bufspec::suites
