// Requests: every flag word, and words with bits that belong to no flag (rules request.*, field.*, error.*).
#include <array>

#include "cases.hpp"

namespace bufspec::suites {

namespace {

Case request_case(int word, Edition edition) {
  Scenario scenario;
  scenario.edition = edition;
  scenario.steps = {{StepKind::acquire, 0, word}, {StepKind::release, 0, 0}};
  return {"request.word_" + word_text(word), std::move(scenario), word};
}

}  // namespace

std::vector<Case> request_cases(Edition edition) {
  std::vector<Case> cases;
  cases.reserve(flag::word_count);
  for (int word = 0; word < flag::word_count; ++word) cases.push_back(request_case(word, edition));
  return cases;
}

std::vector<Case> canonical_request_cases(const Tables& tables, Edition edition) {
  std::vector<Case> cases;
  for (const int word : tables.canonical_words()) cases.push_back(request_case(word, edition));
  return cases;
}

std::vector<Case> stray_bits_cases(Edition edition) {
  constexpr int own_bits = 0x1f0;
  std::vector<Case> cases;
  for (int word = 0; word <= own_bits + 0xf; ++word) {
    const int modifiers = flag::WRITABLE | flag::FORMAT;
    if (!has_stray_bits(word) || (word & ~(own_bits | modifiers)) != 0 || word == flag::READ) continue;
    Scenario scenario;
    scenario.edition = edition;
    for (const int one : {complete_flags(word), own_bits_completed(word), word}) {
      scenario.steps.push_back({StepKind::acquire, 0, one});
      scenario.steps.push_back({StepKind::release, 0, 0});
    }
    cases.push_back({"request.stray_" + word_text(word), std::move(scenario), word});
  }
  return cases;
}

std::vector<Case> unassigned_bits_cases(Edition edition) {
  constexpr std::array words{flag::SIMPLE, flag::ND, flag::STRIDES, flag::FULL_RO, flag::C_CONTIGUOUS, flag::CONTIG};
  constexpr std::array bits{0x002, 0x200, 0x202, 0x400, 0x10000, 0x1000000};
  std::vector<Case> cases;
  for (const int word : words) {
    for (const int bit : bits) {
      if (word == flag::SIMPLE && bit == flag::WRITE) continue;  // a reserved word, not SIMPLE with a bit
      Scenario scenario;
      scenario.edition = edition;
      // Several times, at distances that no period fits: an object may refuse now and then whatever the bits are.
      const int with = word | bit;
      for (const int one : {word, with, word, word, with, word, word, word, with, word, with}) {
        scenario.steps.push_back({StepKind::acquire, 0, one});
        scenario.steps.push_back({StepKind::release, 0, 0});
      }
      cases.push_back(
          {"request.unassigned_" + word_text(word) + "_" + word_text(bit), std::move(scenario), word | bit});
    }
  }
  return cases;
}

}  // namespace bufspec::suites
