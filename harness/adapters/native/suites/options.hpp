// What does the command line of bufspec-suites ask for, beside what GoogleTest takes from it?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bufspec/flags.hpp"

namespace bufspec::native {

struct SuiteOptions {
  std::vector<std::string> libraries;
  Edition edition = Edition::current;
  std::uint64_t seed = 3118;
  bool isolates = false;
  unsigned timeout = 10;  // seconds that one case may take where cases are isolated; 0: any
  std::string problem;  // what is wrong with the command line; empty if nothing
  bool wants_help = false;
};

extern const char* const suites_usage;

// Takes our options out of the arguments, and leaves GoogleTest's.
[[nodiscard]] SuiteOptions take_options(int& argc, char** argv);

}  // namespace bufspec::native
