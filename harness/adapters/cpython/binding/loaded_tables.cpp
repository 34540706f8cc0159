#include "loaded_tables.hpp"

#include <optional>
#include <utility>

namespace bufspec::cpython {

namespace {

// One interpreter process works with one set of tables.
std::optional<Tables> loaded;

}  // namespace

const Tables& tables() noexcept {
  static const Tables none;
  return loaded ? *loaded : none;
}

bool tables_are_loaded() noexcept { return loaded.has_value(); }

void set_tables(Tables fresh) { loaded = std::move(fresh); }

RuleSet rules_judged_in(Edition edition) {
  RuleSet rules;
  for (std::size_t i = 0; i < rule_count; ++i) {
    const RuleRow* row = tables().rule(rule_ids[i]);
    if (row != nullptr && row->editions.holds_in(edition) && row->level_in(edition) != "informative") rules.set(i);
  }
  return rules;
}

}  // namespace bufspec::cpython
