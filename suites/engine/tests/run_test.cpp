// Does the run loop drive each step, leave its breadcrumb first, count once, and end when it is told to?
#include "suites/engine/run.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "suites/engine/reference/subject.hpp"
#include "suites/library/trace.hpp"

namespace bufspec::engine {

namespace {

// int (2, 3) in C order.
Layout matrix() {
  Layout layout;
  layout.format = "i";
  layout.itemsize = 4;
  layout.ndim = 2;
  layout.shape = {2, 3};
  layout.has_strides = false;
  layout.block = 24;
  return layout;
}

// The reference exporter of a matrix, with what it does told, watched and spoiled.
class FakeSubject final : public Subject {
 public:
  using Spoil = std::function<void(Answer&)>;

  [[nodiscard]] unsigned observes() const noexcept override { return reference_.observes(); }
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override {
    if (watch) watch("begin", 0);
    if (refuses && refuses(scenario)) return false;
    ++begun;
    return reference_.begin(scenario, trace);
  }
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override {
    if (watch) watch("perform", step);
    reference_.perform(scenario, step, trace);
    ++performed;
    if (spoil && trace.steps.back().answer) spoil(*trace.steps.back().answer);
  }
  void end() override {
    ++ended;
    reference_.end();
  }
  bool memorise(const Scenario&, std::size_t memory) override {
    memorised.push_back(memory);
    return remembers && memory != forgotten;
  }
  Repeat repeat(const Scenario& scenario, std::size_t memory, Trace& trace) override {
    if (watch) watch("repeat", 0);
    repeated.push_back(memory);
    if (repeats_as != Repeat::differs) return repeats_as;
    trace = Trace{};
    if (!reference_.begin(scenario, trace)) return Repeat::unsupported;
    for (std::size_t step = 0; step < scenario.steps.size(); ++step) {
      reference_.perform(scenario, step, trace);
      if (spoil_repeated && trace.steps.back().answer) spoil_repeated(*trace.steps.back().answer);
    }
    reference_.end();
    return Repeat::differs;
  }

  std::function<void(const char*, std::size_t)> watch;
  std::function<bool(const Scenario&)> refuses;
  Spoil spoil;
  Spoil spoil_repeated;
  bool remembers = true;
  std::size_t forgotten = SIZE_MAX;  // the number of a case that is never memorised
  Repeat repeats_as = Repeat::accepted;
  int begun = 0;
  int ended = 0;
  int performed = 0;
  std::vector<std::size_t> memorised;
  std::vector<std::size_t> repeated;

 private:
  ReferenceExporterSubject reference_{matrix()};
};

void borrow_obj(Answer& answer) { answer.references_gained = 0; }

Case acquiring(const std::string& id, const std::vector<int>& words) {
  return {id, asking(matrix(), words, Edition::current, false)};
}

struct RunTest : testing::Test {
  // Runs cases and gives the ids of failed cases with their rules, in the order in which they were told.
  std::vector<std::string> run_all(const RunOptions& options = {}, std::size_t failures_until_end = SIZE_MAX) {
    std::vector<std::string> told;
    run(subject, CaseList(cases), ledger, options, [&](const Failure& failure) {
      EXPECT_EQ(failure.failed_case.id, cases[failure.case_index].id);
      told.push_back(failure.failed_case.id + " " + std::string(rule_id(failure.violation.rule)));
      return told.size() < failures_until_end;
    });
    return told;
  }
  // Runs cases over and over and gives how many took the fast way.
  std::uint64_t run_rounds(std::uint64_t rounds) { return Repeater(subject, cases, ledger).run(rounds); }

  [[nodiscard]] std::uint64_t failed(Rule rule) const { return ledger.data().failed[index_of(rule)]; }
  [[nodiscard]] std::uint32_t cases_done() const { return ledger.data().cases_done.load(); }
  [[nodiscard]] std::uint64_t cases_counted() const {
    std::uint64_t count = 0;
    for (std::uint32_t i = 0; i < ledger.data().tally_count.load(); ++i) count += ledger.data().tallies[i].count;
    return count;
  }

  std::unique_ptr<LedgerData> memory = std::make_unique<LedgerData>();
  Ledger ledger{memory.get(), true};
  FakeSubject subject;
  std::vector<Case> cases{acquiring("first", {flag::ND}), acquiring("second", {flag::ND, flag::STRIDES}),
                          acquiring("third", {flag::SIMPLE})};
};

TEST_F(RunTest, LeavesTheBreadcrumbBeforeEachStep) {
  std::vector<std::string> seen;
  subject.watch = [&](const char* what, std::size_t step) {
    const Breadcrumb& here = ledger.data().threads[0];
    EXPECT_EQ(here.step(), step);
    seen.push_back(std::string(what) + " " + std::to_string(here.case_index()) + "." + std::to_string(step));
    // The case is under way: it is not counted as done.
    EXPECT_EQ(cases_done(), here.case_index());
  };
  EXPECT_TRUE(run_all().empty());
  const std::vector<std::string> expected{"begin 0.0",   "perform 0.0", "perform 0.1", "begin 1.0",
                                          "perform 1.0", "perform 1.1", "perform 1.2", "perform 1.3",
                                          "begin 2.0",   "perform 2.0", "perform 2.1"};
  EXPECT_EQ(seen, expected);
}

TEST_F(RunTest, JudgesAndCountsEveryCase) {
  EXPECT_TRUE(run_all().empty());
  EXPECT_EQ(cases_done(), 3U);
  EXPECT_EQ(cases_counted(), 3U);
  EXPECT_EQ(ledger.data().requests, 4U);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::field_len_product), 3U);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::request_strides_strides_present), 1U);
  EXPECT_EQ(cases_reading(ledger.data(), reading_number(Rule::request_ndim_without_nd, "one")), 1U);
  EXPECT_EQ(subject.ended, 3);
}

TEST_F(RunTest, BeginsAtTheFirstCaseThatIsWanted) {
  RunOptions options;
  options.first_case = 2;
  EXPECT_TRUE(run_all(options).empty());
  EXPECT_EQ(subject.begun, 1);
  options.first_case = 100;
  EXPECT_TRUE(run_all(options).empty());
  EXPECT_EQ(subject.begun, 1);
}

TEST_F(RunTest, IsAtTheEndOnlyAfterTheLastCase) {
  subject.watch = [&](const char*, std::size_t) { EXPECT_NE(ledger.data().threads[0].case_index(), index_at_the_end); };
  EXPECT_TRUE(run_all().empty());
  EXPECT_EQ(ledger.data().threads[0].case_index(), index_at_the_end);
  subject.spoil = borrow_obj;
  EXPECT_EQ(run_all({}, 2).size(), 2U);
  EXPECT_EQ(ledger.data().threads[0].case_index(), 1U) << "it was ended in that case";
}

TEST_F(RunTest, EndsAtTheCaseInWhichTheLedgerWasOverwritten) {
  subject.watch = [&](const char*, std::size_t) {
    if (ledger.data().threads[0].case_index() == 1) memory->requests = 2965446635;
  };
  EXPECT_TRUE(run_all().empty());
  EXPECT_TRUE(ledger.is_overwritten());
  EXPECT_EQ(cases_done(), 1U);
  EXPECT_EQ(ledger.data().threads[0].case_index(), 1U);
  EXPECT_NE(damage_of(ledger.data()), nullptr);
}

TEST_F(RunTest, CountsABrokenRuleOnceACase) {
  subject.spoil = borrow_obj;
  const std::vector<std::string> expected{"first field.obj.owned_reference", "second field.obj.owned_reference",
                                          "third field.obj.owned_reference"};
  EXPECT_EQ(run_all(), expected);
  EXPECT_EQ(failed(Rule::field_obj_owned_reference), 3U);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::field_obj_owned_reference), 3U);
}

TEST_F(RunTest, TellsEachRuleThatACaseBreaks) {
  subject.spoil = [](Answer& answer) {
    borrow_obj(answer);
    answer.canaries_intact = false;
  };
  cases.resize(1);
  EXPECT_EQ(run_all().size(), 2U);
  EXPECT_EQ(failed(Rule::lifetime_struct_inside_only), 1U);
  EXPECT_EQ(cases_counted(), 1U);
}

TEST_F(RunTest, StopsBehindTheFirstFailedCase) {
  subject.spoil = [](Answer& answer) {
    borrow_obj(answer);
    answer.canaries_intact = false;
  };
  RunOptions options;
  options.stop_on_failure = true;
  EXPECT_EQ(run_all(options).size(), 2U);
  EXPECT_EQ(subject.begun, 1);
  EXPECT_EQ(cases_done(), 1U);
  EXPECT_EQ(cases_counted(), 1U);
}

TEST_F(RunTest, EndsWhenItIsToldTo) {
  subject.spoil = borrow_obj;
  EXPECT_EQ(run_all({}, 2).size(), 2U);
  EXPECT_EQ(subject.begun, 2);
  EXPECT_EQ(subject.ended, 2);
  EXPECT_EQ(cases_done(), 2U);
}

TEST_F(RunTest, PassesOverRulesThatAreNotWanted) {
  subject.spoil = borrow_obj;
  RunOptions options;
  options.stop_on_failure = true;
  options.rules.reset(index_of(Rule::field_obj_owned_reference));
  EXPECT_TRUE(run_all(options).empty());
  EXPECT_EQ(failed(Rule::field_obj_owned_reference), 0U);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::field_obj_owned_reference), 0U);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::field_len_product), 3U);
}

TEST_F(RunTest, RecordsNoReadingOfARuleThatIsNotWanted) {
  RunOptions options;
  options.rules.reset(index_of(Rule::request_ndim_without_nd));
  EXPECT_TRUE(run_all(options).empty());
  EXPECT_EQ(cases_reading(ledger.data(), reading_number(Rule::request_ndim_without_nd, "one")), 0U);
}

TEST_F(RunTest, ACaseThatTheSubjectCannotRunIsNotJudged) {
  subject.refuses = [](const Scenario& scenario) { return scenario.steps.size() == 4; };
  EXPECT_TRUE(run_all().empty());
  EXPECT_EQ(cases_done(), 3U);
  EXPECT_EQ(cases_counted(), 2U);
  EXPECT_EQ(subject.begun, 2);
  EXPECT_EQ(subject.ended, 2);
}

TEST_F(RunTest, GivesTheTraceOfOneScenario) {
  EXPECT_EQ(trace_of(subject, cases[1].scenario).steps.size(), 4U);
  subject.refuses = [](const Scenario&) { return true; };
  const Trace none = trace_of(subject, cases[1].scenario);
  EXPECT_TRUE(none.steps.empty());
  EXPECT_FALSE(none.richest.has_value());
}

TEST_F(RunTest, TakesTheFastWayOnceAnAnswerIsKnown) {
  EXPECT_EQ(run_rounds(5), 12U);
  EXPECT_EQ(subject.begun, 3);  // each case once, then only repeated
  EXPECT_EQ(cases_counted(), 15U);
  EXPECT_EQ(cases_judged(ledger.data(), Rule::field_len_product), 15U);
}

TEST_F(RunTest, JudgesEveryTimeWhatIsNotMemorised) {
  subject.remembers = false;
  EXPECT_EQ(run_rounds(5), 0U);
  EXPECT_TRUE(subject.repeated.empty());
  EXPECT_EQ(subject.begun, 15);
  EXPECT_EQ(cases_counted(), 15U);
}

TEST_F(RunTest, PerformsTheStepsWhereTheFastWayDidNothing) {
  subject.repeats_as = Repeat::unsupported;
  EXPECT_EQ(run_rounds(3), 0U);
  EXPECT_EQ(subject.begun, 9);
  EXPECT_EQ(cases_counted(), 9U);
}

TEST_F(RunTest, JudgesARepeatThatDiffers) {
  subject.repeats_as = Repeat::differs;
  subject.spoil_repeated = borrow_obj;
  cases.resize(2);
  EXPECT_EQ(run_rounds(2), 0U);
  EXPECT_EQ(subject.begun, 2);  // the steps of the second round were done by repeat()
  EXPECT_EQ(cases_counted(), 4U);
  EXPECT_EQ(failed(Rule::field_obj_owned_reference), 2U) << "once a case, however many of its steps break it";
}

TEST_F(RunTest, DoesNotMemoriseABrokenAnswer) {
  subject.spoil = borrow_obj;
  EXPECT_EQ(run_rounds(3), 0U);
  EXPECT_TRUE(subject.memorised.empty());
  EXPECT_TRUE(subject.repeated.empty());
  EXPECT_EQ(failed(Rule::field_obj_owned_reference), 9U);
}

TEST_F(RunTest, LeavesTheBreadcrumbBeforeEachRepeat) {
  std::vector<std::uint32_t> seen;
  subject.watch = [&](const char* what, std::size_t) {
    if (std::string_view(what) == "repeat") seen.push_back(ledger.data().threads[0].case_index());
  };
  EXPECT_EQ(run_rounds(3), 6U);
  const std::vector<std::uint32_t> expected{0, 1, 2, 0, 1, 2};
  EXPECT_EQ(seen, expected);
}

TEST_F(RunTest, AnUnknownCaseAmongKnownOnesIsJudgedInItsTurn) {
  for (const std::size_t forgotten : {0U, 1U, 2U}) {
    FakeSubject fresh;
    fresh.forgotten = forgotten;
    Ledger cleared(memory.get(), true);
    EXPECT_EQ(Repeater(fresh, cases, cleared).run(4), 6U);
    EXPECT_EQ(fresh.begun, 6);
    EXPECT_EQ(cases_counted(), 12U);
  }
}

TEST_F(RunTest, ARepeatThatDiffersAndIsCleanIsKnownAgain) {
  subject.repeats_as = Repeat::differs;
  EXPECT_EQ(run_rounds(3), 0U);
  EXPECT_EQ(subject.begun, 3);
  EXPECT_EQ(subject.memorised.size(), 9U);
  EXPECT_EQ(cases_counted(), 9U);
}

TEST_F(RunTest, ACaseThatTheSubjectCannotRunIsNeverKnown) {
  subject.refuses = [](const Scenario& scenario) { return scenario.steps.size() == 4; };
  EXPECT_EQ(run_rounds(3), 4U);
  EXPECT_EQ(cases_counted(), 6U);
}

TEST_F(RunTest, NumbersMemoriesByTheirCase) {
  EXPECT_EQ(run_rounds(2), 3U);
  const std::vector<std::size_t> numbers{0, 1, 2};
  EXPECT_EQ(subject.memorised, numbers);
  EXPECT_EQ(subject.repeated, numbers);
}

}  // namespace

}  // namespace bufspec::engine
