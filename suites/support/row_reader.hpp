// Reads one row of a table by key, and remembers what it did not understand.
// Private to tables*.cpp.  A wrong value becomes a problem and a default, so one pass finds them all.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "table_value.hpp"

namespace bufspec {

class RowReader {
 public:
  RowReader(const TableValue& row, std::string file, std::vector<TableProblem>& problems)
      : row_(row), file_(std::move(file)), problems_(problems) {
    if (!row.is_map())
      problem(row, "a row must be a map, not " + std::string(kind_name(row.kind)), "write {key: value, ...}");
  }

  // The value under `key`, or null.
  const TableValue* optional(std::string_view key) {
    known_.push_back(key);
    return row_.find(key);
  }

  // The value under `key` if it is of `kind`; a missing or other one is a problem if `needed`.
  const TableValue* of_kind(std::string_view key, TableValue::Kind kind, bool needed) {
    const TableValue* value = optional(key);
    if (value == nullptr) {
      if (needed && row_.is_map())
        problem(row_, "no key '" + std::string(key) + "'", "give it " + std::string(kind_name(kind)));
      return nullptr;
    }
    if (value->kind == kind) return value;
    problem(*value, "'" + std::string(key) + "' is " + std::string(kind_name(value->kind)),
            "write " + std::string(kind_name(kind)));
    return nullptr;
  }

  std::string text(std::string_view key, bool needed = true) {
    const TableValue* value = of_kind(key, TableValue::Kind::string, needed);
    return value ? value->string : std::string();
  }

  std::int64_t number(std::string_view key, bool needed = true, std::int64_t otherwise = 0) {
    const TableValue* value = of_kind(key, TableValue::Kind::integer, needed);
    return value ? value->integer : otherwise;
  }

  bool flag(std::string_view key, bool needed = true, bool otherwise = false) {
    const TableValue* value = of_kind(key, TableValue::Kind::boolean, needed);
    return value ? value->boolean : otherwise;
  }

  std::vector<std::string> texts(std::string_view key, bool needed = true) {
    std::vector<std::string> made;
    each(key, TableValue::Kind::string, needed, [&](const TableValue& item) { made.push_back(item.string); });
    return made;
  }

  std::vector<std::int64_t> numbers(std::string_view key, bool needed = true) {
    std::vector<std::int64_t> made;
    each(key, TableValue::Kind::integer, needed, [&](const TableValue& item) { made.push_back(item.integer); });
    return made;
  }

  std::vector<bool> flags(std::string_view key, bool needed = true) {
    std::vector<bool> made;
    each(key, TableValue::Kind::boolean, needed, [&](const TableValue& item) { made.push_back(item.boolean); });
    return made;
  }

  // Keys that somebody else reads.
  void skip(std::initializer_list<std::string_view> keys) { known_.insert(known_.end(), keys); }

  // A key that nobody asked for is a problem: misspelt, it would silently change the row's meaning.
  void refuse_unknown_keys() {
    for (const auto& [key, value] : row_.map)
      if (std::find(known_.begin(), known_.end(), key) == known_.end())
        problem(value, "unknown key '" + key + "'", "remove it, or mend its spelling");
  }

  void problem(const TableValue& at, std::string message, std::string hint) {
    problems_.push_back({file_, at.line, at.column, std::move(message), std::move(hint)});
  }

  [[nodiscard]] const TableValue& row() const noexcept { return row_; }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] std::vector<TableProblem>& problems() const noexcept { return problems_; }

 private:
  template <typename Take>
  void each(std::string_view key, TableValue::Kind kind, bool needed, const Take& take) {
    const TableValue* list = of_kind(key, TableValue::Kind::list, needed);
    if (list == nullptr) return;
    for (const TableValue& item : list->list) {
      if (item.kind == kind)
        take(item);
      else
        problem(item, "'" + std::string(key) + "' has " + std::string(kind_name(item.kind)) + " in it",
                "write a list of " + std::string(kind_name(kind)).substr(kind_name(kind).find(' ') + 1) + "s");
    }
  }

  const TableValue& row_;
  std::string file_;
  std::vector<TableProblem>& problems_;
  std::vector<std::string_view> known_;
};

// The enumerator that `text` names; a problem and `otherwise` if there is none.
template <typename Enumerator>
Enumerator enumerator_from(RowReader& row, const TableValue& value, std::string_view what,
                           std::initializer_list<std::pair<std::string_view, Enumerator>> names, Enumerator otherwise) {
  std::string known;
  for (const auto& [name, enumerator] : names) {
    if (value.is_string() && value.string == name) return enumerator;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  row.problem(value, "unknown " + std::string(what) + ' ' + describe(value), "one of: " + known);
  return otherwise;
}

}  // namespace bufspec
