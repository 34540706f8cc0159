// What did a scenario come to, in so coarse a way that what is new can be told from what is like the rest?
// A bucket is a number: of a step with its answer, of a step after the ones before it, or of the way that the subject's own
// code took.  Nothing here judges.
#pragma once

#include <cstdint>
#include <vector>

#include "bufspec/scenario.hpp"
#include "bufspec/trace.hpp"
#include "coverage.hpp"

namespace bufspec::campaign {

inline constexpr std::uint32_t bucket_count = 1U << 17;

// A bucket, and the step at which the scenario came to it.
struct Bucket {
  std::uint32_t number;
  std::uint32_t step;
  bool is_of_code;  // the subject's own, not of its answers
};

// Puts the buckets that `trace`, the record of `scenario`, falls into in `found`.  One may be there several times.
void buckets_of(const Scenario& scenario, const Trace& trace, const Coverage& coverage, std::vector<Bucket>& found);

// What findings have in common that are the same to a reader: the rule, and the kind of the step with the class of what it
// asked.
[[nodiscard]] std::uint64_t likeness_of(Rule rule, const Step& step) noexcept;

}  // namespace bufspec::campaign
