// Which rules can be judged at all: those that the edition states, on what the adapter observes.
#include <array>

#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

constexpr std::size_t observation_count = 10;
static_assert((1U << observation_count) - 1 == observation::all);

// The columns of rules.def, sorted by what is asked of them for every trace.
struct Sorted {
  RuleSet of_2010;
  RuleSet of_today;
  std::array<RuleSet, observation_count> needing;  // by number of the observation

  Sorted() noexcept {
    for (std::size_t i = 0; i < rule_count; ++i) {
      const auto rule = static_cast<Rule>(i);
      of_2010.set(i, is_stated(rule, Edition::founding_2010));
      of_today.set(i, is_stated(rule, Edition::current));
      for (std::size_t bit = 0; bit < observation_count; ++bit)
        needing[bit].set(i, (observations_needed(rule) >> bit & 1) != 0);
    }
  }
};

}  // namespace

RuleSet judgeable_rules(unsigned observes, Edition edition) noexcept {
  static const Sorted sorted;
  RuleSet rules = edition == Edition::founding_2010 ? sorted.of_2010 : sorted.of_today;
  for (std::size_t bit = 0; bit < observation_count; ++bit)
    if ((observes >> bit & 1) == 0) rules &= ~sorted.needing[bit];
  return rules;
}

}  // namespace bufspec::judging
