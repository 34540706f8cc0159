// Do the lists of cases hold what they say, the same each time, and find each case by its id?
#include "suites/conformance/case_list.hpp"

#include <set>
#include <string>

#include "suites/conformance/cases.hpp"
#include "suites/support/layout_sweep.hpp"
#include "tests.hpp"

namespace bufspec::engine {

namespace {

using suites::Case;
using suites::CaseList;

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

TEST(CaseLists, TryEveryOperation) {
  const auto cases = suites::mutation_cases({{"append", "close"}, false}, Edition::current);
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

}  // namespace

}  // namespace bufspec::engine
