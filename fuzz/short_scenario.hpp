// Which part of a scenario is run when thousands are run each second?  Threads are left out, repetitions are few.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "bufspec/scenario.hpp"

namespace bufspec::fuzz {

inline void shorten(Scenario& scenario) {
  constexpr int most_repetitions = 3;
  constexpr std::size_t most_run = 24;
  if (scenario.steps.size() > most_run) scenario.steps.resize(most_run);
  std::erase_if(scenario.steps, [](const Step& step) { return step.kind == StepKind::threads; });
  for (Step& step : scenario.steps) step.count = std::min(step.count, most_repetitions);
}

}  // namespace bufspec::fuzz
