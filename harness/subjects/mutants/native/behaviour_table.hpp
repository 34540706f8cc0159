// From [{do: NAME, ...}, ...] to behaviours: how exporters and consumers alike read such a list by their table of names.
// Says what is wrong with a list; does nothing.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bufspec/errors.hpp"
#include "suites/support/row_reader.hpp"

namespace bufspec::mutants {

// The behaviours that `list` describes.  `table` has a row for each name: when such a behaviour acts, how the rest of its map is
// read, and what it does.  `read_when(row, entry, behaviour)` reads the conditions.  What is wrong goes to `problems`; `schema`
// is the file that has the names.
template <typename Behaviour, typename Entry, std::size_t size, typename Machine, typename ReadWhen>
std::vector<Behaviour> behaviours_by(const Entry (&table)[size], std::string_view schema, const TableValue& list,
                                     Machine& machine, std::vector<TableProblem>& problems, const ReadWhen& read_when) {
  std::vector<Behaviour> behaviours;
  if (!list.is_list()) {
    problems.push_back({"behaviours", 0, 0, "behaviours are a list", "write [{do: NAME}]"});
    return behaviours;
  }
  for (const TableValue& value : list.list) {
    RowReader row(value, "behaviour " + std::to_string(behaviours.size() + 1), problems);
    Behaviour& behaviour = behaviours.emplace_back();
    const std::string name = row.text("do");
    const auto* entry =
        std::find_if(std::begin(table), std::end(table), [&](const Entry& one) { return one.name == name; });
    if (entry == std::end(table)) {
      row.problem(value, "unknown behaviour '" + name + "'", "one of the names in " + std::string(schema));
      continue;
    }
    behaviour.act = entry->act;
    behaviour.moment = entry->moment;
    read_when(row, *entry, behaviour);
    entry->read(row, behaviour, machine);
    row.refuse_unknown_keys();
  }
  return behaviours;
}

// The kind of exception under `error`; BufferError if there is no such key.
[[nodiscard]] Error error_from(RowReader& row);

// Whether there are none; else sets a ValueError that names each of them.
[[nodiscard]] bool raise_problems(const std::vector<TableProblem>& problems);

}  // namespace bufspec::mutants
