// Scenarios nobody thought of: does every byte string spell one, does it survive encode and decode, does making it
// smaller come to an end, and does the judge take a trace of any length?  Its bytes choose what is asked.  Needs no subject.
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "bufspec/judge.hpp"
#include "bufspec/scenario.hpp"
#include "chosen.hpp"
#include "property.hpp"

namespace {

using bufspec::Scenario;
using bufspec::fuzz::Chosen;
using bufspec::fuzz::must_hold;

// A scenario of this size cannot take more rounds; one that does goes in circles.
constexpr int most_rounds = 4096;
// One with more steps is shrunk in a hundred rounds of hundreds of candidates.
constexpr std::size_t most_steps_shrunk = 5;

void check_round_trip(const Scenario& scenario) {
  const auto bytes = bufspec::encode(scenario);
  const Scenario again = bufspec::decode(bytes);
  must_hold(bufspec::describe(again) == bufspec::describe(scenario), "a scenario survives encode and decode");
  must_hold(again.steps == scenario.steps, "the steps survive encode and decode");
  must_hold(again.layout.has_value() == scenario.layout.has_value(), "the layout survives encode and decode");
  must_hold(bufspec::encode(again) == bytes, "one scenario has one encoding");
}

void check_smaller(const Scenario& simpler) {
  if (simpler.layout)
    must_hold(bufspec::well_formed(*simpler.layout).ok(), "a smaller scenario has a well formed layout");
}

void check_shrinking(Scenario scenario) {
  int rounds = 0;
  for (auto simpler = bufspec::smaller(scenario); !simpler.empty(); simpler = bufspec::smaller(scenario)) {
    must_hold(++rounds < most_rounds, "making a scenario smaller comes to an end");
    // The last candidate is the largest, so this walk is the longest way down.
    scenario = std::move(simpler.back());
    check_smaller(scenario);
  }
}

// One round of any scenario: a candidate is made whole, and can be written down.
void check_candidate(const Scenario& scenario, Chosen& chosen) {
  const auto simpler = bufspec::smaller(scenario);
  if (simpler.empty()) return;
  const Scenario& one = simpler[chosen.one_of(simpler.size())];
  check_smaller(one);
  must_hold(bufspec::decode(bufspec::encode(one)).steps == one.steps, "a smaller scenario survives encode and decode");
}

void check_judge(const Scenario& scenario) {
  bufspec::Trace trace;
  trace.observes = bufspec::observation::all;
  must_hold(bufspec::judge(scenario, trace).clean(), "where nothing was recorded, nothing is broken");
  trace.steps.resize(scenario.steps.size());
  (void)bufspec::judge(scenario, trace);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes{data, size};
  Chosen chosen(bytes);
  const Scenario scenario = bufspec::decode(bytes);
  must_hold(scenario.steps.size() <= bufspec::max_steps, "decode bounds the number of steps");
  for (const auto& step : scenario.steps) must_hold(step.slot < bufspec::max_slots, "decode bounds the slots");
  if (scenario.layout) must_hold(bufspec::well_formed(*scenario.layout).ok(), "decode makes well formed layouts only");

  switch (chosen.one_of(8)) {
    case 0:
      if (scenario.steps.size() <= most_steps_shrunk || chosen.one_of(32) == 0) check_shrinking(scenario);
      break;
    case 1:
      check_candidate(scenario, chosen);
      break;
    case 2:
      must_hold(!bufspec::describe(scenario).empty(), "every scenario can be described");
      break;
    case 3:
    case 4:
      check_judge(scenario);
      break;
    default:
      check_round_trip(scenario);
  }
  return 0;
}
