// Consumers: our exporter of every named layout is handed over (rules consumer.*).
#include "cases.hpp"

namespace bufspec::suites {

std::vector<Case> consumer_cases(const Tables& tables, Edition edition) {
  std::vector<Case> cases;
  for (const LayoutRow& row : tables.layouts) {
    Scenario scenario;
    scenario.target = Target::consumer;
    scenario.edition = edition;
    scenario.layout = row.layout;
    scenario.steps = {{StepKind::consume, 0, 0}};
    cases.push_back({"consumer.reads_" + row.name, std::move(scenario)});
  }
  return cases;
}

}  // namespace bufspec::suites
