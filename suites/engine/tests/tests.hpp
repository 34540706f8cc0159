// What the engine's tests share: the tables, and how a judgement is shown.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "bufspec/judge.hpp"
#include "tables.hpp"

namespace bufspec {

// GoogleTest shows bytes of what has no PrintTo.
inline void PrintTo(const Judgement& judgement, std::ostream* out) {
  if (judgement.clean()) *out << "no violation";
  for (const Violation& violation : judgement.violations)
    *out << "\n  step " << violation.step << ": " << rule_id(violation.rule) << ": expected " << violation.expected
         << ", found " << violation.found;
}
inline void PrintTo(Rule rule, std::ostream* out) { *out << rule_id(rule); }

}  // namespace bufspec

namespace bufspec::engine {

// The tables of BUFSPEC_SPEC_DIR (environment, else as built in), loaded before the first test.
[[nodiscard]] const Tables& tables();

}  // namespace bufspec::engine
