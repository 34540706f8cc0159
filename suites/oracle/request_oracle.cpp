// Do the reference and the request rows give every word one answer, the same?
// Complete within a bound: every layout of it, every word, both editions; and every combination of facts.
#include <iostream>

#include "bufspec/requests.hpp"
#include "bufspec/scenario.hpp"
#include "fact_set.hpp"
#include "request_sweep.hpp"

namespace bufspec::oracle {
namespace {

class RequestOracle : public testing::Test {
 protected:
  RequestTable table_{tables()};

  void sweep(Edition edition, std::uint32_t runtime) {
    const SweepResult result = sweep_requests(table_, bound(), edition, runtime);
    EXPECT_EQ(result.disagreements.count(), 0U) << result.disagreements.text();
    EXPECT_GT(result.granted, 0U);
    EXPECT_EQ(result.comparisons, result.layouts * static_cast<std::size_t>(bound().flags));
    std::cout << "complete up to this bound (" << bound().name << ", edition " << name_of(edition)
              << "): " << result.layouts << " layouts x " << bound().flags << " words = " << result.comparisons
              << " comparisons, " << result.granted << " granted\n";
  }
};

TEST_F(RequestOracle, ExporterAnswersAsTheRowsSayToday) { sweep(Edition::current, latest_runtime); }

TEST_F(RequestOracle, ExporterAnswersAsTheRowsSaidIn2010) { sweep(Edition::founding_2010, latest_runtime); }

TEST_F(RequestOracle, ExporterAnswersAsTheRowsSayOnEveryNamedLayout) {
  SweepResult result;
  for (const LayoutRow& row : tables().layouts)
    for (const Edition edition : {Edition::current, Edition::founding_2010})
      for (const std::uint32_t runtime : {python_3_12, latest_runtime})
        compare_requests(table_, row.layout, edition, runtime, result);
  EXPECT_EQ(result.disagreements.count(), 0U) << result.disagreements.text();
  std::cout << result.layouts << " named layouts, editions and runtimes, " << result.comparisons << " comparisons\n";
}

// The same answer, as the value that the judge works with.
std::string difference(const RequestAnswer& found, const TableAnswer& owed) {
  using Field = AnswerRow::Field;
  using Said = AnswerRow::Holds;
  const auto duty = [&] {
    switch (owed.kind) {
      case TableAnswer::Kind::must_refuse:
        return Duty::must_refuse;
      case TableAnswer::Kind::may_answer:
        return Duty::may_answer;
      case TableAnswer::Kind::contested:
        return Duty::contested;
    }
    return Duty::may_answer;
  }();
  if (found.duty != duty) return "the duty";
  if (found.duty != Duty::may_answer && rule_id(found.rule) != owed.rule)
    return "the rule: " + std::string(rule_id(found.rule)) + " for " + std::string(owed.rule);
  if (found.duty == Duty::must_refuse) return found.error == error_from_name(owed.error) ? "" : "the error";

  const auto pointer = [&](Field field) {
    if (owed.holds(field, Said::null)) return Holds::null;
    return owed.holds(field, Said::array) ? Holds::array : Holds::any;
  };
  if (found.shape != pointer(Field::shape)) return "shape";
  if (found.strides != pointer(Field::strides)) return "strides";
  if (found.suboffsets != pointer(Field::suboffsets)) return "suboffsets";
  if (found.format != owed.holds(Field::format, Said::text)) return "format";
  if (found.writable != owed.holds(Field::readonly, Said::zero)) return "readonly";
  bool ndim = false;
  bool format = false;
  bool stray = false;
  bool empty = false;
  for (const ContestedRow* row : owed.contested) {
    if (row->rule == rule_id(Rule::request_ndim_without_nd) ||
        row->rule == rule_id(Rule::request_ndim_without_nd_zero_dim))
      ndim = true;
    else if (row->rule == rule_id(Rule::request_format_without_nd))
      format = true;
    else if (row->rule == rule_id(Rule::request_stray_bits_without_nd))
      stray = true;
    else if (row->rule == rule_id(Rule::layout_contiguous_empty))
      empty = true;
  }
  if (found.ndim_free != ndim) return "whether ndim is free";
  if (found.format_free != format) return "whether format is free";
  if (found.stray_bits != stray) return "whether the bits are stray";
  if (found.empty_free != empty) return "whether the empty memory is contested";
  return "";
}

TEST_F(RequestOracle, EveryWordAndCombinationOfFactsHasTheAnswerOfTheRows) {
  Disagreements disagreements;
  std::size_t compared = 0;
  for (unsigned bits = 0; bits < 64; ++bits) {
    MemoryFacts facts;
    facts.readonly = (bits & 1U) != 0;
    facts.c_contiguous = (bits & 2U) != 0;
    facts.f_contiguous = (bits & 4U) != 0;
    facts.indirect = (bits & 8U) != 0;
    facts.zero_dim = (bits & 16U) != 0;
    facts.ambiguous_empty = (bits & 32U) != 0;
    const FactSet set = fact_set(facts);
    for (const Edition edition : {Edition::current, Edition::founding_2010}) {
      for (const std::uint32_t runtime :
           {python_3_12, std::uint32_t{0x030cffff}, std::uint32_t{0x030d0000}, latest_runtime}) {
        for (int word = 0; word < flag::word_count; ++word, ++compared) {
          const RequestAnswer found = answer_to(word, facts, edition, runtime);
          const TableAnswer owed = table_.answer(word, set, edition, runtime);
          if (const std::string what = difference(found, owed); !what.empty())
            disagreements.add(flags_name(word) + " to memory with " + describe(set) + ", edition " + name_of(edition) +
                              ": they differ in " + what);
        }
      }
    }
  }
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
  std::cout << compared << " answers compared\n";
}

TEST_F(RequestOracle, BitsAboveTheLowTenChangeNothing) {
  const FactSet facts = facts_of_class(tables().classes.front(), false);
  MemoryFacts same;
  same.c_contiguous = same.f_contiguous = same.zero_dim = true;
  for (int word = 0; word < flag::word_count; ++word) {
    for (const int high : {0x400, 0x1000000, static_cast<int>(0x80000000U)}) {
      const std::string what =
          difference(answer_to(word | high, same), table_.answer(word | high, facts, Edition::current, latest_runtime));
      ASSERT_EQ(what, "") << flags_name(word | high);
    }
  }
}

TEST_F(RequestOracle, ReadingsOfStrayWordsAreTheWordsOfTheRows) {
  for (int word = 0; word < flag::word_count; ++word) {
    EXPECT_EQ(complete_flags(word), table_.complete_flags(word)) << flags_name(word);
    EXPECT_EQ(own_bits_completed(word), table_.own_bits(word) & ~tables().unassigned_bits) << flags_name(word);
    EXPECT_EQ(has_stray_bits(word), table_.has_stray_bits(word)) << flags_name(word);
  }
}

}  // namespace
}  // namespace bufspec::oracle
