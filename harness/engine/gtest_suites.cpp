// bufspec-suites: the GoogleTest front end, which runs the lists of suites/conformance against native subjects.
// One test for each edition, area and named layout, e.g. current/Request.c_2d_int; a test passes if no rule is broken.
// Filters, shards and XML are GoogleTest's own.  What is tried and what is right is said elsewhere.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "ledger.hpp"
#include "reference_subject.hpp"
#include "run.hpp"
#include "tables_yaml.hpp"

namespace bufspec {

void PrintTo(const Layout& layout, std::ostream* out) { *out << describe(layout); }

}  // namespace bufspec

namespace bufspec::engine {

namespace {

constexpr std::size_t shown_failures = 5;

const char* name_of(Edition edition) { return edition == Edition::current ? "current" : "2010"; }

std::string text_of(const Failure& failure) {
  const Violation& violation = failure.violation;
  std::ostringstream text;
  text << "case      " << failure.failed_case.id << ", step " << violation.step << "\n"
       << "rule      " << rule_id(violation.rule) << "\n"
       << "expected  " << violation.expected << "\n"
       << "found     " << violation.found << "\n"
       << "scenario  " << describe(failure.failed_case.scenario) << "\n";
  return text.str();
}

// Runs `cases` and expects that each was judged and that no rule is broken.
void expect_no_violation(Subject& subject, const std::vector<suites::Case>& cases) {
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

std::vector<suites::Case> with_layout(std::vector<suites::Case> cases, const Layout& layout) {
  for (suites::Case& one : cases) one.scenario.layout = layout;
  return cases;
}

// The memory told to the judge, then found out from the richest answer, as it is of a stranger's object.
void expect_kept_by_exporter(const std::vector<suites::Case>& cases, const Layout& layout) {
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

// Why the reference makes no memory of `layout`; empty if it does.
std::string reason_against(const Layout& layout) {
  Exporter exporter;
  const Status status = exporter.build(layout);
  return status.ok() ? "" : status.reason;
}

class LayoutTest : public testing::Test {
 public:
  LayoutTest(const Layout& layout, std::function<void()> body) : layout_(layout), body_(std::move(body)) {}

 private:
  void TestBody() override {
    if (const std::string reason = reason_against(layout_); !reason.empty())
      GTEST_SKIP() << "no exporter has this memory: " << reason;
    SCOPED_TRACE(describe(layout_));
    body_();
  }

  const Layout& layout_;
  std::function<void()> body_;
};

void add_test(Edition edition, const std::string& area, const LayoutRow& row, std::function<void()> body) {
  testing::RegisterTest(
      (std::string(name_of(edition)) + "/" + area).c_str(), row.name.c_str(), nullptr, nullptr, row.place.file.c_str(),
      row.place.line, [&row, body = std::move(body)]() -> testing::Test* { return new LayoutTest(row.layout, body); });
}

struct ExporterArea {
  const char* name;
  std::vector<suites::Case> (*cases)(Edition);
};

constexpr ExporterArea exporter_areas[]{
    {"Request", suites::request_cases},
    {"StrayBits", suites::stray_bits_cases},
    {"UnassignedBits", suites::unassigned_bits_cases},
    {"Lifetime", suites::lifetime_cases},
};

// `tables` outlives the tests.
void register_tests(const Tables& tables, Edition edition) {
  for (const ExporterArea& area : exporter_areas) {
    const auto cases = std::make_shared<const std::vector<suites::Case>>(area.cases(edition));
    for (const LayoutRow& row : tables.layouts)
      add_test(edition, area.name, row, [cases, &row] { expect_kept_by_exporter(*cases, row.layout); });
  }
  for (const LayoutRow& row : tables.layouts) {
    Tables alone;
    alone.layouts.push_back(row);
    add_test(edition, "Consumer", row, [cases = suites::consumer_cases(alone, edition)] {
      ReferenceConsumerSubject subject;
      expect_no_violation(subject, cases);
    });
    add_test(edition, "Function", row, [cases = suites::function_cases(alone, edition)] {
      ReferenceFunctionSubject subject;
      expect_no_violation(subject, cases);
    });
  }
}

LoadedTables load() {
  const char* elsewhere = std::getenv("BUFSPEC_SPEC_DIR");
  const LoadedTree tree =
      tree_from_directory(elsewhere != nullptr && *elsewhere != '\0' ? elsewhere : BUFSPEC_SPEC_DIR);
  LoadedTables loaded;
  loaded.problems = tree.problems;
  return tree.ok() ? tables_from(tree.tree) : loaded;
}

}  // namespace

}  // namespace bufspec::engine

int main(int argc, char** argv) {
  using namespace bufspec;
  testing::InitGoogleTest(&argc, argv);
  const LoadedTables loaded = engine::load();
  if (!loaded.ok()) {
    std::fputs(loaded.text().c_str(), stderr);
    return 2;
  }
  for (const Edition edition : {Edition::current, Edition::founding_2010})
    engine::register_tests(loaded.tables, edition);
  return RUN_ALL_TESTS();
}
