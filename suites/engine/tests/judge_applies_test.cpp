// Does the judge keep silent where the edition does not state a rule or an observation is missing?
// The tables are the other voice here: they list editions and observations of each rule.
#include <map>
#include <string_view>

#include "judge_breaks.hpp"
#include "suites/conformance/cases.hpp"
#include "tests.hpp"

namespace bufspec::engine {

namespace {

const std::map<std::string_view, unsigned>& observations() {
  static const std::map<std::string_view, unsigned> bits{
      {"struct", observation::structure},      {"canaries", observation::canaries},
      {"references", observation::references}, {"exception", observation::exception},
      {"memory", observation::memory},         {"requests", observation::requests},
      {"result", observation::result},         {"mutation", observation::mutation},
      {"process", observation::process},       {"content", observation::content}};
  return bits;
}

TEST(JudgedRules, NeedTheObservationsThatTheTablesList) {
  for (std::size_t i = 0; i < rule_count; ++i) {
    const RuleRow* row = tables().rule(rule_ids[i]);
    ASSERT_NE(row, nullptr) << rule_ids[i];
    unsigned listed = 0;
    for (const std::string& name : row->observes) listed |= observations().at(name);
    EXPECT_EQ(observations_needed(static_cast<Rule>(i)), listed) << rule_ids[i];
  }
}

TEST(JudgedRules, AreStatedInTheEditionsOfTheTables) {
  for (std::size_t i = 0; i < rule_count; ++i) {
    const RuleRow* row = tables().rule(rule_ids[i]);
    ASSERT_NE(row, nullptr) << rule_ids[i];
    for (const Edition edition : {Edition::current, Edition::founding_2010})
      EXPECT_EQ(is_stated(static_cast<Rule>(i), edition), row->editions.holds_in(edition)) << rule_ids[i];
  }
}

TEST(JudgedRules, AreLeftOutWhereAnObservationIsMissing) {
  for (const Break& broken : judge_breaks()) {
    SCOPED_TRACE(std::string(rule_id(broken.rule)) + " " + broken.name);
    Shown shown = shown_by_reference(broken.scenario);
    broken.apply(shown.trace);
    const unsigned observed = shown.trace.observes;
    for (const auto& [name, bit] : observations()) {
      if ((observed & bit) == 0) continue;
      shown.trace.observes = observed & ~bit;
      const Judgement judgement = judge(shown.scenario, shown.trace);
      for (std::size_t i = 0; i < rule_count; ++i) {
        const bool needs_it = (observations_needed(static_cast<Rule>(i)) & bit) != 0;
        EXPECT_FALSE(needs_it && judgement.judged[i]) << rule_ids[i] << " without " << name;
      }
      for (const Violation& violation : judgement.violations)
        EXPECT_EQ(observations_needed(violation.rule) & bit, 0U) << rule_id(violation.rule) << " without " << name;
    }
  }
}

TEST(JudgedRules, SayNothingInAnEditionThatDoesNotStateThem) {
  for (const Break& broken : judge_breaks()) {
    SCOPED_TRACE(std::string(rule_id(broken.rule)) + " " + broken.name);
    for (const Edition edition : {Edition::current, Edition::founding_2010}) {
      Shown shown = shown_by_reference(broken.scenario);
      broken.apply(shown.trace);
      shown.scenario.edition = edition;
      const Judgement judgement = judge(shown.scenario, shown.trace);
      for (std::size_t i = 0; i < rule_count; ++i)
        EXPECT_FALSE(judgement.judged[i] && !is_stated(static_cast<Rule>(i), edition)) << rule_ids[i];
      for (std::size_t number = 0; number < readings.size(); ++number) {
        const bool is_followed = (judgement.readings >> number & 1) != 0;
        EXPECT_FALSE(is_followed && !judgement.judged[index_of(readings[number].rule)]) << readings[number].name;
      }
    }
  }
}

// A rule that no case can judge would pass unseen.
TEST(JudgedRules, AreEachJudgedBySomeCaseOnSomeNamedLayout) {
  RuleSet judged;
  for (const Edition edition : {Edition::current, Edition::founding_2010}) {
    const CaseList cases = suites::exporter_cases(tables(), {edition, {{"resize"}, false}, 0, "short"});
    for (const LayoutRow& row : tables().layouts)
      for (std::size_t i = 0; i < cases.size(); ++i) {
        Case one = cases.make(i);
        if (one.id.starts_with("sequence.")) continue;  // what they show, others show
        one.scenario.layout = row.layout;
        for (Step& step : one.scenario.steps) step.count = std::min(step.count, 1000);
        const Shown shown = shown_by_reference(one.scenario);
        judged |= judge(shown.scenario, shown.trace).judged;
      }
    const CaseList consumers = suites::consumer_cases(tables(), {edition, {}, 0, "short"});
    for (std::size_t i = 0; i < consumers.size(); ++i) {
      Case one = consumers.make(i);
      for (Step& step : one.scenario.steps) step.count = std::min(step.count, 10);
      const Shown shown = shown_by_reference(one.scenario);
      judged |= judge(shown.scenario, shown.trace).judged;
      for (const Trace& other : traces_of_other_habits(shown.trace)) judged |= judge(shown.scenario, other).judged;
    }
    for (const auto& more : {suites::function_cases(tables(), edition), suites::check_cases(edition)})
      for (const Case& one : more) {
        const Shown shown = shown_by_reference(one.scenario);
        judged |= judge(shown.scenario, shown.trace).judged;
      }
  }
  for (std::size_t i = 0; i < rule_count; ++i) EXPECT_TRUE(judged[i]) << rule_ids[i];
}

}  // namespace

}  // namespace bufspec::engine
