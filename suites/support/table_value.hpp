// A table file as a neutral tree: what a parser found, before anyone asks what it means.
// Two parsers make it (yaml-cpp in tables_yaml.cpp, Python dicts in the extension); tables.cpp reads it.
// It knows no table, no rule and no file format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bufspec {

// One node of a table: a scalar, a list or a map, with the place where it was written.
struct TableValue {
  enum class Kind : std::uint8_t { null, boolean, integer, string, list, map };

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string string;
  std::vector<TableValue> list;
  std::vector<std::pair<std::string, TableValue>> map;  // in the order of the file; keys are unique
  int line = 0;    // counted from 1; 0 where the parser knows no places
  int column = 0;

  // Made in the source file: clang 19 wants the size of a pair of the map before this class is complete.
  TableValue();
  TableValue(const TableValue&);
  TableValue(TableValue&&) noexcept;
  TableValue& operator=(const TableValue&);
  TableValue& operator=(TableValue&&) noexcept;
  ~TableValue();

  [[nodiscard]] bool is_null() const noexcept { return kind == Kind::null; }
  [[nodiscard]] bool is_boolean() const noexcept { return kind == Kind::boolean; }
  [[nodiscard]] bool is_integer() const noexcept { return kind == Kind::integer; }
  [[nodiscard]] bool is_string() const noexcept { return kind == Kind::string; }
  [[nodiscard]] bool is_list() const noexcept { return kind == Kind::list; }
  [[nodiscard]] bool is_map() const noexcept { return kind == Kind::map; }

  // The value under `key`, or null if this is no map or has no such key.
  [[nodiscard]] const TableValue* find(std::string_view key) const noexcept;

  static TableValue of_null();
  static TableValue of(bool value);
  static TableValue of(std::int64_t value);
  static TableValue of(std::string value);
  static TableValue empty_list();
  static TableValue empty_map();
};

// Whether two trees say the same; places do not count, the order of a map's keys neither.
[[nodiscard]] bool operator==(const TableValue& left, const TableValue& right);

// The tree on one line, as messages show it: {shape: [2, 3], order: "C"}.
[[nodiscard]] std::string describe(const TableValue& value);

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
