// Do the lists of cases hold what they say, the same each time, and find each case by its id?
#include "suites/engine/case_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "bufspec/judge.hpp"
#include "bufspec/layout.hpp"
#include "consumer_habits.hpp"
#include "suites/conformance/cases.hpp"
#include "suites/library/trace.hpp"
#include "suites/support/layout_sweep.hpp"
#include "test_tables.hpp"

namespace bufspec::engine {

namespace {

Case named(std::string id) { return {std::move(id), {}}; }

CaseList mixed_list() {
  CaseList cases({named("first"), named("second")});
  cases.append("made.n_", 3, [](std::size_t number) {
    Scenario scenario;
    scenario.steps.resize(number);
    return scenario;
  });
  cases.append({named("last")});
  return cases;
}

TEST(CaseLists, NumberWhatIsHeldAndWhatIsMadeAlike) {
  const CaseList cases = mixed_list();
  ASSERT_EQ(cases.size(), 6U);
  const std::vector<std::string> expected{"first", "second", "made.n_0", "made.n_1", "made.n_2", "last"};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(cases.id(i), expected[i]);
    EXPECT_EQ(cases.make(i).id, expected[i]);
    EXPECT_EQ(cases.find(expected[i]), i);
  }
  EXPECT_EQ(cases.make(4).scenario.steps.size(), 2U);
}

TEST(CaseLists, FindNothingUnderAnotherSpelling) {
  const CaseList cases = mixed_list();
  for (const char* id : {"", "third", "made.n_", "made.n_3", "made.n_-1", "made.n_+1", "made.n_01", "made.n_1x"})
    EXPECT_FALSE(cases.find(id).has_value()) << id;
}

TEST(CaseLists, OfExportersHaveEachIdOnce) {
  const CaseList cases = suites::exporter_cases(tables(), {Edition::current, {{"append", "close"}, true}, 1, "short"});
  std::set<std::string> ids;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_TRUE(ids.insert(cases.id(i)).second) << cases.id(i);
    EXPECT_EQ(cases.id(i).find_first_of("-:"), std::string::npos) << cases.id(i);
  }
}

TEST(CaseLists, OfExportersFitTheirScenarios) {
  const CaseList cases = suites::exporter_cases(tables(), {Edition::current, {{"append"}, true}, 7, "short"});
  for (std::size_t i = 0; i < cases.size(); i += i < 3000 ? 1 : 97) {
    const Case one = cases.make(i);
    EXPECT_FALSE(one.scenario.steps.empty()) << one.id;
    EXPECT_LE(one.scenario.steps.size(), max_steps) << one.id;
    for (const Step& step : one.scenario.steps) EXPECT_LT(step.slot, max_slots) << one.id;
  }
}

TEST(CaseLists, DrawTheSameSequencesFromTheSameSeedAlone) {
  const auto list = [](std::uint64_t seed) {
    return suites::exporter_cases(tables(), {Edition::current, {{"append"}, true}, seed, "short"});
  };
  const CaseList one = list(1);
  const CaseList again = list(1);
  const CaseList other = list(2);
  for (const std::string prefix : {"sequence.random_", "built.random_"}) {
    int different = 0;
    for (int n = 0; n < 200; ++n) {
      const std::size_t index = *one.find(prefix + std::to_string(n));
      EXPECT_EQ(one.make(index).scenario, again.make(index).scenario);
      different += one.make(index).scenario == other.make(index).scenario ? 0 : 1;
    }
    EXPECT_GT(different, 150) << prefix;
  }
}

CaseList consumer_list(std::uint64_t seed = 1, const char* bound = "short") {
  return suites::consumer_cases(tables(), {Edition::current, {}, seed, bound});
}

TEST(CaseLists, OfConsumersHaveEachIdOnce) {
  const CaseList cases = consumer_list();
  std::set<std::string> ids;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string id = cases.id(i);
    EXPECT_TRUE(ids.insert(id).second) << id;
    EXPECT_TRUE(id.starts_with("consumer.")) << id;
    EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_."), std::string::npos) << id;
  }
  for (const LayoutRow& row : tables().layouts) EXPECT_TRUE(ids.contains("consumer.reads_" + row.name)) << row.name;
  EXPECT_GE(ids.size(), 800U);
  EXPECT_LE(ids.size(), 1800U);
}

// No step looks at a result that cannot be there, and no result stays behind.
TEST(CaseLists, OfConsumersFitTheirScenarios) {
  for (const char* bound : {"short", "full"}) {
    const CaseList cases = consumer_list(7, bound);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Case one = cases.make(i);
      ASSERT_EQ(one.scenario.target, Target::consumer) << one.id;
      ASSERT_TRUE(one.scenario.layout.has_value()) << one.id;
      EXPECT_TRUE(well_formed(*one.scenario.layout).ok()) << one.id;
      EXPECT_LE(one.scenario.steps.size(), max_steps) << one.id;
      std::set<int> held;
      bool called = false;
      bool dropped = false;
      for (const Step& step : one.scenario.steps) {
        EXPECT_LT(step.slot, max_slots) << one.id;
        const bool calls =
            step.kind == StepKind::consume || step.kind == StepKind::repeat || step.kind == StepKind::threads;
        called |= calls;
        EXPECT_FALSE(calls && dropped) << one.id;
        if (step.kind == StepKind::consume) {
          EXPECT_TRUE(held.insert(step.slot).second) << one.id;
        }
        if (step.kind == StepKind::read) {
          EXPECT_TRUE(held.contains(step.slot)) << one.id;
        }
        if (step.kind == StepKind::release) {
          EXPECT_EQ(held.erase(step.slot), 1U) << one.id;
        }
        dropped |= step.kind == StepKind::drop;
      }
      EXPECT_TRUE(called) << one.id;
      EXPECT_TRUE(held.empty()) << one.id;
      EXPECT_EQ(one.scenario.steps.back().kind, StepKind::collect) << one.id;
    }
  }
}

TEST(CaseLists, OfConsumersTryEveryBehaviour) {
  const CaseList cases = consumer_list();
  std::uint32_t tried = 0;
  std::uint32_t tried_by_random = 0;
  std::set<int> refused;
  bool lied = false;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case one = cases.make(i);
    tried |= one.scenario.behaviours;
    refused.insert(one.scenario.refused_requests);
    if (one.id.starts_with("consumer.random_")) tried_by_random |= one.scenario.behaviours;
    // What comes behind a lie would be judged beside an exporter that lied before.
    lied |= (one.scenario.behaviours & behaviour::lies) != 0;
    EXPECT_EQ((one.scenario.behaviours & behaviour::lies) != 0, lied) << one.id;
  }
  EXPECT_EQ(tried, behaviour::all);
  EXPECT_EQ(tried_by_random & behaviour::lies, 0U);
  EXPECT_TRUE(refused.contains(0) && refused.contains(1) && refused.contains(255));
}

TEST(CaseLists, OfConsumersHandOverNoMemoryOfPointersToObjects) {
  const CaseList cases = consumer_list(3, "full");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case one = cases.make(i);
    EXPECT_EQ(one.scenario.layout->format.find_first_of("O&X"), std::string::npos) << one.id;
  }
}

// What the minimiser begins with is the bytes; of a memory they leave out wide margins alone.
TEST(CaseLists, OfConsumersAreToldByTheirBytes) {
  const CaseList cases = consumer_list();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case one = cases.make(i);
    const Scenario told = decode(encode(one.scenario));
    EXPECT_EQ(told.layout->format, one.scenario.layout->format) << one.id;
    EXPECT_EQ(told.layout->itemsize, one.scenario.layout->itemsize) << one.id;
    EXPECT_EQ(told.layout->shape, one.scenario.layout->shape) << one.id;
    EXPECT_EQ(told.layout->has_strides, one.scenario.layout->has_strides) << one.id;
    // Where there is no element, strides of any size may be told as 0.
    const auto end = told.layout->shape.begin() + told.layout->ndim;
    if (told.layout->has_strides && std::find(told.layout->shape.begin(), end, 0) == end) {
      EXPECT_EQ(told.layout->strides, one.scenario.layout->strides) << one.id;
    }
    EXPECT_EQ(told.behaviours, one.scenario.behaviours) << one.id;
    EXPECT_EQ(told.refused_requests, one.scenario.refused_requests) << one.id;
    EXPECT_EQ(told.steps, one.scenario.steps) << one.id;
  }
}

TEST(CaseLists, OfConsumersDrawTheSameFromTheSameSeedAlone) {
  const CaseList one = consumer_list(1);
  const CaseList again = consumer_list(1);
  const CaseList other = consumer_list(2);
  int different = 0;
  for (int n = 0; n < 200; ++n) {
    const std::size_t index = *one.find("consumer.random_" + std::to_string(n));
    EXPECT_EQ(one.make(index).scenario, again.make(index).scenario);
    different += one.make(index).scenario == other.make(index).scenario ? 0 : 1;
  }
  EXPECT_GT(different, 150);
}

TEST(CaseLists, TryEveryOperation) {
  const auto cases = suites::mutation_cases(tables(), {{"append", "close"}, false}, Edition::current);
  std::set<int> tried;
  for (const Case& one : cases)
    for (const Step& step : one.scenario.steps)
      if (step.kind == StepKind::mutate) tried.insert(step.flags);
  EXPECT_EQ(tried, (std::set{0, 1}));
}

TEST(SweptLayouts, AreThoseOfTheSweepInItsOrder) {
  const SweepRow* sweep = tables().sweep("short");
  ASSERT_NE(sweep, nullptr);
  SweptLayouts swept(*sweep);
  std::size_t number = 0;
  const std::size_t count = each_layout(*sweep, [&](const Layout& layout) {
    EXPECT_EQ(swept.at(number), layout) << number;
    ++number;
  });
  EXPECT_EQ(swept.size(), count);
  // In any order too.
  const Layout late = swept.at(count - 1);
  const Layout early = swept.at(0);
  EXPECT_EQ(swept.at(count - 1), late);
  EXPECT_EQ(swept.at(0), early);
}

// A rule that no case can judge would pass unseen.
TEST(CaseLists, JudgeEachRuleOnSomeNamedLayout) {
  RuleSet judged;
  const auto try_one = [&](Case one, int most_often) {
    for (Step& step : one.scenario.steps)
      step.count =
          std::min(step.count, step.kind == StepKind::threads ? 2 : most_often);  // threads wait for each other
    if (const auto trace = trace_on_reference(one.scenario)) judged |= judge(one.scenario, *trace).judged;
  };
  for (const Edition edition : {Edition::current, Edition::founding_2010}) {
    const CaseList exporters = suites::exporter_cases(tables(), {edition, {{"resize"}, false}, 0, "short"});
    for (const LayoutRow& row : tables().layouts)
      for (std::size_t i = 0; i < exporters.size(); ++i) {
        Case one = exporters.make(i);
        if (one.id.starts_with("sequence.")) continue;  // what they show, others show
        one.scenario.layout = row.layout;
        try_one(std::move(one), 1000);
      }
    const CaseList consumers = suites::consumer_cases(tables(), {edition, {}, 0, "short"});
    for (std::size_t i = 0; i < consumers.size(); ++i) {
      Case one = consumers.make(i);
      for (Step& step : one.scenario.steps) step.count = std::min(step.count, 10);
      for (const ConsumerHabit& habit : consumer_habits()) {
        auto trace = trace_of_consumer(one.scenario, habit);
        if (!trace) continue;
        trace->accepts = capability::all;
        judged |= judge(one.scenario, *trace).judged;
      }
    }
    for (const Case& one : suites::function_cases(tables(), edition)) try_one(one, 1);
    for (const Case& one : suites::call_cases(tables(), {}, edition)) try_one(one, 1);
    std::vector<Case> checks = suites::check_cases({}, edition);
    for (Case& one : suites::bridge_cases(edition)) checks.push_back(std::move(one));
    for (const Case& one : checks) {
      Trace trace;  // the reference has nothing to check; this is what a runtime, or an object, shows
      trace.observes = observation::all;
      trace.steps.emplace_back().called.emplace();
      judged |= judge(one.scenario, trace).judged;
    }
  }
  // The reference hands out no copies; the claims of the judge show this one.
  EXPECT_FALSE(judged[index_of(Rule::field_readonly_of_a_copy)]);
  judged.set(index_of(Rule::field_readonly_of_a_copy));
  for (std::size_t i = 0; i < rule_count; ++i) EXPECT_TRUE(judged[i]) << rule_ids[i];
}

}  // namespace

}  // namespace bufspec::engine
