// Lifetime: several views at once, released in both orders (rules lifetime.*, field.obj.*).
#include "cases.hpp"

namespace bufspec::suites {

namespace {

struct Pair {
  const char* name;
  int first;
  int second;
};

constexpr Pair pairs[]{
    {"full_and_simple", flag::FULL_RO, flag::SIMPLE},
    {"full_twice", flag::FULL_RO, flag::FULL_RO},
    {"simple_twice", flag::SIMPLE, flag::SIMPLE},
    {"strided_and_nd", flag::STRIDED_RO, flag::ND},
    {"c_and_fortran", flag::C_CONTIGUOUS, flag::F_CONTIGUOUS},
};

}  // namespace

std::vector<Case> lifetime_cases(Edition edition) {
  std::vector<Case> cases;
  for (const Pair& pair : pairs) {
    for (const bool first_in_first_out : {true, false}) {
      Scenario scenario;
      scenario.edition = edition;
      scenario.steps = {{StepKind::acquire, 0, pair.first},
                        {StepKind::acquire, 1, pair.second},
                        {StepKind::release, static_cast<std::uint8_t>(first_in_first_out ? 0 : 1), 0},
                        {StepKind::release, static_cast<std::uint8_t>(first_in_first_out ? 1 : 0), 0}};
      cases.push_back({std::string("lifetime.") + pair.name + (first_in_first_out ? "_in_order" : "_reversed"),
                       std::move(scenario)});
    }
  }
  return cases;
}

std::vector<Case> exporter_cases(Edition edition) {
  std::vector<Case> cases = request_cases(edition);
  for (auto more : {stray_bits_cases(edition), unassigned_bits_cases(edition), lifetime_cases(edition)})
    cases.insert(cases.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return cases;
}

}  // namespace bufspec::suites
