// Does the judge of consumers tell what it should, once, and keep silent where nothing can be told?
// That each rule has a break that it sees is in judge_test.cpp.
#include <algorithm>
#include <string>
#include <vector>

#include "judge_breaks.hpp"
#include "tests.hpp"

namespace bufspec::engine {

namespace {

using Rules = std::vector<Rule>;

Rules broken(const Scenario& scenario, const Trace& trace) {
  Rules rules;
  for (const Violation& one : judge(scenario, trace).violations) rules.push_back(one.rule);
  return rules;
}

bool is_of_hardening(Rule rule) { return rule_id(rule).starts_with("consumer.hardening."); }

TEST(JudgeOfConsumers, BreaksNothingOfAConsumerThatAskedForNothing) {
  Shown shown = shown_by_reference(consuming(matrix()));
  for (StepRecord& record : shown.trace.steps) record.consumed = Consumed{};
  shown.trace.steps[0].consumed->called = true;
  const Judgement judgement = judge(shown.scenario, shown.trace);
  EXPECT_TRUE(judgement.clean()) << testing::PrintToString(judgement);
  EXPECT_EQ(judgement.judged.count(), 1U) << "only that it ended with a result or an exception";
}

TEST(JudgeOfConsumers, LetsAResultHoldItsView) {
  Shown shown = shown_by_reference(consuming(matrix()));
  for (std::size_t step = 0; step < 2; ++step) shown.trace.steps[step].consumed->requests[0].releases = 0;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{});
}

TEST(JudgeOfConsumers, WaitsForTheEndOfEveryResultAndForACollection) {
  Shown shown = shown_by_reference(consuming(matrix()));
  for (StepRecord& record : shown.trace.steps) record.consumed->requests[0].releases = 0;
  Consumed& last = *shown.trace.steps.back().consumed;
  last.references_kept = 1;
  last.results_held = 1;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{});
  last.results_held = 0;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{Rule::consumer_release_exactly_once});
  shown.scenario.steps.pop_back();
  shown.trace.steps.pop_back();
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{}) << "a cycle may hold it";
}

TEST(JudgeOfConsumers, TellsManyMissingReleasesAsOne) {
  Shown shown = shown_by_reference(consuming(matrix()));
  for (StepRecord& record : shown.trace.steps) record.consumed->requests.assign(300, {flag::ND, true, 0, 0});
  shown.trace.steps.back().consumed->references_kept = static_cast<long>(max_logged_requests);
  const Judgement judgement = judge(shown.scenario, shown.trace);
  ASSERT_EQ(judgement.violations.size(), 1U) << testing::PrintToString(judgement);
  EXPECT_EQ(judgement.violations[0].found, "the view granted for ND was not released, nor were 255 others");
}

TEST(JudgeOfConsumers, NamesTheRequestThatWasReleasedTwice) {
  Shown shown = shown_by_reference(consuming(matrix()));
  for (StepRecord& record : shown.trace.steps) record.consumed->requests[0] = {flag::STRIDES, true, 2, 0};
  shown.trace.steps.back().consumed->references_kept = -1;
  const Judgement judgement = judge(shown.scenario, shown.trace);
  ASSERT_EQ(judgement.violations.size(), 1U) << testing::PrintToString(judgement);
  EXPECT_EQ(judgement.violations[0].found, "the view granted for STRIDES was released twice");
  EXPECT_EQ(judgement.violations[0].step, 0U);
}

TEST(JudgeOfConsumers, TellsAWrongResultUnderOneRuleWhateverItWas) {
  std::vector<Layout> layouts{matrix(), fortran_matrix(), scalar(), pointer_rows(), empty_strided(), strided_line()};
  for (const Layout& layout : layouts)
    for (const int word : {flag::SIMPLE, flag::ND, flag::STRIDES, flag::FULL_RO})
      for (int number = 0; !misreading_name(static_cast<Misreading>(number)).empty(); ++number) {
        Shown shown = shown_by_reference(consuming(layout));
        for (StepRecord& record : shown.trace.steps) record.consumed->requests[0].flags = word;
        Consumed& consumed = *shown.trace.steps[0].consumed;
        consumed.result = Compared::wrong;
        consumed.misreading = static_cast<Misreading>(number);
        for (const Edition edition : {Edition::current, Edition::founding_2010}) {
          shown.scenario.edition = edition;
          EXPECT_EQ(broken(shown.scenario, shown.trace).size(), 1U)
              << misreading_name(consumed.misreading) << ' ' << flags_name(word) << ' ' << describe(layout);
        }
      }
}

TEST(JudgeOfConsumers, TellsAWrongResultUnderTheGeneralRuleWhereTheEditionHasNoOther) {
  Shown shown = shown_by_reference(consuming(fortran_matrix()));
  shown.trace.steps[0].consumed->result = Compared::wrong;
  shown.trace.steps[0].consumed->misreading = Misreading::linear;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{Rule::consumer_data_linear_if_contiguous});
  shown.scenario.edition = Edition::founding_2010;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{Rule::consumer_data_elements_right});
}

TEST(JudgeOfConsumers, HoldsNobodyToWhatWasNotDeclared) {
  Shown shown = shown_by_reference(consuming(matrix()));
  Consumed& consumed = *shown.trace.steps[0].consumed;
  consumed.raised = true;
  consumed.result = Compared::not_compared;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{Rule::consumer_capability_accepted});
  for (unsigned needed = capabilities_needed(matrix()); needed != 0; needed &= needed - 1) {
    shown.trace.accepts = capability::all & ~(needed & (0U - needed));
    EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{}) << capability_name(needed & (0U - needed));
  }
  shown.trace.accepts = capability::all;
  for (const std::uint32_t behaviours :
       {behaviour::refuses_writable, behaviour::refuses_all, behaviour::other_thread, behaviour::reenters_consumer}) {
    shown.scenario.behaviours = behaviours;
    EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{}) << behaviour_name(behaviours);
  }
  shown.scenario.behaviours = 0;
  shown.scenario.refused_requests = 1;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{});
}

TEST(JudgeOfConsumers, HoldsAFillerToWhatCanBeWrittenOnly) {
  Shown shown = shown_by_reference(consuming(readonly_matrix()));
  Consumed& consumed = *shown.trace.steps[0].consumed;
  consumed.raised = true;
  consumed.result = Compared::not_compared;
  shown.trace.consumer = ConsumerKind::fills;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{});
}

TEST(JudgeOfConsumers, LetsAFillerGoByReadonly) {
  Shown shown = shown_by_reference(consuming(matrix()));
  shown.trace.steps[0].consumed->elements_changed = true;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{Rule::consumer_write_only_if_asked});
  shown.trace.consumer = ConsumerKind::fills;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{});
  shown.scenario.layout->readonly = true;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{Rule::consumer_write_only_if_asked});
}

TEST(JudgeOfConsumers, KnowsFallbacksOfThoseWhoDeclareThem) {
  Shown shown = shown_by_reference(consuming(matrix(), behaviour::refuses_all));
  shown.trace.steps[0].consumed->raised = false;
  shown.trace.steps[0].consumed->result = Compared::wrong;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{Rule::consumer_error_refusal_told});
  shown.trace.has_fallback = true;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{});
}

TEST(JudgeOfConsumers, LooksAtTheRequestsOfEachCall) {
  Scenario scenario = consuming(matrix());
  scenario.steps.insert(scenario.steps.begin(), {{StepKind::consume, 1, 0}, {StepKind::release, 1, 0}});
  Shown shown = shown_by_reference(scenario);
  for (StepRecord& record : shown.trace.steps) {
    record.consumed->requests.resize(1);
    record.consumed->requests[0] = {flag::FULL_RO, true, 1, 0};
  }
  for (std::size_t step = 2; step < shown.trace.steps.size(); ++step)
    shown.trace.steps[step].consumed->requests.push_back({flag::SIMPLE, false, 0, 0});
  shown.trace.accepts = 0;
  EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{Rule::consumer_error_refusal_told})
      << "the first call was granted, the second was not";
}

TEST(JudgeOfConsumers, JudgesNothingButHardeningWhereOurExporterLies) {
  for (const Break& one : judge_breaks()) {
    if (one.scenario.target != Target::consumer) continue;
    for (std::uint32_t lie = behaviour::lie_len; lie <= behaviour::lie_obj; lie <<= 1) {
      Shown shown = shown_by_reference(one.scenario);
      one.apply(shown.trace);
      shown.scenario.behaviours |= lie;
      const Judgement judgement = judge(shown.scenario, shown.trace);
      for (std::size_t i = 0; i < rule_count; ++i)
        EXPECT_FALSE(judgement.judged[i] && !is_of_hardening(static_cast<Rule>(i))) << rule_ids[i];
    }
  }
}

TEST(JudgeOfConsumers, BreaksNothingForHabits) {
  for (const Layout& layout : {matrix(), fortran_matrix(), scalar(), pointer_rows(), empty_strided(), strided_line()})
    for (std::uint32_t bit = 1; bit <= behaviour::all; bit <<= 1) {
      const Shown shown = shown_by_reference(consuming(layout, bit));
      EXPECT_EQ(broken(shown.scenario, shown.trace), Rules{}) << behaviour_name(bit);
      const std::vector<Trace> others = traces_of_other_habits(shown.trace);
      for (std::size_t i = 0; i < others.size(); ++i) {
        Trace other = others[i];
        other.accepts = 0;
        EXPECT_EQ(broken(shown.scenario, other), Rules{}) << behaviour_name(bit) << ", habit " << i;
      }
    }
}

}  // namespace

}  // namespace bufspec::engine
