// A table file as a neutral tree (bufspec/tree.hpp): what a parser found, before anyone asks what it means.
// Two parsers make it (yaml-cpp in tables_yaml.cpp, Python dicts in the extension); tables.cpp reads it.
// It knows no table, no rule and no file format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bufspec/tree.hpp"

namespace bufspec {

// One node of a table.
using TableValue = Tree;

// "a text", "an integer", ...: how messages name a kind.
[[nodiscard]] std::string_view kind_name(TableValue::Kind kind) noexcept;

// Something wrong in a table: where, what, and what to do about it.
struct TableProblem {
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  std::string hint;

  // "10-flags.yaml:12:5: unknown flag 'NDD'; name one of the flags of 10-flags.yaml".
  [[nodiscard]] std::string text() const;
};

// A tree, or the problems that stand in its place.
struct LoadedTree {
  TableValue tree;
  std::vector<TableProblem> problems;

  [[nodiscard]] bool ok() const noexcept { return problems.empty(); }
};

}  // namespace bufspec
