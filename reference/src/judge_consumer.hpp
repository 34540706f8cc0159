// What the parts of the judge that look at consumers share: one call of a consumer, as our exporter and its caller saw it.
// Only for judge_consumed.cpp, judge_read.cpp and judge_hardening.cpp.
#pragma once

#include <algorithm>
#include <span>

#include "judge_parts.hpp"

namespace bufspec::judging {

using Requests = std::span<const Consumed::Request>;

// One record of a consumer's trace.
struct Seen {
  const Scenario& scenario;
  const Trace& trace;
  const Consumed& consumed;
  const Layout* layout = nullptr;  // the memory; null if it cannot exist
  Requests requests;  // those made since the record before

  [[nodiscard]] bool is_granted(int wanted = 0) const noexcept {
    return std::any_of(requests.begin(), requests.end(),
                       [&](const auto& one) { return one.granted && has(one.flags, wanted); });
  }
  [[nodiscard]] bool is_refused() const noexcept {
    return std::any_of(requests.begin(), requests.end(), [](const auto& one) { return !one.granted; });
  }
};

// Judges what a call returned as the elements of the memory.  Requires: it was compared, and a request was granted.
void judge_read(const Seen& seen, Notes& notes);

// The rule that a wrong result breaks: one, by the way in which the memory was read; elements_right where the rule for it is
// not judged.
[[nodiscard]] Rule rule_of_wrong_result(const Seen& seen, const Notes& notes);

// Whether what is wrong is the order of the elements alone, of a memory whose order nothing had promised
// [consumer.data.memory_order].
[[nodiscard]] bool follows_memory_order(const Seen& seen);

[[nodiscard]] inline Finding finding_of(const Difference& difference) {
  return {.aspect = difference.aspect, .index = difference.index, .owed = difference.owed, .found = difference.found};
}

// What was found of a wrong result, with the way in which it was read, where that is known.
[[nodiscard]] Finding wrong_result(const Consumed& consumed);

// Judges what a consumer made of an exporter that lies; nothing else is judged of it.
void judge_hardening(const Seen& seen, Notes& notes);

// Whether more than the usual number of dimensions is asked of a consumer [consumer.dimensions.up_to_64].
[[nodiscard]] inline bool has_many_dimensions(const Layout& layout) {
  return (capabilities_needed(layout) & capability::dimensions_64) != 0;
}

}  // namespace bufspec::judging
