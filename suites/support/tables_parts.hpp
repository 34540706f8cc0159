// The parts of tables_from(), one for each kind of table.  Private to tables*.cpp.
// Each takes from `tree`, one file's map, the keys that it knows, and adds to the rows and to the problems.
#pragma once

#include <string>

#include "tables.hpp"

namespace bufspec {

class RowReader;

void read_flags(const TableValue& tree, const std::string& file, LoadedTables& loaded);
void read_requests(const TableValue& tree, const std::string& file, LoadedTables& loaded);
void read_rules(const TableValue& tree, const std::string& file, LoadedTables& loaded);
void read_formats(const TableValue& tree, const std::string& file, LoadedTables& loaded);
void read_layouts(const TableValue& tree, const std::string& file, LoadedTables& loaded);

// The key `editions` of a row; every edition if it has none.
[[nodiscard]] EditionSet editions_of(RowReader& row);

// A version text such as "3.13" as PY_VERSION_HEX; 0 if the row has no such key.
[[nodiscard]] std::uint32_t version_of(RowReader& row, std::string_view key);

// Calls read(RowReader&) for each row of the list under `key`, if the tree has one.
template <typename Read>
void each_row(const TableValue& tree, std::string_view key, const std::string& file, LoadedTables& loaded,
              const Read& read);

}  // namespace bufspec

#include "row_reader.hpp"

namespace bufspec {

template <typename Read>
void each_row(const TableValue& tree, std::string_view key, const std::string& file, LoadedTables& loaded,
              const Read& read) {
  const TableValue* rows = tree.find(key);
  if (rows == nullptr) return;
  if (!rows->is_list()) {
    loaded.problems.push_back(
        {file, rows->line, rows->column, "'" + std::string(key) + "' is no list", "write a list of rows"});
    return;
  }
  for (const TableValue& row : rows->list) {
    RowReader reader(row, file, loaded.problems);
    read(reader);
  }
}

}  // namespace bufspec
