// Does the judge see each broken rule, by its name, and nothing else?
#include <algorithm>
#include <climits>

#include "judge_breaks.hpp"
#include "tests.hpp"

namespace bufspec::engine {

namespace {

// Of some contested rules the readings are all that there is, granted and refused, one memory and several, so that no
// answer lies outside.
constexpr bool can_be_broken(Rule rule) {
  return rule != Rule::layout_contiguous_empty && rule != Rule::field_buf_one_memory &&
         rule != Rule::consumer_hardening_len_or_shape && rule != Rule::consumer_hardening_bad_format;
}

bool is_companion(const Break& broken, Rule rule) {
  return std::find(broken.companions.begin(), broken.companions.end(), rule) != broken.companions.end();
}

void expect_seen(const Break& broken, Shown shown) {
  const Judgement before = judge(shown.scenario, shown.trace);
  ASSERT_TRUE(before.clean()) << "the unbroken twin:" << testing::PrintToString(before);
  broken.apply(shown.trace);
  const Judgement after = judge(shown.scenario, shown.trace);
  std::size_t named = 0;
  for (const Violation& violation : after.violations) {
    if (violation.rule == broken.rule) {
      ++named;
      EXPECT_FALSE(violation.expected.empty());
      EXPECT_FALSE(violation.found.empty());
      EXPECT_LT(violation.step, shown.scenario.steps.size());
    } else {
      EXPECT_TRUE(is_companion(broken, violation.rule)) << testing::PrintToString(after);
    }
    EXPECT_TRUE(after.judged[index_of(violation.rule)]) << rule_id(violation.rule);
  }
  EXPECT_EQ(named, 1U) << testing::PrintToString(after);
}

TEST(Judge, EveryRuleHasABreakThatItSees) {
  for (std::size_t i = 0; i < rule_count; ++i) {
    const auto rule = static_cast<Rule>(i);
    const auto is_of_rule = [&](const Break& broken) { return broken.rule == rule; };
    const bool has_break = std::any_of(judge_breaks().begin(), judge_breaks().end(), is_of_rule);
    EXPECT_EQ(has_break, can_be_broken(rule)) << rule_id(rule);
  }
}

TEST(Judge, SeesABreakWhoseMemoryIsDeclared) {
  for (const Break& broken : judge_breaks()) {
    SCOPED_TRACE(std::string(rule_id(broken.rule)) + " " + broken.name);
    expect_seen(broken, shown_by_reference(broken.scenario));
  }
}

TEST(Judge, SeesABreakOfAReadyMadeObject) {
  for (const Break& broken : judge_breaks()) {
    if (broken.declared_only || broken.scenario.target != Target::exporter) continue;
    SCOPED_TRACE(std::string(rule_id(broken.rule)) + " " + broken.name);
    Scenario scenario = broken.scenario;
    scenario.layout.reset();
    expect_seen(broken, shown_by_reference(scenario, broken.layout));
  }
}

TEST(Judge, AReadyMadeObjectMayCallWritableMemoryReadOnly) {
  Shown shown = shown_by_reference(asking(readonly_matrix(), {flag::FULL}, Edition::current, false), readonly_matrix());
  Answer& answer = *shown.trace.steps[0].answer;
  answer = *shown.trace.richest;
  answer.view.readonly = 0;
  const Judgement judgement = judge(shown.scenario, shown.trace);
  EXPECT_TRUE(judgement.clean()) << testing::PrintToString(judgement);
}

TEST(Judge, AskingForMoreThanWasGrantedMayBeRefused) {
  Shown shown = shown_by_reference(asking(matrix(), {flag::FULL_RO}, Edition::current, false), matrix());
  shown.trace.richest = answer_of(matrix(), flag::RECORDS_RO);
  shown.trace.richest_word = flag::RECORDS_RO;
  shown.trace.steps[0].answer = answer_of(strided_line(), flag::ND);  // a refusal
  const Judgement judgement = judge(shown.scenario, shown.trace);
  EXPECT_TRUE(judgement.clean()) << testing::PrintToString(judgement);
}

TEST(Judge, AnEmptyBufferMayLieAnywhere) {
  Layout empty = matrix();
  empty.shape[1] = 0;
  for (const Pointer buf : {Pointer::null, Pointer::readable, Pointer::unreadable}) {
    Shown shown = shown_by_reference(asking(empty, {flag::FULL_RO}));
    View& view = shown.trace.steps[0].answer->view;
    view.buf = buf;
    view.buf_offset = 64;
    const Judgement judgement = judge(shown.scenario, shown.trace);
    EXPECT_TRUE(judgement.clean()) << testing::PrintToString(judgement);
  }
}

TEST(Judge, AFreshBlockWithTheSameElementsIsTheSameMemory) {
  Shown shown = shown_by_reference(asking(matrix(), {flag::FULL_RO}));
  Answer& answer = *shown.trace.steps[0].answer;
  answer.view.buf_offset = 4096;
  answer.elements = SameElements::same;
  EXPECT_TRUE(judge(shown.scenario, shown.trace).clean());
}

TEST(Judge, WordsReservedForMemoryviewAreNotWordsWithABit) {
  Shown shown = shown_by_reference(
      asking(matrix(), {flag::SIMPLE, flag::WRITE, flag::READ, flag::READ | flag::WRITE, flag::READ | 0x400}));
  const Judgement judgement = judge(shown.scenario, shown.trace);
  EXPECT_TRUE(judgement.clean()) << testing::PrintToString(judgement);
}

TEST(Judge, NothingIsSaidOfAnObjectThatRefusesEverything) {
  Shown shown = shown_by_reference(asking(strided_line(), {flag::ND}, Edition::current, false), strided_line());
  shown.trace.richest.reset();
  shown.trace.steps[0].answer->error = Error::type_error;
  const Judgement judgement = judge(shown.scenario, shown.trace);
  EXPECT_TRUE(judgement.clean()) << testing::PrintToString(judgement);
  EXPECT_FALSE(judgement.judged[index_of(Rule::error_type_buffer_error)]);
}

TEST(Judge, OnlyTheLengthIsKnownOfAnObjectThatShowsNoShape) {
  Shown shown = shown_by_reference(
      asking(matrix(), {flag::SIMPLE, flag::F_CONTIGUOUS, flag::ND}, Edition::current, false), matrix());
  shown.trace.richest = answer_of(matrix(), flag::SIMPLE);
  shown.trace.richest_word = flag::SIMPLE;
  const Judgement judgement = judge(shown.scenario, shown.trace);
  EXPECT_TRUE(judgement.clean()) << testing::PrintToString(judgement);
  EXPECT_FALSE(judgement.judged[index_of(Rule::field_ndim_independent)]);
}

// Judging what cannot be trusted narrows what is judged; the sanitizers see the rest.
TEST(Judge, EndsOnAnyInput) {
  Layout hostile = matrix();
  for (const int ndim : {INT_MIN, -1, 65, 1000, INT_MAX}) {
    hostile.ndim = ndim;
    for (const Break& broken : judge_breaks()) {
      Shown shown = shown_by_reference(broken.scenario);
      shown.scenario.layout = hostile;
      EXPECT_FALSE(judge(shown.scenario, shown.trace).judged[index_of(Rule::request_refusal_needless)]);
    }
  }
  for (const ssize extreme : {PTRDIFF_MIN, ssize{-1}, ssize{0}, PTRDIFF_MAX}) {
    for (const int ndim : {INT_MIN, -1, 0, 64, 65, INT_MAX}) {
      Shown shown = shown_by_reference(
          asking(matrix(), {0, 0x1f, 0x3f, 0x5f, 0x1fd, 0x110, -1, INT_MIN}, Edition::current, false), matrix());
      View wild;
      wild.buf = wild.format = wild.shape = wild.strides = wild.suboffsets = Pointer::readable;
      wild.obj = Owner::exporter;
      wild.len = wild.itemsize = extreme;
      wild.ndim = ndim;
      wild.shape_values.fill(extreme);
      wild.strides_values.fill(extreme);
      wild.suboffsets_values.fill(extreme);
      for (StepRecord& record : shown.trace.steps)
        if (record.answer) {
          record.answer->view = wild;
          record.answer->granted = true;
        }
      EXPECT_FALSE(judge(shown.scenario, shown.trace).clean());
      shown.trace.richest->view = wild;
      (void)judge(shown.scenario, shown.trace);
    }
  }
}

TEST(Judge, ARecordOfAnotherKindOfStepIsPassedOver) {
  Shown shown = shown_by_reference(asking(matrix(), {flag::ND}));
  std::swap(shown.trace.steps[0], shown.trace.steps[1]);
  EXPECT_TRUE(judge(shown.scenario, shown.trace).judged.none());
  shown.trace.steps.clear();
  EXPECT_TRUE(judge(shown.scenario, shown.trace).judged.none());
}

}  // namespace

}  // namespace bufspec::engine
