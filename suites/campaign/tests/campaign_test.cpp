// Does a campaign try the same for the same seed, find nothing in what keeps every rule, and find what is hidden behind a
// few steps sooner when it keeps what came to something new?
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "fixture.hpp"

namespace bufspec::campaign {

namespace {

TEST(Campaign, TriesTheSameForTheSameSeed) {
  Fixture one;
  Fixture other;
  Fixture third;
  Spoilt subject;
  ASSERT_TRUE(one.explore(subject, options(7, 400)));
  ASSERT_TRUE(other.explore(subject, options(7, 400)));
  ASSERT_TRUE(third.explore(subject, options(8, 400)));
  EXPECT_EQ(one.state.totals().steps, other.state.totals().steps);
  EXPECT_EQ(one.state.totals().buckets, other.state.totals().buckets);
  EXPECT_EQ(std::memcmp(one.state_memory->corpus, other.state_memory->corpus, most_kept_bytes), 0);
  EXPECT_NE(one.state.totals().steps, third.state.totals().steps);
}

TEST(Campaign, GoesOnWhereItWas) {
  Fixture whole;
  Fixture pieces;
  Spoilt subject;
  ASSERT_TRUE(whole.explore(subject, options(7, 600)));
  for (const std::uint64_t until : {100U, 101U, 350U, 600U}) ASSERT_TRUE(pieces.explore(subject, options(7, until)));
  EXPECT_EQ(pieces.state.totals().executions, 600U);
  EXPECT_EQ(whole.state.totals().steps, pieces.state.totals().steps);
  EXPECT_EQ(std::memcmp(whole.state_memory->seen, pieces.state_memory->seen, sizeof whole.state_memory->seen), 0);
}

TEST(Campaign, FindsNothingInWhatKeepsEveryRule) {
  for (const bool guided : {true, false}) {
    Fixture fixture;
    Spoilt subject;
    ASSERT_TRUE(fixture.explore(subject, options(3, 1000, guided)));
    EXPECT_GT(fixture.state.totals().steps, 10000U);
    for (const auto& one : fixture.found)
      ADD_FAILURE() << rule_id(one.rule) << " in " << describe(decode(one.scenario));
  }
}

TEST(Campaign, TriesWhatItsBytesSpell) {
  Numbers numbers(5);
  Vocabulary vocabulary;
  vocabulary.builds = true;
  vocabulary.operations = 3;
  Scenario before = drawn(vocabulary, numbers);
  for (int n = 0; n < 2000; ++n) {
    const Scenario fresh = drawn(vocabulary, numbers);
    const Scenario tried = decode(encode(mutated(before, fresh, vocabulary, numbers)));
    ASSERT_TRUE(decode(encode(tried)) == tried) << describe(tried);
    ASSERT_LE(tried.steps.size(), max_steps);
    before = n % 7 == 0 ? fresh : tried;
  }
}

TEST(Campaign, DrawsEveryKindOfStepOfAnExporter) {
  Numbers numbers(11);
  Vocabulary vocabulary;
  vocabulary.operations = 2;
  std::vector<bool> seen(32);
  for (int n = 0; n < 3000; ++n)
    for (const Step& step : drawn(vocabulary, numbers).steps) seen[static_cast<std::size_t>(step.kind)] = true;
  for (const StepKind kind :
       {StepKind::acquire, StepKind::release, StepKind::acquire_direct, StepKind::release_copy, StepKind::read,
        StepKind::write, StepKind::mutate, StepKind::collect, StepKind::drop, StepKind::reenter, StepKind::repeat,
        StepKind::threads, StepKind::release_raising, StepKind::another, StepKind::hold})
    EXPECT_TRUE(seen[static_cast<std::size_t>(kind)]) << static_cast<int>(kind);
}

TEST(Campaign, ToldOnceForEachLikenessAndFiveTimesForARule) {
  Fixture fixture;
  Spoilt subject([](const Step&, StepRecord& record) {
    if (record.answer && record.answer->granted) record.answer->view.itemsize = 3;
  });
  ASSERT_TRUE(fixture.explore(subject, options(1, 500)));
  ASSERT_FALSE(fixture.found.empty());
  for (const auto& one : fixture.found)
    EXPECT_LE(
        std::count_if(fixture.found.begin(), fixture.found.end(), [&](const auto& o) { return o.rule == one.rule; }),
        5);
  EXPECT_GT(fixture.state.totals().failing, fixture.found.size());
}

// The steps that bring the fault out, one after another; whatever else is done between them begins again.
constexpr std::array hidden{StepKind::write, StepKind::reenter, StepKind::write, StepKind::release_copy,
                            StepKind::reenter};

std::uint64_t steps_to_find(std::uint64_t seed, bool guided) {
  Fixture fixture;
  fixture.stops_at_first = true;
  std::size_t come = 0;
  Spoilt subject(
      [&come](const Step& step, StepRecord& record) {
        come = step.kind == hidden[come] ? come + 1 : step.kind == hidden[0] ? 1 : 0;
        Coverage::of_process().visit(static_cast<std::uint32_t>(come));
        if (come < hidden.size()) return;
        come = 0;
        if (record.answer) record.answer->canaries_intact = false;
      },
      [&come] { come = 0; });
  EXPECT_TRUE(fixture.explore(subject, options(seed, 30000, guided)));
  // Unguided it may take more than these.
  EXPECT_TRUE(!guided || fixture.found.size() == 1) << "seed " << seed;
  return fixture.state.totals().steps;
}

TEST(Campaign, FindsAChainOfNewPlacesInCodeInLessThanHalfTheSteps) {
  std::vector<std::uint64_t> guided;
  std::vector<std::uint64_t> unguided;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    guided.push_back(steps_to_find(seed, true));
    unguided.push_back(steps_to_find(seed, false));
  }
  std::sort(guided.begin(), guided.end());
  std::sort(unguided.begin(), unguided.end());
  EXPECT_LT(2 * guided[1], unguided[1]);
}

}  // namespace

}  // namespace bufspec::campaign
