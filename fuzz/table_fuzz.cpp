// Tables nobody thought of: is every text either a tree whose rows can be read, or problems that say where and what?
// Needs no subject; judges the loader of the spec tables alone.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/layout.hpp"
#include "property.hpp"
#include "suites/support/tables.hpp"
#include "suites/support/tables_yaml.hpp"

namespace {

using bufspec::TableProblem;
using bufspec::TableValue;
using bufspec::fuzz::must_hold;

constexpr const char* file = "10-fuzz.yaml";

void check_problems(const std::vector<TableProblem>& problems, std::int64_t lines) {
  for (const TableProblem& one : problems) {
    must_hold(!one.message.empty() && !one.hint.empty(), "a problem says what is wrong, and what to do");
    must_hold(one.line >= 0 && one.line <= lines && one.column >= 0, "a problem lies inside its file");
    must_hold(!one.text().empty(), "a problem can be shown");
  }
}

void check_tree(const TableValue& value) {
  must_hold(value.map.empty() || value.is_map(), "only a map has keys");
  must_hold(value.list.empty() || value.is_list(), "only a list has entries");
  for (std::size_t i = 0; i < value.map.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) must_hold(value.map[k].first != value.map[i].first, "each key is there once");
    check_tree(value.map[i].second);
  }
  for (const TableValue& one : value.list) check_tree(one);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::int64_t lines = 2 + static_cast<std::int64_t>(std::count_if(
                                     text.begin(), text.end(), [](char one) { return one == '\n' || one == '\r'; }));
  const bufspec::LoadedTree loaded = bufspec::tree_from_yaml(text, file);
  check_problems(loaded.problems, lines);
  if (!loaded.ok()) return 0;
  check_tree(loaded.tree);
  must_hold(loaded.tree == bufspec::tree_from_yaml(text, file).tree, "a text is one tree");

  TableValue root = TableValue::empty_map();
  root.map.emplace_back(file, loaded.tree);
  const bufspec::LoadedTables tables = bufspec::tables_from(root);
  check_problems(tables.problems, lines);
  must_hold(tables.ok() == tables.text().empty(), "tables that cannot be read say why");
  std::vector<TableProblem> problems;
  const bufspec::Layout layout = bufspec::layout_from_value(loaded.tree, file, problems);
  check_problems(problems, lines);
  (void)bufspec::well_formed(layout);
  return 0;
}
