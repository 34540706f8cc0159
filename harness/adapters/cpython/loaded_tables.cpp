#include "loaded_tables.hpp"

#include <array>
#include <optional>

namespace bufspec::cpython {

namespace {

// One interpreter process works with one set of tables.
std::optional<Tables> loaded;
std::array<std::array<std::optional<std::vector<suites::Case>>, 2>, 3> made;

std::vector<suites::Case> make_cases(Target target, Edition edition) {
  switch (target) {
    case Target::exporter:
      return suites::exporter_cases(edition);
    case Target::consumer:
      return suites::consumer_cases(tables(), edition);
    case Target::function:
      return suites::function_cases(tables(), edition);
  }
  return {};
}

}  // namespace

const Tables& tables() noexcept {
  static const Tables none;
  return loaded ? *loaded : none;
}

bool tables_are_loaded() noexcept { return loaded.has_value(); }

void set_tables(Tables fresh) {
  loaded = std::move(fresh);
  for (auto& editions : made)
    for (auto& cases : editions) cases.reset();
}

const std::vector<suites::Case>& cases_for(Target target, Edition edition) {
  auto& cases = made[static_cast<std::size_t>(target) % 3][static_cast<std::size_t>(edition) % 2];
  if (!cases) cases = make_cases(target, edition);
  return *cases;
}

std::string case_id(Target target, Edition edition, std::size_t index) {
  const auto& cases = cases_for(target, edition);
  return index < cases.size() ? cases[index].id : std::string();
}

RuleSet rules_judged_in(Edition edition) {
  RuleSet rules;
  for (std::size_t i = 0; i < rule_count; ++i) {
    const RuleRow* row = tables().rule(rule_ids[i]);
    if (row != nullptr && row->editions.holds_in(edition) && row->level_in(edition) != "informative") rules.set(i);
  }
  return rules;
}

}  // namespace bufspec::cpython
