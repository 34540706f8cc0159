// Data: the memory looked at again while its view is held, and written through one view and seen in the others
// (rules field.buf.*, field.readonly.truthful, layout.bounds.*, lifetime.export.*).
#include <utility>

#include "cases.hpp"

namespace bufspec::suites {

namespace {

struct Pair {
  const char* name;
  int first;
  int second;
};

// Two views that may both be written.
constexpr Pair written_pairs[]{
    {"full_and_simple", flag::FULL, flag::WRITABLE},   {"full_twice", flag::FULL, flag::FULL},
    {"simple_twice", flag::WRITABLE, flag::WRITABLE},  {"records_and_strided", flag::RECORDS, flag::STRIDED},
    {"contiguous_and_full", flag::CONTIG, flag::FULL},
};

// A view that asked for no writing is held when one that does is acquired.
constexpr Pair mixed_pairs[]{
    {"full", flag::FULL_RO, flag::FULL},
    {"simple", flag::SIMPLE, flag::WRITABLE},
    {"strided", flag::STRIDED_RO, flag::RECORDS},
};

Case pair_case(std::string id, const Pair& pair, Edition edition) {
  Scenario scenario;
  scenario.edition = edition;
  scenario.steps = {{StepKind::acquire, 0, pair.first},
                    {StepKind::acquire, 1, pair.second},
                    {StepKind::write, 1, 0},
                    {StepKind::read, 0, 0},
                    {StepKind::write, 0, 0},
                    {StepKind::read, 1, 0},
                    {StepKind::release, 0, 0},
                    {StepKind::read, 1, 0},
                    {StepKind::release, 1, 0}};
  return {std::move(id), std::move(scenario)};
}

}  // namespace

std::vector<Case> data_cases(const Tables& tables, Edition edition) {
  std::vector<Case> cases;
  for (const int word : tables.canonical_words()) {
    Scenario scenario;
    scenario.edition = edition;
    scenario.steps = {{StepKind::acquire, 0, word}, {StepKind::read, 0, 0}, {StepKind::release, 0, 0}};
    cases.push_back({"data.read_" + word_text(word), scenario, word});
    if (!has(word, flag::WRITABLE)) continue;
    scenario.steps.insert(scenario.steps.begin() + 1, {StepKind::write, 0, 0});
    cases.push_back({"data.write_" + word_text(word), std::move(scenario), word});
  }
  for (const Pair& pair : written_pairs)
    cases.push_back(pair_case(std::string("data.write_") + pair.name, pair, edition));
  for (const Pair& pair : mixed_pairs)
    cases.push_back(pair_case(std::string("data.write_beside_") + pair.name, pair, edition));
  return cases;
}

}  // namespace bufspec::suites
