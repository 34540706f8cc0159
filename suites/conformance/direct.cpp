// Direct: requests through the type's own slot, where PyObject_GetBuffer adds and hides nothing
// (rules request.*, field.*, error.*).
#include <utility>

#include "cases.hpp"

namespace bufspec::suites {

namespace {

Case direct_case(std::string id, int word, Edition edition) {
  Scenario scenario;
  scenario.edition = edition;
  scenario.steps = {{StepKind::acquire_direct, 0, word}, {StepKind::release, 0, 0}};
  return {std::move(id), std::move(scenario), word};
}

}  // namespace

std::vector<Case> direct_cases(const Tables& tables, Edition edition) {
  std::vector<Case> cases;
  for (const int word : tables.canonical_words())
    cases.push_back(direct_case("direct.word_" + word_text(word), word, edition));
  return cases;
}

std::vector<Case> direct_reserved_cases(Edition edition) {
  std::vector<Case> cases;
  for (const int word : {flag::READ, flag::WRITE})
    cases.push_back(direct_case("direct.reserved_" + word_text(word), word, edition));
  return cases;
}

}  // namespace bufspec::suites
