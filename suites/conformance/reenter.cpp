// Re-entry: a request from inside another use of the same object (rules lifetime.*, field.*).
#include "cases.hpp"

namespace bufspec::suites {

std::vector<Case> reenter_cases(Edition edition) {
  std::vector<Case> cases;
  for (const int word : {flag::SIMPLE, flag::WRITABLE, flag::STRIDES, flag::FULL_RO}) {
    Scenario scenario;
    scenario.edition = edition;
    scenario.steps = {{StepKind::reenter, 0, word}};
    cases.push_back({"reenter.word_" + word_text(word), scenario, word});
    // The same while a view is held, which it must leave alone.
    scenario.steps = {{StepKind::acquire, 0, flag::FULL_RO},
                      {StepKind::reenter, 0, word},
                      {StepKind::read, 0, 0},
                      {StepKind::release, 0, 0}};
    cases.push_back({"reenter.while_held_" + word_text(word), std::move(scenario), word});
  }
  return cases;
}

}  // namespace bufspec::suites
