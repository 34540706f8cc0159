// bufspec-reference-suites: the lists of suites/conformance against the reference, as GoogleTest's tests.
// One test for each edition, area and named layout, e.g. current/Exporters.Request/c_2d_int; it passes if no rule is broken.
// Filters, shards and XML are GoogleTest's own.  What is tried and what is right is said elsewhere.
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "suites/conformance/cases.hpp"
#include "suites/engine/ledger.hpp"
#include "suites/engine/library/subject.hpp"
#include "suites/engine/reference/consumer.hpp"
#include "suites/engine/reference/subject.hpp"
#include "suites/engine/run.hpp"
#include "suites/library/reference.hpp"
#include "test_tables.hpp"

namespace bufspec::engine {

namespace {

constexpr std::size_t shown_failures = 5;
constexpr std::size_t sequences_skipped = 10;  // one in so many is run on each layout

std::string text_of(const Failure& failure) {
  const Violation& violation = failure.violation;
  std::ostringstream text;
  text << "case      " << failure.failed_case.id << ", step " << violation.step << "\n"
       << "rule      " << rule_id(violation.rule) << "\n"
       << "finding   " << describe(violation.finding) << "\n"
       << "scenario  " << describe(failure.failed_case.scenario) << "\n";
  return text.str();
}

// Runs `cases` and expects that each was judged and that no rule is broken.
void expect_no_violation(Subject& subject, std::vector<Case> tried) {
  const CaseList cases(std::move(tried));
  const auto memory = std::make_unique<LedgerData>();
  Ledger ledger(memory.get(), true);
  std::string failures;
  std::size_t count = 0;
  run(subject, cases, ledger, {}, [&](const Failure& failure) {
    if (++count <= shown_failures) failures += text_of(failure) + "\n";
    return true;
  });
  EXPECT_EQ(count, 0U) << failures;

  const LedgerData& data = ledger.data();
  std::uint64_t judged = 0;
  for (std::uint32_t i = 0; i < data.tally_count.load(); ++i) judged += data.tallies[i].count;
  EXPECT_EQ(judged, cases.size()) << "the subject could not run every case";
}

std::vector<Case> with_layout(std::vector<Case> cases, const Layout& layout) {
  for (Case& one : cases) one.scenario.layout = layout;
  return cases;
}

// The memory told to the judge, then found out from the richest answer, as it is of a stranger's object.
void expect_kept_by_exporter(const std::vector<Case>& cases, const Layout& layout) {
  constexpr std::uint32_t before_reserved_words = 0x030c0000;
  const auto declared = with_layout(cases, layout);
  for (const std::uint32_t runtime : {latest_runtime, before_reserved_words}) {
    SCOPED_TRACE(runtime == latest_runtime ? "as on the latest interpreter" : "as on CPython 3.12");
    ReferenceExporterSubject subject(layout, runtime);
    {
      SCOPED_TRACE("declared layout");
      expect_no_violation(subject, declared);
    }
    {
      SCOPED_TRACE("ready-made object");
      expect_no_violation(subject, cases);
    }
    EXPECT_EQ(subject.exports(), 0);
    EXPECT_EQ(subject.references(), 1);
  }
}

struct Param {
  const LayoutRow* row;
  Edition edition;
};

void PrintTo(const Param& param, std::ostream* out) { *out << describe(param.row->layout); }

// Every named layout; called by InitGoogleTest(), when the tables are loaded.
std::vector<Param> params(Edition edition) {
  std::vector<Param> all;
  all.reserve(tables().layouts.size());
  for (const LayoutRow& row : tables().layouts) all.push_back({&row, edition});
  return all;
}

class LayoutTest : public testing::TestWithParam<Param> {
 protected:
  void SetUp() override {
    Exporter exporter;
    const Status status = exporter.build(layout());
    if (!status.ok()) GTEST_SKIP() << "no exporter has this memory: " << status.reason;
  }
  [[nodiscard]] static const Layout& layout() { return GetParam().row->layout; }
  [[nodiscard]] static Edition edition() { return GetParam().edition; }
  // The tables as if they had this layout alone.
  [[nodiscard]] static Tables alone() {
    Tables made;
    made.flags = tables().flags;
    made.compounds = tables().compounds;
    made.canonical = tables().canonical;
    made.layouts.push_back(*GetParam().row);
    return made;
  }
};

class Exporters : public LayoutTest {};
class Consumers : public LayoutTest {};
class Functions : public LayoutTest {};

TEST_P(Exporters, Request) { expect_kept_by_exporter(suites::request_cases(edition()), layout()); }
TEST_P(Exporters, StrayBits) { expect_kept_by_exporter(suites::stray_bits_cases(edition()), layout()); }
TEST_P(Exporters, UnassignedBits) { expect_kept_by_exporter(suites::unassigned_bits_cases(edition()), layout()); }
TEST_P(Exporters, Data) { expect_kept_by_exporter(suites::data_cases(alone(), edition()), layout()); }
TEST_P(Exporters, Lifetime) { expect_kept_by_exporter(suites::lifetime_cases(alone(), edition()), layout()); }
TEST_P(Exporters, Direct) { expect_kept_by_exporter(suites::direct_cases(alone(), edition()), layout()); }
TEST_P(Exporters, Reenter) { expect_kept_by_exporter(suites::reenter_cases(edition()), layout()); }
TEST_P(Exporters, Mutation) {
  expect_kept_by_exporter(suites::mutation_cases(alone(), {{"resize"}, true}, edition()), layout());
}
TEST_P(Exporters, Sequences) {
  CaseList cases;
  suites::append_sequence_cases({edition(), {{"resize"}, true}, 3118, "short"}, cases);
  std::vector<Case> made;
  for (std::size_t i = 0; i < cases.size(); i += sequences_skipped) made.push_back(cases.make(i));
  expect_kept_by_exporter(made, layout());
}

TEST_P(Consumers, Memoryview) {
  ReferenceConsumerSubject subject;
  expect_no_violation(subject, suites::consumer_layout_cases(suites::consumer_memories(alone(), {}), edition()));
}

TEST_P(Functions, IsContiguous) {
  library::ReferenceLibrary reference;
  LibrarySubject subject(reference);
  expect_no_violation(subject, suites::function_cases(alone(), edition()));
}

std::string layout_name(const testing::TestParamInfo<Param>& info) { return info.param.row->name; }

INSTANTIATE_TEST_SUITE_P(current, Exporters, testing::ValuesIn(params(Edition::current)), layout_name);
INSTANTIATE_TEST_SUITE_P(current, Consumers, testing::ValuesIn(params(Edition::current)), layout_name);
INSTANTIATE_TEST_SUITE_P(current, Functions, testing::ValuesIn(params(Edition::current)), layout_name);
INSTANTIATE_TEST_SUITE_P(founding_2010, Exporters, testing::ValuesIn(params(Edition::founding_2010)), layout_name);
INSTANTIATE_TEST_SUITE_P(founding_2010, Consumers, testing::ValuesIn(params(Edition::founding_2010)), layout_name);
INSTANTIATE_TEST_SUITE_P(founding_2010, Functions, testing::ValuesIn(params(Edition::founding_2010)), layout_name);

}  // namespace

}  // namespace bufspec::engine

int main(int argc, char** argv) {
  // First the tables: their layouts are what the tests are registered for.
  if (!bufspec::load_test_tables()) return 2;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
