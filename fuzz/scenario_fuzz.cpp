// Scenarios nobody thought of: does every byte string spell one, does it survive encode and decode, does making it
// smaller come to an end, and does the judge take a trace of any length?  Needs no subject.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "bufspec/judge.hpp"
#include "bufspec/scenario.hpp"
#include "property.hpp"

namespace {

using bufspec::Scenario;
using bufspec::fuzz::must_hold;

// A scenario of this size cannot take more rounds; one that does goes in circles.
constexpr int most_rounds = 4096;

void check_round_trip(const Scenario& scenario) {
  const auto bytes = bufspec::encode(scenario);
  const Scenario again = bufspec::decode(bytes);
  must_hold(bufspec::describe(again) == bufspec::describe(scenario), "a scenario survives encode and decode");
  must_hold(again.steps == scenario.steps, "the steps survive encode and decode");
  must_hold(again.layout.has_value() == scenario.layout.has_value(), "the layout survives encode and decode");
  must_hold(bufspec::encode(again) == bytes, "one scenario has one encoding");
}

void check_shrinking(Scenario scenario) {
  int rounds = 0;
  for (auto simpler = bufspec::smaller(scenario); !simpler.empty(); simpler = bufspec::smaller(scenario)) {
    must_hold(++rounds < most_rounds, "making a scenario smaller comes to an end");
    // The last candidate is the largest, so this walk is the longest way down.
    scenario = simpler.back();
    if (scenario.layout)
      must_hold(bufspec::well_formed(*scenario.layout).ok(), "a smaller scenario has a well formed layout");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Scenario scenario = bufspec::decode({data, size});
  must_hold(scenario.steps.size() <= bufspec::max_steps, "decode bounds the number of steps");
  for (const auto& step : scenario.steps) must_hold(step.slot < bufspec::max_slots, "decode bounds the slots");
  if (scenario.layout) must_hold(bufspec::well_formed(*scenario.layout).ok(), "decode makes well formed layouts only");
  must_hold(!bufspec::describe(scenario).empty(), "every scenario can be described");

  check_round_trip(scenario);
  check_shrinking(scenario);

  bufspec::Trace trace;
  trace.observes = bufspec::observation::all;
  must_hold(bufspec::judge(scenario, trace).clean(), "where nothing was recorded, nothing is broken");
  trace.steps.resize(scenario.steps.size());
  (void)bufspec::judge(scenario, trace);
  return 0;
}
