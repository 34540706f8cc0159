// From {do: NAME, ...} to what a behaviour knows: its condition and the values that its row in the table asks for.
// Says what is wrong with a value; does nothing.
#pragma once

#include "behaviours.hpp"

namespace bufspec::mutants::exporters {

// The condition under `when`; none if there is no such key.
[[nodiscard]] When when_from(RowReader& row);
// The bits of the flags that `key` lists.
[[nodiscard]] int bits_from(RowReader& row, std::string_view key);
// The fields to set, by their names in the struct.
[[nodiscard]] Edits edits_from(RowReader& row);
// The fields that `key` lists, as field_bit::*.
[[nodiscard]] unsigned fields_from(RowReader& row, std::string_view key);
// The kind of exception under `error`; BufferError if there is no such key, Error::none for "none".
[[nodiscard]] Error error_or_none_from(RowReader& row);
// The shared storage under `what`.
[[nodiscard]] Shared shared_from(RowReader& row);

}  // namespace bufspec::mutants::exporters
