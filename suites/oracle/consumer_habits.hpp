// Consumers that keep every rule and differ in what they request and how long they hold it.  What the judge must find nothing
// wrong with, whatever the habit.
#pragma once

#include <optional>
#include <vector>

#include "suites/engine/reference/consumer.hpp"
#include "suites/engine/run.hpp"

namespace bufspec::oracle {

using engine::ConsumerHabit;

// Readers, keepers and fillers; the first makes a memoryview, the second holds its view.
[[nodiscard]] const std::vector<ConsumerHabit>& consumer_habits();

// The trace of a consumer's scenario; absent if its memory cannot be built.
[[nodiscard]] inline std::optional<Trace> trace_of_consumer(const Scenario& scenario, const ConsumerHabit& habit) {
  engine::ReferenceConsumerSubject subject(habit);
  Trace trace = engine::trace_of(subject, scenario);
  if (trace.observes == 0) return std::nullopt;
  return trace;
}

}  // namespace bufspec::oracle
