// The judge: which rules a trace keeps and which it breaks.  The front door of the reference.
// Pure: no Python, no I/O, and it never dereferences what a subject wrote.
#pragma once

#include <cstdint>
#include <vector>

#include "bufspec/layout.hpp"
#include "bufspec/rules.hpp"
#include "bufspec/scenario.hpp"
#include "bufspec/trace.hpp"
#include "bufspec/values.hpp"

namespace bufspec {

// One broken rule: at which step, and what was owed and found, as values.
struct Violation {
  Rule rule;
  std::size_t step = 0;
  Finding finding;
};

struct Judgement {
  RuleSet judged;                     // rules that this trace could have broken
  std::uint64_t readings = 0;         // bit n: reading number n of `readings` was followed
  std::vector<Violation> violations;  // in the order of the steps

  [[nodiscard]] bool clean() const noexcept { return violations.empty(); }
};

// What `trace`, the record of `scenario`, shows.
//
// While other views are held a refusal has that reason, and after an operation that may have changed the object nothing is
// known of its memory any more: both narrow what is judged.
//
// A consumer's records are snapshots; what one has told is not told again.  That a view was not released, or a reference kept, counts
// once no result is held and garbage was collected behind the last call.  Of a scenario whose exporter lies the rules of hardening
// alone are judged.
//
// A rule is in `judged` only if the edition states it, the trace has the observations it needs and the case is one to
// which it applies.  The memory is scenario.layout where there is one, else what the richest answer says.
// Bad input (a layout that cannot exist, a trace with fewer steps or with the record of another kind of step, clamped
// arrays) narrows what is judged; nothing is undefined.
// O(steps * ndim).
[[nodiscard]] Judgement judge(const Scenario& scenario, const Trace& trace);

// The memory that an answer describes: absent strides are filled in as C order.  False if the answer does not
// describe a memory (unreadable or missing shape, impossible sizes).
[[nodiscard]] bool layout_from_answer(const Answer& answer, Layout& layout);

}  // namespace bufspec
