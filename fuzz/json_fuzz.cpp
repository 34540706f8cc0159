// Texts that a peer may send: is every one read as a scenario or a trace exactly, or refused within its bounds, and does the
// judge take whatever was read?  Needs no subject.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bufspec/judge.hpp"
#include "property.hpp"
#include "suites/engine/json/encoding.hpp"

namespace {

using bufspec::fuzz::must_hold;
namespace json = bufspec::json;

void check_fault(const json::Fault& fault, std::size_t size) {
  must_hold(fault.offset <= size, "a fault is inside the text");
  must_hold(!fault.expected.empty(), "a fault says what had to stand there");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  json::Fault fault;
  const auto scenario = json::scenario_from(text, fault);
  if (scenario) {
    const auto again = json::scenario_from(json::text_of(*scenario), fault);
    must_hold(again && *again == *scenario, "a scenario that was read survives its text");
    must_hold(!bufspec::describe(*scenario).empty(), "a scenario that was read can be described");
  } else {
    check_fault(fault, size);
  }
  const auto trace = json::trace_from(text, fault);
  if (trace) {
    const std::string spelled = json::text_of(*trace);
    const auto again = json::trace_from(spelled, fault);
    must_hold(again && json::text_of(*again) == spelled, "a trace that was read survives its text");
    bufspec::Scenario tried;
    tried.steps.resize(trace->steps.size());
    (void)bufspec::judge(tried, *trace);
  } else {
    check_fault(fault, size);
  }
  return 0;
}
