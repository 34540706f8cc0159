// Threads: one object asked, read and given back by several at once (rules lifetime.*).
#include "cases.hpp"

namespace bufspec::suites {

namespace {

constexpr int rounds = 300;

}  // namespace

std::vector<Case> threads_cases(Edition edition) {
  std::vector<Case> cases;
  for (const int word : {flag::SIMPLE, flag::STRIDES, flag::FULL_RO}) {
    Scenario scenario;
    scenario.edition = edition;
    scenario.steps = {{StepKind::threads, 0, word, rounds}};
    cases.push_back({"threads.word_" + word_text(word), scenario, word});
    scenario.steps = {{StepKind::acquire, 0, flag::FULL_RO},
                      {StepKind::threads, 0, word, rounds},
                      {StepKind::read, 0, 0},
                      {StepKind::release, 0, 0}};
    cases.push_back({"threads.while_held_" + word_text(word), std::move(scenario), word});
  }
  return cases;
}

}  // namespace bufspec::suites
