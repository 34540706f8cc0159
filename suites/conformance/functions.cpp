// Runtimes: the data cases of the tables as calls, a function called on every named layout, and checks (rules pep688.*).
#include <algorithm>

#include "cases.hpp"

namespace bufspec::suites {

namespace {

bool is_wanted(const Profile& profile, std::string_view name) {
  const auto& names = profile.operations;
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

// The first interpreter for which a rule holds: rows of reserved words name one.
std::uint32_t first_runtime_of(const Tables& tables, std::string_view rule) noexcept {
  for (const ReservedRow& row : tables.reserved)
    if (row.rule == rule) return row.since;
  return 0;
}

Scenario scenario_of(Edition edition) {
  Scenario scenario;
  scenario.target = Target::function;
  scenario.edition = edition;
  scenario.steps = {{StepKind::call, 0, 0}};
  return scenario;
}

}  // namespace

std::vector<Case> call_cases(const Tables& tables, const Profile& profile, Edition edition) {
  std::vector<Case> cases;
  for (const RuleRow& row : tables.rules) {
    const std::optional<Rule> rule = rule_from(row.id);
    if (!rule || (row_of(*rule).binds & binds::runtime) == 0 || !is_stated(*rule, edition)) continue;
    for (const CaseRow& one : row.cases) {
      if (!is_wanted(profile, one.call)) continue;
      Scenario scenario = scenario_of(edition);
      scenario.call = std::make_shared<const Call>(Call{.rule = *rule,
                                                        .name = one.call,
                                                        .given = one.given,
                                                        .expect = one.expect,
                                                        .rules = {},
                                                        .since = first_runtime_of(tables, row.id)});
      cases.push_back({row.id + '.' + one.id, std::move(scenario)});
    }
  }
  return cases;
}

std::vector<Case> function_cases(const Tables& tables, Edition edition) {
  std::vector<Case> cases;
  for (const LayoutRow& row : tables.layouts) {
    for (const char order : {'C', 'F', 'A'}) {
      Scenario scenario = scenario_of(edition);
      scenario.layout = row.layout;
      scenario.function = Function::is_contiguous;
      scenario.order = order;
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

std::vector<Case> check_cases(const Profile& profile, Edition edition) {
  std::vector<Case> cases;
  for (const Rule rule : runtime_checks) {
    if (!is_wanted(profile, rule_id(rule))) continue;
    Scenario scenario = scenario_of(edition);
    scenario.check = rule;
    std::string id(rule_id(rule));
    id[id.rfind('.')] = '_';
    cases.push_back({std::move(id), std::move(scenario)});
  }
  return cases;
}

CaseList runtime_cases(const Tables& tables, const CaseOptions& options) {
  CaseList cases(call_cases(tables, options.profile, options.edition));
  if (is_wanted(options.profile, "is_contiguous")) cases.append(function_cases(tables, options.edition));
  if (is_wanted(options.profile, "sweeps"))
    append_runtime_sweeps(
        tables, options, [&](std::string_view call) { return is_wanted(options.profile, call); }, cases);
  if (is_wanted(options.profile, "memoryview_sequence")) append_view_sequences(tables, options, cases);
  cases.append(check_cases(options.profile, options.edition));
  return cases;
}

}  // namespace bufspec::suites
