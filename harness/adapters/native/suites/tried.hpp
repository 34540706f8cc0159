// One scenario on a subject of a library, here or in a process of its own: which rules are broken, or how the process ended.
#pragma once

#include <string>

#include "bufspec/scenario.hpp"
#include "harness/adapters/native/library.hpp"

namespace bufspec::native {

// How scenarios are run.
struct Isolation {
  bool is_wanted = false;
  unsigned timeout = 0;  // seconds; 0: any
};

struct Tried {
  bool is_run = false;  // false: the subject cannot run such a scenario
  std::string broken;  // what is wrong, in lines; empty if nothing
};

// Each on a new subject, so that the order of the tests means nothing.
[[nodiscard]] Tried try_scenario(const Described& described, const Scenario& scenario, Isolation isolation);

// The simplest scenario, of those that are reached by dropping one thing after another, that is still broken.
[[nodiscard]] Scenario simplest(const Described& described, Scenario scenario, Isolation isolation);

}  // namespace bufspec::native
