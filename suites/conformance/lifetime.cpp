// Lifetime: several views at once, released in every order and through copies of their structs; what outlives the
// last reference to the object (rules lifetime.*, field.obj.*).
#include <algorithm>
#include <array>
#include <utility>

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

constexpr std::array eight_words{flag::SIMPLE, flag::FULL_RO,  flag::ND,         flag::STRIDES,
                                 flag::SIMPLE, flag::WRITABLE, flag::RECORDS_RO, flag::FULL_RO};
static_assert(eight_words.size() == max_slots);

constexpr Step acquire(int slot, int word) { return {StepKind::acquire, static_cast<std::uint8_t>(slot), word}; }
constexpr Step at(StepKind kind, int slot) { return {kind, static_cast<std::uint8_t>(slot), 0}; }

class Cases {
 public:
  explicit Cases(Edition edition) : edition_(edition) {}

  void add(std::string id, std::vector<Step> steps, int about = -1) {
    Scenario scenario;
    scenario.edition = edition_;
    scenario.steps = std::move(steps);
    cases_.push_back({std::move(id), std::move(scenario), about});
  }
  std::vector<Case> take() { return std::move(cases_); }

 private:
  Edition edition_;
  std::vector<Case> cases_;
};

void add_pairs(Cases& cases) {
  for (const Pair& pair : pairs)
    for (const bool in_order : {true, false}) {
      const int first = in_order ? 0 : 1;
      cases.add(std::string("lifetime.") + pair.name + (in_order ? "_in_order" : "_reversed"),
                {acquire(0, pair.first), acquire(1, pair.second), at(StepKind::release, first),
                 at(StepKind::read, 1 - first), at(StepKind::release, 1 - first)});
    }
}

void add_three_views(Cases& cases) {
  std::array order{0, 1, 2};
  do {
    std::vector<Step> steps{acquire(0, flag::FULL_RO), acquire(1, flag::SIMPLE), acquire(2, flag::STRIDES)};
    std::string name;
    for (std::size_t n = 0; n < order.size(); ++n) {
      steps.push_back(at(StepKind::release, order[n]));
      for (std::size_t later = n + 1; later < order.size(); ++later) steps.push_back(at(StepKind::read, order[later]));
      name += static_cast<char>('0' + order[n]);
    }
    cases.add("lifetime.three_released_" + name, std::move(steps));
  } while (std::next_permutation(order.begin(), order.end()));
}

void add_eight_views(Cases& cases) {
  for (const bool in_order : {true, false}) {
    std::vector<Step> steps;
    steps.reserve(std::size_t{3} * max_slots);
    for (int slot = 0; slot < max_slots; ++slot)
      steps.push_back(acquire(slot, eight_words[static_cast<std::size_t>(slot)]));
    for (int slot = 0; slot < max_slots; ++slot) steps.push_back(at(StepKind::read, slot));
    for (int n = 0; n < max_slots; ++n) steps.push_back(at(StepKind::release, in_order ? n : max_slots - 1 - n));
    cases.add(std::string("lifetime.eight_views_") + (in_order ? "in_order" : "reversed"), std::move(steps));
  }
}

}  // namespace

std::vector<Case> lifetime_cases(const Tables& tables, Edition edition) {
  Cases cases(edition);
  add_pairs(cases);
  add_three_views(cases);
  add_eight_views(cases);
  for (const int word : tables.canonical_words())
    cases.add("lifetime.through_copy_" + word_text(word), {acquire(0, word), at(StepKind::release_copy, 0)}, word);
  for (const int word : {flag::FULL_RO, flag::SIMPLE, flag::WRITABLE, flag::F_CONTIGUOUS})
    cases.add("lifetime.released_while_raising_" + word_text(word),
              {acquire(0, word), at(StepKind::release_raising, 0)}, word);
  cases.add("lifetime.copy_released_beside_another",
            {acquire(0, flag::FULL_RO), acquire(1, flag::SIMPLE), at(StepKind::release_copy, 0), at(StepKind::read, 1),
             at(StepKind::release, 1)});
  for (const int word : {flag::FULL_RO, flag::SIMPLE, flag::WRITABLE})
    cases.add("lifetime.collect_while_held_" + word_text(word),
              {acquire(0, word), at(StepKind::collect, 0), at(StepKind::read, 0), at(StepKind::release, 0)}, word);
  // Words that many refuse: a refusal leaves the view that is held alone.
  for (const int word : {flag::WRITABLE, flag::FORMAT, flag::F_CONTIGUOUS, flag::C_CONTIGUOUS, flag::FULL})
    cases.add("lifetime.asked_while_held_" + word_text(word),
              {acquire(0, flag::FULL_RO), acquire(1, word), at(StepKind::read, 0), at(StepKind::release, 1),
               at(StepKind::read, 0), at(StepKind::release, 0)},
              word);
  return cases.take();
}

std::vector<Case> first_request_cases(const Tables& tables, Edition edition) {
  Cases cases(edition);
  for (const int word : tables.canonical_words())
    cases.add("first.word_" + word_text(word),
              {at(StepKind::drop, 0), acquire(0, word), at(StepKind::read, 0), acquire(1, flag::FULL_RO),
               at(StepKind::read, 0), at(StepKind::release, 0), at(StepKind::release, 1)},
              word);
  return cases.take();
}

std::vector<Case> drop_cases(Edition edition) {
  Cases cases(edition);
  for (const int word : {flag::FULL_RO, flag::SIMPLE, flag::WRITABLE, flag::ND, flag::STRIDES})
    cases.add("drop.while_held_" + word_text(word),
              {acquire(0, word), at(StepKind::drop, 0), at(StepKind::read, 0), at(StepKind::release, 0)}, word);
  cases.add("drop.and_collect", {acquire(0, flag::FULL_RO), at(StepKind::drop, 0), at(StepKind::collect, 0),
                                 at(StepKind::read, 0), at(StepKind::release, 0)});
  cases.add("drop.two_views", {acquire(0, flag::FULL_RO), acquire(1, flag::SIMPLE), at(StepKind::drop, 0),
                               at(StepKind::release, 0), at(StepKind::read, 1), at(StepKind::release, 1)});
  cases.add("drop.through_copy",
            {acquire(0, flag::FULL_RO), at(StepKind::drop, 0), at(StepKind::read, 0), at(StepKind::release_copy, 0)});
  return cases.take();
}

}  // namespace bufspec::suites
