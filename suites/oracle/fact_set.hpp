// The reference's facts about a memory in the table side's words, so that the two can be compared.
#pragma once

#include "bufspec/layout.hpp"
#include "table_side.hpp"

namespace bufspec::oracle {

// Each fact under its name in the tables; any_contiguous, which the reference has no field for, is derived.
[[nodiscard]] inline FactSet fact_set(const MemoryFacts& facts) {
  FactSet set;
  const auto put = [&](MemoryFact fact, bool holds) { set[static_cast<std::size_t>(fact)] = holds; };
  put(MemoryFact::readonly, facts.readonly);
  put(MemoryFact::c_contiguous, facts.c_contiguous);
  put(MemoryFact::f_contiguous, facts.f_contiguous);
  put(MemoryFact::any_contiguous, facts.c_contiguous || facts.f_contiguous);
  put(MemoryFact::indirect, facts.indirect);
  put(MemoryFact::zero_dim, facts.zero_dim);
  put(MemoryFact::ambiguous_empty, facts.ambiguous_empty);
  return set;
}

}  // namespace bufspec::oracle
