// Leaks: one request, granted or refused, made and given back very often (rules lifetime.release.*, error.refusal.*).
#include "cases.hpp"

namespace bufspec::suites {

namespace {

constexpr int pairs = 100000;

}  // namespace

std::vector<Case> leak_cases(Edition edition) {
  std::vector<Case> cases;
  // Between them they are granted and refused by every kind of memory.
  for (const int word : {flag::SIMPLE, flag::WRITABLE, flag::FORMAT, flag::ND, flag::STRIDES,
                         flag::C_CONTIGUOUS | flag::FORMAT, flag::F_CONTIGUOUS, flag::FULL_RO, flag::FULL,
                         flag::ANY_CONTIGUOUS, flag::CONTIG, flag::RECORDS, flag::INDIRECT, flag::ND | flag::FORMAT,
                         flag::ANY_CONTIGUOUS | flag::FORMAT, flag::C_CONTIGUOUS | flag::FORMAT | flag::WRITABLE}) {
    Scenario scenario;
    scenario.edition = edition;
    scenario.steps = {{StepKind::repeat, 0, word, pairs}};
    cases.push_back({"leak.word_" + word_text(word), std::move(scenario), word});
  }
  // Beside a view that is held: what is kept of each, or of the refusal of a second one.
  for (const int word : {flag::SIMPLE, flag::FULL_RO}) {
    Scenario scenario;
    scenario.edition = edition;
    scenario.steps = {
        {StepKind::acquire, 1, flag::FULL_RO}, {StepKind::repeat, 0, word, pairs}, {StepKind::release, 1}};
    cases.push_back({"leak.beside_a_view_" + word_text(word), std::move(scenario), word});
  }
  return cases;
}

}  // namespace bufspec::suites
