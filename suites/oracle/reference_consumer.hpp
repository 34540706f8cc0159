// Traces of consumers that keep every rule, each with habits of its own, over an exporter that refuses what the scenario
// says.  What the judge must find nothing wrong with, whatever the habit.
#pragma once

#include <vector>

#include "bufspec/flags.hpp"
#include "bufspec/scenario.hpp"
#include "bufspec/trace.hpp"

namespace bufspec::oracle {

struct ConsumerHabit {
  const char* name = "asks for everything";
  std::vector<int> words{flag::FULL_RO};  // asked in turn until one is granted
  ConsumerKind kind = ConsumerKind::reads;
  bool holds_view = false;  // as long as its result lives
  bool has_fallback = false;  // it returns something else where all was refused
};

// Readers, keepers and fillers that differ in what they ask for and how long they hold it.
[[nodiscard]] const std::vector<ConsumerHabit>& consumer_habits();

// The trace of a consumer's scenario; false (and an incomplete trace) if its memory cannot be built.  Repeats are cut short.
[[nodiscard]] bool run_consumer(const Scenario& scenario, const ConsumerHabit& habit, Trace& trace);

}  // namespace bufspec::oracle
