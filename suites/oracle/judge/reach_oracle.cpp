// Is every rule that the judge judges within reach of its scenario, and are most of the others out of it?
#include "bufspec/reach.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "claims.hpp"
#include "generators.hpp"
#include "suites/conformance/cases.hpp"
#include "suites/library/trace.hpp"

// After gtest, whose macros it uses.
#include <rapidcheck/gtest.h>

namespace bufspec::oracle {

namespace {

constexpr int few_times = 3;

// Empty if all that was judged is within reach; else the first rule that is not.
std::string beyond_reach(const Scenario& scenario, const Trace& trace) {
  const RuleSet beyond = judge(scenario, trace).judged & ~rules_within_reach(scenario);
  for (std::size_t rule = 0; rule < rule_count; ++rule)
    if (beyond[rule]) return std::string(rule_ids[rule]) + " is judged in " + describe(scenario);
  return {};
}

// The same with a few repetitions in place of thousands; how many there are says nothing about the rules.
Scenario shortened(Scenario scenario) {
  for (Step& step : scenario.steps) step.count = std::min(step.count, few_times);
  return scenario;
}

void expect_within_reach(const engine::CaseList& cases, const std::optional<Layout>& own) {
  std::size_t run = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const engine::Case one = cases.make(i);
    const Scenario scenario = shortened(one.scenario);
    if (const auto trace = engine::trace_on_reference(scenario, own)) {
      ++run;
      EXPECT_EQ(beyond_reach(scenario, *trace), "") << one.id;
    }
  }
  EXPECT_GT(run, cases.size() / 2);
}

RuleSet of_prefix(std::string_view prefix) {
  RuleSet set;
  for (std::size_t rule = 0; rule < rule_count; ++rule) set.set(rule, rule_ids[rule].starts_with(prefix));
  return set;
}

TEST(ReachOracle, CoversWhatIsJudgedInEveryCaseOfAnExporter) {
  for (const Edition edition : {Edition::current, Edition::founding_2010}) {
    bool builds = true;  // once is enough: those cases bring a memory of their own
    for (const std::string_view name : {"c_2d_int", "strided_1d", "zero_dim_int", "pil_2d_rows", "empty_1d_step_two"}) {
      const Layout layout = tables().layout(name)->layout;
      expect_within_reach(suites::exporter_cases(tables(), {edition, {{"resize", "close"}, builds}, 3118, "short"}),
                          layout);
      builds = false;
    }
  }
}

TEST(ReachOracle, CoversWhatIsJudgedInEveryCaseOfAConsumerAndOfAFunction) {
  for (const Edition edition : {Edition::current, Edition::founding_2010}) {
    expect_within_reach(suites::consumer_cases(tables(), {edition, {}, 3118, "short"}), std::nullopt);
    expect_within_reach(engine::CaseList(suites::function_cases(tables(), edition)), std::nullopt);
    expect_within_reach(engine::CaseList(suites::call_cases(tables(), {}, edition)), std::nullopt);
  }
}

// The checks of a runtime are judged from what the adapter says they found.
TEST(ReachOracle, CoversTheChecksOfARuntime) {
  for (const engine::Case& one : suites::check_cases({}, Edition::current)) {
    Trace trace;
    trace.observes = observation::all;
    trace.steps.emplace_back().called.emplace();
    ASSERT_TRUE(judge(one.scenario, trace).judged[index_of(*one.scenario.check)]) << one.id;
    EXPECT_EQ(beyond_reach(one.scenario, trace), "");
    EXPECT_EQ(rules_within_reach(one.scenario).count(), 1U);
  }
}

TEST(ReachOracle, CoversTheBridgesOfAnExporter) {
  EXPECT_EQ(suites::bridge_cases(Edition::current).size(), exporter_checks.size());
  for (const engine::Case& one : suites::bridge_cases(Edition::current)) {
    Trace trace;
    trace.observes = observation::all;
    trace.steps.emplace_back().called.emplace();
    EXPECT_TRUE(judge(one.scenario, trace).judged[index_of(*one.scenario.check)]) << one.id;
    EXPECT_EQ(rules_within_reach(one.scenario).count(), 1U);
    EXPECT_EQ(decode(encode(one.scenario)), one.scenario) << one.id;
  }
}

TEST(ReachOracle, CoversEveryRuleThatAClaimIsJudgedBy) {
  for (const Claim& claim : claims()) {
    const Right spoilt = claim.spoilt();
    for (const Rule rule : claim.broken)
      EXPECT_TRUE(rules_within_reach(spoilt.scenario)[index_of(rule)])
          << rule_id(rule) << ", line " << claim.where.line();
    EXPECT_EQ(beyond_reach(spoilt.scenario, spoilt.trace), "");
  }
}

RC_GTEST_PROP(ReachOracle, CoversWhatIsJudgedInAnyScenario, ()) {
  const Scenario scenario = shortened(*scenarios());
  const auto trace = engine::trace_on_reference(scenario, *layouts());
  RC_PRE(trace.has_value());
  RC_ASSERT(beyond_reach(scenario, *trace).empty());
}

RC_GTEST_PROP(ReachOracle, CoversWhatIsJudgedInAnySequence, ()) {
  const Layout layout = *layouts();
  const Scenario scenario = shortened(*sequences(4, layout));
  const auto trace = engine::trace_on_reference(scenario);
  RC_PRE(trace.has_value());
  RC_ASSERT(beyond_reach(scenario, *trace).empty());
}

TEST(ReachOracle, IsNotEverything) {
  const RuleSet of_consumers = of_prefix("consumer.");
  RuleSet of_requests = of_prefix("request.");
  for (std::size_t rule = 0; rule < rule_count; ++rule)
    if (!is_stated(static_cast<Rule>(rule), Edition::current)) of_requests.reset(rule);
  const auto reach = [](std::vector<Step> steps) {
    Scenario scenario;
    scenario.steps = std::move(steps);
    return rules_within_reach(scenario);
  };
  EXPECT_TRUE(reach({}).none());
  EXPECT_TRUE(reach({{StepKind::collect}, {StepKind::drop}, {StepKind::another}, {StepKind::hold}}).none());
  const RuleSet of_acquire = reach({{StepKind::acquire}});
  EXPECT_EQ(of_acquire & of_requests, of_requests);
  EXPECT_TRUE((of_acquire & (of_consumers | of_prefix("lifetime.export.") | of_prefix("lifetime.release."))).none());
  for (const StepKind kind : {StepKind::release, StepKind::release_copy, StepKind::release_raising, StepKind::read,
                              StepKind::write, StepKind::mutate, StepKind::repeat, StepKind::threads}) {
    EXPECT_TRUE((reach({{kind}}) & (of_requests | of_consumers)).none()) << static_cast<int>(kind);
    EXPECT_TRUE(reach({{kind}}).any()) << static_cast<int>(kind);
  }
}

TEST(ReachOracle, AnExporterThatLiesReachesTheRuleOfItsLie) {
  Scenario scenario = consumed("c_2d_int").scenario;
  EXPECT_EQ(rules_within_reach(scenario), of_prefix("consumer.") & ~of_prefix("consumer.hardening."));
  RuleSet together;
  for (std::uint32_t lie = behaviour::lie_len; lie <= behaviour::lie_obj; lie <<= 1U) {
    scenario.behaviours = lie;
    const RuleSet reached = rules_within_reach(scenario);
    EXPECT_EQ(reached.count(), 1U) << behaviour_name(lie);
    together |= reached;
  }
  EXPECT_EQ(together, of_prefix("consumer.hardening."));
}

}  // namespace

}  // namespace bufspec::oracle
