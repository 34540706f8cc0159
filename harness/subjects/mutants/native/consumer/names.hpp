// From the words of spec/consumer_mutants.yaml to values: flags, ways to read, results, conditions.
// Says what is wrong with a word; does nothing.
#pragma once

#include "behaviours.hpp"

namespace bufspec::mutants::consumers {

// The request word that a text such as "STRIDES|WRITABLE" spells.
[[nodiscard]] int word_from(RowReader& row, const std::string& text);
// The bits of the ways that the key `how` lists, misread::* or misparse::*.
[[nodiscard]] unsigned misread_from(RowReader& row);
[[nodiscard]] unsigned misparse_from(RowReader& row);
// What stands under `as`, `what`, `holds` and `cycle`.
[[nodiscard]] ReadAs read_as_from(RowReader& row);
[[nodiscard]] Returns returns_from(RowReader& row);
[[nodiscard]] Holds holds_from(RowReader& row);
[[nodiscard]] Cycle cycle_from(RowReader& row);
// The conditions under `when`.
void read_conditions(RowReader& row, Behaviour& behaviour);

}  // namespace bufspec::mutants::consumers
