// The call whose counterpart are all requests to a memoryview: every word of flags, each answer held against the reference's.
#include "calls.hpp"
#include "harness/adapters/cpython/runtime/comparison/report.hpp"

namespace bufspec::cpython {

namespace {

// One answer stands for all words: how many were compared, how many differ, and the first that does.
TableValue requests(const TableValue& given) {
  const Layout layout = layout_in(given);
  Exporter exporter;
  build_memory(exporter, layout);
  ComparisonReport report;
  if (!compare_memoryview(exporter, layout, report)) return raised_error();
  return Found()
      .put("compared", static_cast<ssize>(report.comparisons()))
      .put("differing", static_cast<ssize>(report.disagreements()))
      .put("first", TableValue::of(report.first_disagreement()))
      .value();
}

constexpr CaseCall calls[]{{"memoryview_requests", requests}};

}  // namespace

std::span<const CaseCall> request_calls() noexcept { return calls; }

}  // namespace bufspec::cpython
