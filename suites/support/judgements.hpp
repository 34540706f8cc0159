// How tests show what a judge said: the rules that are broken, and a judgement in words.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "bufspec/judge.hpp"

namespace bufspec {

using Rules = std::vector<Rule>;

// The rules of the violations, in their order.
[[nodiscard]] inline Rules broken(const Judgement& judgement) {
  Rules rules;
  rules.reserve(judgement.violations.size());
  for (const Violation& violation : judgement.violations) rules.push_back(violation.rule);
  return rules;
}

// "field.len.product, field.shape.same_for_all", or "nothing".
[[nodiscard]] inline std::string describe(const Rules& rules) {
  std::string text;
  for (const Rule rule : rules) text += (text.empty() ? "" : ", ") + std::string(rule_id(rule));
  return text.empty() ? "nothing" : text;
}

// "field.len.product: value, field len, owed 24, found 20".
[[nodiscard]] inline std::string describe(const Violation& violation) {
  return std::string(rule_id(violation.rule)) + ": " + describe(violation.finding);
}

[[nodiscard]] inline std::string describe(const Judgement& judgement) {
  std::string text;
  for (const Violation& violation : judgement.violations)
    text += "\n  step " + std::to_string(violation.step) + ": " + describe(violation);
  return text.empty() ? "no violation" : text;
}

// GoogleTest shows bytes of what has no PrintTo.
inline void PrintTo(const Judgement& judgement, std::ostream* out) { *out << describe(judgement); }
inline void PrintTo(const Finding& finding, std::ostream* out) { *out << describe(finding); }
inline void PrintTo(Rule rule, std::ostream* out) { *out << rule_id(rule); }

}  // namespace bufspec
