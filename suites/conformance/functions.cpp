// Runtimes: a function called on every named layout (rules function.*), and checks (rules pep688.*).
#include "cases.hpp"

namespace bufspec::suites {

std::vector<Case> function_cases(const Tables& tables, Edition edition) {
  std::vector<Case> cases;
  for (const LayoutRow& row : tables.layouts) {
    for (const char order : {'C', 'F', 'A'}) {
      Scenario scenario;
      scenario.target = Target::function;
      scenario.edition = edition;
      scenario.layout = row.layout;
      scenario.function = Function::is_contiguous;
      scenario.order = order;
      scenario.steps = {{StepKind::call, 0, 0}};
      cases.push_back({std::string("function.is_contiguous_") +
                           (order == 'C'   ? "c_"
                            : order == 'F' ? "f_"
                                           : "a_") +
                           row.name,
                       std::move(scenario)});
    }
  }
  return cases;
}

std::vector<Case> check_cases(Edition edition) {
  std::vector<Case> cases;
  for (const Rule rule : runtime_checks) {
    Scenario scenario;
    scenario.target = Target::function;
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
