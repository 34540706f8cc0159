// Does the ledger count what happened, keep its place, and know its own memory?
#include "suites/engine/ledger.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace bufspec::engine {

namespace {

struct LedgerTest : testing::Test {
  static RuleSet rules(std::initializer_list<Rule> some) {
    RuleSet set;
    for (const Rule rule : some) set.set(index_of(rule));
    return set;
  }
  // A set of its own for each number.
  static RuleSet rules_of_number(std::size_t number) {
    RuleSet set;
    for (std::size_t bit = 0; bit < 32; ++bit)
      if ((number >> bit & 1) != 0) set.set(bit);
    return set;
  }

  std::unique_ptr<LedgerData> memory = std::make_unique<LedgerData>();
  Ledger ledger{memory.get(), true};
};

TEST_F(LedgerTest, CountsCasesByTheirRules) {
  ++ledger.tally(rules({Rule::field_len_product, Rule::field_obj_not_null}), 0);
  ++ledger.tally(rules({Rule::field_len_product}), 0);
  ++ledger.tally(rules({Rule::field_len_product}), 0);
  EXPECT_EQ(ledger.data().tally_count.load(), 2U);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::field_len_product), 3U);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::field_obj_not_null), 1U);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::field_buf_same_memory), 0U);
}

TEST_F(LedgerTest, KeepsTheLastRuleApartFromTheFirst) {
  const auto last = static_cast<Rule>(rule_count - 1);
  ++ledger.tally(rules({last}), 0);
  EXPECT_EQ(cases_judged(ledger.data(), last), 1U);
  EXPECT_EQ(cases_judged(ledger.data(), static_cast<Rule>(0)), 0U);
}

TEST_F(LedgerTest, CountsReadingsByCase) {
  const RuleSet contested = rules({Rule::request_ndim_without_nd});
  const std::size_t one = reading_number(Rule::request_ndim_without_nd, "one");
  const std::size_t zero = reading_number(Rule::request_ndim_without_nd, "zero");
  ++ledger.tally(contested, std::uint64_t{1} << one);
  ++ledger.tally(contested, std::uint64_t{1} << one | std::uint64_t{1} << zero);
  ++ledger.tally(contested, 0);
  EXPECT_EQ(cases_reading(ledger.data(), one), 2U);
  EXPECT_EQ(cases_reading(ledger.data(), zero), 1U);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::request_ndim_without_nd), 3U);
}

TEST_F(LedgerTest, ATallyStaysWhereItIs) {
  std::uint64_t& first = ledger.tally(rules_of_number(1), 0);
  for (std::size_t number = 2; number < 200; ++number) ++ledger.tally(rules_of_number(number), 0);
  first += 7;
  EXPECT_EQ(&first, &ledger.tally(rules_of_number(1), 0));
  EXPECT_EQ(ledger.tally(rules_of_number(1), 0), 7U);
}

TEST_F(LedgerTest, LosesNoCaseWhereTalliesRunOut) {
  constexpr std::size_t more = 100;
  for (std::size_t number = 0; number < ledger_tallies + more; ++number)
    ++ledger.tally(rules_of_number(number), number);
  const LedgerData& data = ledger.data();
  EXPECT_EQ(data.tally_count.load(), ledger_tallies);
  std::uint64_t count = 0;
  for (const Tally& tally : data.tallies) count += tally.count;
  EXPECT_EQ(count, ledger_tallies + more);
  // Those that came too late are in the last, under the rules of all of them.
  EXPECT_EQ(data.tallies[ledger_tallies - 1].count, more + 1);
  EXPECT_GE(cases_judged(data, static_cast<Rule>(0)), (ledger_tallies + more) / 2);
  // A set that has its own tally still finds it.
  ++ledger.tally(rules_of_number(5), 5);
  EXPECT_EQ(data.tallies[5].count, 2U);
}

TEST_F(LedgerTest, AForgedCountOfTalliesIsNotFollowed) {
  memory->tally_count.store(0xffffffff);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::field_len_product), 0U);
  ++ledger.tally(rules({Rule::field_len_product}), 0);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::field_len_product), 1U);
}

TEST_F(LedgerTest, CountsFailuresRequestsAndCases) {
  ledger.add_failure(Rule::field_len_product);
  ledger.add_failure(Rule::field_len_product);
  ledger.add_request();
  ledger.case_done();
  EXPECT_EQ(ledger.data().failed[index_of(Rule::field_len_product)], 2U);
  EXPECT_EQ(ledger.data().failed[index_of(Rule::field_obj_not_null)], 0U);
  EXPECT_EQ(ledger.data().requests, 1U);
  EXPECT_EQ(ledger.data().cases_done.load(), 1U);
}

TEST_F(LedgerTest, NoThreadHasBegunACaseAtFirst) {
  for (const Breadcrumb& thread : ledger.data().threads) EXPECT_EQ(thread.place.load(), before_the_first_case);
}

TEST_F(LedgerTest, EachThreadHasItsOwnBreadcrumb) {
  ledger.step(7, 3);
  ledger.step(9, 1, ledger_threads - 1);
  EXPECT_EQ(ledger.data().threads[0].case_index(), 7U);
  EXPECT_EQ(ledger.data().threads[0].step(), 3U);
  EXPECT_EQ(ledger.data().threads[ledger_threads - 1].case_index(), 9U);
  EXPECT_EQ(ledger.data().threads[ledger_threads - 1].step(), 1U);
  EXPECT_EQ(ledger.data().threads[1].place.load(), before_the_first_case);
}

TEST_F(LedgerTest, ASecondLedgerOverTheSameMemoryFindsWhatTheFirstWrote) {
  ledger.begin_run(2, 1);
  ledger.step(41, 5);
  const Ledger second(memory.get(), false);
  EXPECT_TRUE(second.is_valid());
  EXPECT_EQ(second.data().target, 2);
  EXPECT_EQ(second.data().edition, 1);
  EXPECT_EQ(second.data().threads[0].case_index(), 41U);
}

TEST_F(LedgerTest, CreatingClearsWhatWasThere) {
  ledger.case_done();
  ledger.add_failure(Rule::field_len_product);
  const Ledger fresh(memory.get(), true);
  EXPECT_TRUE(fresh.is_valid());
  EXPECT_EQ(fresh.data().cases_done.load(), 0U);
  EXPECT_EQ(fresh.data().failed[index_of(Rule::field_len_product)], 0U);
}

// What a run does as a case ends.
void count_one(Ledger& ledger, const RuleSet& judged) {
  ASSERT_TRUE(ledger.open_counts());
  ++ledger.tally(judged, 0);
  ledger.case_done();
  ledger.close_counts();
}

TEST_F(LedgerTest, CountsThatNobodyElseWroteAgreeWithTheirSeals) {
  EXPECT_EQ(damage_of(ledger.data()), nullptr);
  for (std::size_t number = 0; number < ledger_tallies + 9; ++number) {
    count_one(ledger, rules_of_number(number));
    ASSERT_EQ(damage_of(ledger.data()), nullptr) << number;
  }
  EXPECT_FALSE(ledger.is_overwritten());
}

TEST_F(LedgerTest, AnyBitThatSomebodyElseWritesIntoTheCountsIsSeen) {
  for (std::size_t number = 0; number < 300; ++number) count_one(ledger, rules_of_number(number));
  char* const bytes = reinterpret_cast<char*>(memory.get());
  const std::size_t first = offsetof(LedgerData, cases_done);
  const std::size_t end = offsetof(LedgerData, tallies) + 300 * sizeof(Tally);
  for (std::size_t at = first; at < end; at += 7) {
    const auto bit = static_cast<char>(1 << at % 8);
    bytes[at] = static_cast<char>(bytes[at] ^ bit);
    EXPECT_NE(damage_of(ledger.data()), nullptr) << at;
    bytes[at] = static_cast<char>(bytes[at] ^ bit);
  }
  EXPECT_EQ(damage_of(ledger.data()), nullptr);
}

TEST_F(LedgerTest, WhoeverCountsNextDoesNotSealWhatSomebodyElseWrote) {
  count_one(ledger, rules({Rule::field_len_product}));
  memory->tallies[0].count = 2965446635;
  EXPECT_FALSE(ledger.open_counts());
  EXPECT_TRUE(ledger.is_overwritten());
  memory->tallies[0].count = 1;
  EXPECT_FALSE(ledger.open_counts()) << "what was written once is not forgotten";
}

TEST_F(LedgerTest, CountsThatAreBeingChangedHaveNoSealButBounds) {
  ASSERT_TRUE(ledger.open_counts());
  ++ledger.tally(rules({Rule::field_len_product}), 0);
  EXPECT_EQ(damage_of(ledger.data()), nullptr);
  memory->failed[3] = 7;
  EXPECT_NE(damage_of(ledger.data()), nullptr);
}

TEST_F(LedgerTest, AnotherProcessGoesOnFromCountsThatADeathLeftOpen) {
  ASSERT_TRUE(ledger.open_counts());
  ++ledger.tally(rules({Rule::field_len_product}), 0);
  Ledger next(memory.get(), false);
  next.begin_run(0, 0);
  EXPECT_EQ(damage_of(next.data()), nullptr) << "the case that was being counted is lost, and its tally stands";
  EXPECT_TRUE(next.open_counts());
}

TEST_F(LedgerTest, CountsByClassButForEmptyMemory) {
  ledger.add_memory(capability::strided | capability::items, true);
  ledger.add_memory(capability::strided | capability::empty, true);
  ledger.add_compound(9, false);
  ledger.add_broken(Class::indirect, Rule::field_len_product);
  const ByClass& by_class = ledger.data().by_class;
  EXPECT_EQ(by_class.memories[index_of(Class::strided)].accepted, 1U);
  EXPECT_EQ(by_class.requests[9].given, 1U);
  EXPECT_EQ(by_class.requests[9].accepted, 0U);
  const std::size_t rule = index_of(Rule::field_len_product);
  EXPECT_EQ(by_class.broken[index_of(Class::indirect)][rule / 64], std::uint64_t{1} << (rule % 64));
  EXPECT_EQ(by_class.broken[index_of(Class::simple)][rule / 64], 0U);
}

TEST_F(LedgerTest, TheEndIsAPlaceOfItsOwn) {
  ledger.step(7, 3);
  ledger.leave_the_cases();
  EXPECT_EQ(ledger.data().threads[0].case_index(), index_at_the_end);
}

TEST(Ledger, MemoryOfAnotherProgramIsNotALedger) {
  const auto bytes = std::make_unique<unsigned char[]>(sizeof(LedgerData) + alignof(LedgerData));
  void* place = bytes.get();
  std::size_t space = sizeof(LedgerData) + alignof(LedgerData);
  place = std::align(alignof(LedgerData), sizeof(LedgerData), place, space);
  for (const int filling : {0x00, 0xff, 0x4c}) {
    std::memset(place, filling, sizeof(LedgerData));
    EXPECT_FALSE(Ledger(place, false).is_valid());
  }
  EXPECT_TRUE(Ledger(place, true).is_valid());
}

TEST_F(LedgerTest, OneOfAnotherVersionOrOtherRulesIsNotValid) {
  ++memory->version;
  EXPECT_FALSE(ledger.is_valid());
  --memory->version;
  ++memory->rules;
  EXPECT_FALSE(ledger.is_valid());
  --memory->rules;
  EXPECT_TRUE(ledger.is_valid());
}

}  // namespace

}  // namespace bufspec::engine
