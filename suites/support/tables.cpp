#include "tables.hpp"

#include <set>

#include "row_reader.hpp"
#include "tables_parts.hpp"

namespace bufspec {

std::string_view fact_name(MemoryFact fact) noexcept {
  switch (fact) {
    case MemoryFact::readonly:
      return "readonly";
    case MemoryFact::c_contiguous:
      return "c_contiguous";
    case MemoryFact::f_contiguous:
      return "f_contiguous";
    case MemoryFact::any_contiguous:
      return "any_contiguous";
    case MemoryFact::indirect:
      return "indirect";
    case MemoryFact::zero_dim:
      return "zero_dim";
    case MemoryFact::ambiguous_empty:
      return "ambiguous_empty";
  }
  return "";
}

std::optional<int> Tables::flag_value(std::string_view name) const noexcept {
  for (const FlagRow& row : flags)
    if (row.name == name) return row.value;
  for (const CompoundRow& row : compounds)
    if (row.name == name) return row.value;
  for (const ConstantRow& row : constants)
    if (row.name == name) return row.value;
  return std::nullopt;
}

const RuleRow* Tables::rule(std::string_view id) const noexcept {
  for (const RuleRow& row : rules)
    if (row.id == id) return &row;
  return nullptr;
}

const LayoutRow* Tables::layout(std::string_view name) const noexcept {
  for (const LayoutRow& row : layouts)
    if (row.name == name) return &row;
  return nullptr;
}

const SweepRow* Tables::sweep(std::string_view name) const noexcept {
  for (const SweepRow& row : sweeps)
    if (row.name == name) return &row;
  return nullptr;
}

namespace {

// Every union of the named flags, the empty one among them.
std::set<int> unions(const Tables& tables, const std::vector<std::string>& names) {
  std::set<int> words{0};
  for (const std::string& name : names) {
    const std::set<int> before = words;
    for (const int word : before) words.insert(word | tables.flag_value(name).value_or(0));
  }
  return words;
}

}  // namespace

std::vector<int> Tables::canonical_words() const {
  std::set<int> structural = unions(*this, canonical.subsets_of);
  for (const std::string& name : canonical.structural) structural.insert(flag_value(name).value_or(0));
  std::set<int> words;
  for (const int word : structural)
    for (const int modifier : unions(*this, canonical.modifiers)) words.insert(word | modifier);
  return {words.begin(), words.end()};
}

std::string LoadedTables::text() const {
  std::string made;
  for (const TableProblem& problem : problems) made += problem.text() + '\n';
  return made;
}

LoadedTables tables_from(const TableValue& root) {
  LoadedTables loaded;
  if (!root.is_map() || root.map.empty()) {
    loaded.problems.push_back({"spec", 0, 0, "no tables", "give a map {file name: its tree}"});
    return loaded;
  }
  // Flags first: the other rows name them.
  for (const auto& [file, tree] : root.map) read_flags(tree, file, loaded);
  for (const auto& [file, tree] : root.map) {
    if (!tree.is_map()) {
      loaded.problems.push_back(
          {file, tree.line, tree.column, "the file is no map", "write `area`, `title` and `rules`"});
      continue;
    }
    read_requests(tree, file, loaded);
    read_rules(tree, file, loaded);
    read_formats(tree, file, loaded);
    read_layouts(tree, file, loaded);
  }
  const auto need = [&](bool present, const char* what) {
    if (!present)
      loaded.problems.push_back({"spec", 0, 0, std::string("no ") + what + " in any table", "add the table"});
  };
  need(!loaded.tables.flags.empty(), "flags");
  need(!loaded.tables.answers.empty(), "request answers");
  need(!loaded.tables.rules.empty(), "rules");
  need(!loaded.tables.editions.empty(), "editions");
  return loaded;
}

}  // namespace bufspec
