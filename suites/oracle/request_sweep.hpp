// Asks the reference exporter every flag word on every layout of a bound, and compares with what the rows say.
// Used by the test, which wants the differences, and by the benchmark, which wants the speed.
#pragma once

#include <string>

#include "oracle.hpp"
#include "table_side.hpp"

namespace bufspec::oracle {

struct SweepResult {
  std::size_t layouts = 0;
  std::size_t comparisons = 0;
  std::size_t granted = 0;
  Disagreements disagreements;
};

// Every layout of `sweep` times its flag words, in one edition and for one runtime.  A layout that cannot be built is a
// disagreement.  One exporter is used for all; nothing but its building allocates.
[[nodiscard]] SweepResult sweep_requests(const RequestTable& table, const SweepRow& sweep, Edition edition,
                                         std::uint32_t runtime);

// The same words on one layout.
void compare_requests(const RequestTable& table, const Layout& layout, Edition edition, std::uint32_t runtime,
                      SweepResult& result);

}  // namespace bufspec::oracle
