// RapidCheck generators of what the oracle tries: flag words, layouts, formats, scenarios.
// Beside the tests of properties the only file that knows RapidCheck.  Everything shrinks: to fewer dimensions, smaller
// extents, shorter formats.
#pragma once

#include <rapidcheck.h>

#include <optional>

#include "bufspec/scenario.hpp"
#include "table_side.hpp"

namespace bufspec {

// A flag word: mostly one of the low ten bits, sometimes any int.
[[nodiscard]] rc::Gen<int> flag_words();

// A well-formed layout of up to four dimensions and a few hundred elements, direct or indirect, of any simple format; the elements do
// not share memory where `distinct` is set.
[[nodiscard]] rc::Gen<Layout> layouts(bool distinct = false);

// The same without suboffsets.
[[nodiscard]] rc::Gen<Layout> direct_layouts(bool distinct = false);

// A scenario, by decoding bytes: whatever decode() can give.
[[nodiscard]] rc::Gen<Scenario> scenarios();

// A sequence of up to 40 steps on an exporter: requests into free slots, of whatever flags but mostly such as are granted,
// reads, writes and releases of held views in any order, operations below `operations`, garbage collection, re-entry,
// repeats of a few times, and at most one giving up of the object, behind which there are no more requests.  Shrinks to fewer steps.
[[nodiscard]] rc::Gen<Scenario> sequences(int operations, std::optional<Layout> layout = std::nullopt);

// A format of the grammar of PEP 3118: every code, order, count, sub-array, pointer and structure, sometimes with an
// order where it may not stand.  Keeps pointers into `tables`.
[[nodiscard]] rc::Gen<FormatTree> format_trees(const Tables& tables);

// A format of codes, counts and one order in front: the grammar of struct, and codes that it refuses.
[[nodiscard]] rc::Gen<FormatTree> struct_format_trees(const Tables& tables);

void showValue(const Layout& layout, std::ostream& out);
void showValue(const Scenario& scenario, std::ostream& out);
void showValue(const FormatTree& tree, std::ostream& out);

}  // namespace bufspec
