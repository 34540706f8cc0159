// Traces of the reference itself: its exporter asked, a careful consumer and its functions tried.
// What the judge must find nothing wrong with, and what its tests then spoil.
#pragma once

#include "bufspec/exporter.hpp"
#include "bufspec/scenario.hpp"
#include "bufspec/trace.hpp"

namespace bufspec::oracle {

// The answer of `exporter` to `word`, nothing left held.
[[nodiscard]] Answer answer_of(Exporter& exporter, int word, Edition edition, std::uint32_t runtime = latest_runtime);

// The trace of the scenario on the reference.  Without a layout the exporter is one of `otherwise`.
// False (and an incomplete trace) if its memory cannot be built.
[[nodiscard]] bool run_on_reference(const Scenario& scenario, const Layout& otherwise, Trace& trace);

// A scenario that acquires each word in turn and releases it at once.
[[nodiscard]] Scenario asking(const Layout& layout, const std::vector<int>& words, Edition edition);

}  // namespace bufspec::oracle
