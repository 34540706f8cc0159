// Traces of the reference: what the judge must find nothing wrong with, and what its tests then spoil.
#pragma once

#include <optional>
#include <vector>

#include "bufspec/requests.hpp"
#include "bufspec/scenario.hpp"
#include "bufspec/trace.hpp"

namespace bufspec::engine {

// The trace of the scenario on the reference; absent if its memory cannot be built.  Scenarios without a layout are run on a
// ready-made object of layout `own`, which answers as `runtime`.
[[nodiscard]] std::optional<Trace> trace_on_reference(const Scenario& scenario,
                                                      const std::optional<Layout>& own = std::nullopt,
                                                      std::uint32_t runtime = latest_runtime);

// A scenario that acquires each word in turn and releases it at once, for memory that is declared to be of `layout`, or for a
// ready-made object.
[[nodiscard]] Scenario asking(const Layout& layout, const std::vector<int>& words, Edition edition = Edition::current,
                              bool is_declared = true);

// The answer of the reference's exporter of `layout` to `word`.  Requires: its memory can be built.
[[nodiscard]] Answer answer_of(const Layout& layout, int word, Edition edition = Edition::current,
                               std::uint32_t runtime = latest_runtime);

}  // namespace bufspec::engine
