// Do tables and code know the same names: rules, readings, flags, observations, laws?
// A name without a function, or a function without a row, is a gap that nothing else would show.
#include <map>
#include <set>

#include "bufspec/errors.hpp"
#include "bufspec/flags.hpp"
#include "bufspec/rules.hpp"
#include "bufspec/trace.hpp"
#include "oracle.hpp"
#include "table_side.hpp"

namespace bufspec::oracle {
namespace {

using Names = std::set<std::string, std::less<>>;

TEST(RegistryOracle, JudgedRulesAreThoseOfTheTables) {
  Names judged;
  for (const RuleRow& row : tables().rules)
    if (row.judged) judged.insert(row.id);
  Names known;
  for (const std::string_view id : rule_ids) known.emplace(id);
  EXPECT_EQ(known.size(), rule_count) << "an id stands twice in rules.def";
  for (const std::string& id : known)
    EXPECT_TRUE(judged.contains(id)) << id << ": judged by the reference, but no row says so";
  for (const std::string& id : judged)
    EXPECT_TRUE(known.contains(id)) << id << ": its row says judged, but rules.def has it not";
}

// The columns `observes` and `editions` of rules.def are compared in judge/rows_oracle.cpp.
TEST(RegistryOracle, RulesBindWhomTheTablesSay) {
  const std::vector<std::pair<std::string, unsigned>> bits{
      {"exporter", binds::exporter}, {"consumer", binds::consumer}, {"runtime", binds::runtime}};
  for (const JudgedRule& rule : judged_rules) {
    const RuleRow* row = tables().rule(rule.id);
    ASSERT_NE(row, nullptr) << rule.id;
    unsigned bound = 0;
    for (const auto& [name, bit] : bits)
      for (const std::string& one : row->binds)
        if (one == name) bound |= bit;
    EXPECT_EQ(rule.binds, bound) << rule.id;
    EXPECT_TRUE(rule.judged_by != JudgedBy::call || !row->cases.empty()) << rule.id << ": no case calls anything";
  }
}

TEST(RegistryOracle, ReadingsAreThoseOfTheTablesInTheirOrder) {
  std::map<std::string, std::vector<std::string>, std::less<>> known;
  for (const Reading& reading : readings) known[std::string(rule_id(reading.rule))].emplace_back(reading.name);
  for (const auto& [id, names] : known) {
    const RuleRow* row = tables().rule(id);
    ASSERT_NE(row, nullptr) << id;
    EXPECT_EQ(row->readings, names) << id;
  }
  for (const RuleRow& row : tables().rules) {
    EXPECT_EQ(row.level == "contested", !row.readings.empty()) << row.id;
    EXPECT_TRUE(!row.judged || row.readings.empty() || known.contains(row.id))
        << row.id << ": no readings in rules.hpp";
  }
  for (const ContestedRow& row : tables().contested) {
    const RuleRow* rule = tables().rule(row.rule);
    ASSERT_NE(rule, nullptr) << row.rule;
    std::vector<std::string> names;
    names.reserve(row.readings.size());
    for (const ReadingRow& reading : row.readings) names.push_back(reading.name);
    EXPECT_EQ(rule->readings, names) << row.rule;
  }
}

TEST(RegistryOracle, RequestRowsNameRules) {
  const auto expect_rule = [](const std::string& id, const RowPlace& place) {
    EXPECT_NE(tables().rule(id), nullptr) << place.file << ':' << place.line << ": no rule " << id;
  };
  for (const ReservedRow& row : tables().reserved) expect_rule(row.rule, row.place);
  for (const RefusalRow& row : tables().refusals) expect_rule(row.rule, row.place);
  for (const ContestedRow& row : tables().contested) expect_rule(row.rule, row.place);
  for (const AnswerRow& row : tables().answers) expect_rule(row.rule, row.place);
}

// Not more, not less, in any edition: a field that no row speaks of is a gap.
TEST(RegistryOracle, EveryFieldOfAnAnswerIsSpokenOf) {
  using Field = AnswerRow::Field;
  using Said = AnswerRow::Holds;
  const RequestTable table(tables());
  for (const ClassRow& row : tables().classes) {
    for (const Edition edition : {Edition::current, Edition::founding_2010}) {
      for (int word = 0; word < 1024; ++word) {
        const TableAnswer answer = table.answer(word, facts_of_class(row, false), edition, 0xffffffff);
        if (answer.kind == TableAnswer::Kind::must_refuse) continue;
        for (const Field field : {Field::len, Field::itemsize, Field::buf})
          ASSERT_TRUE(answer.holds(field, Said::of_memory)) << row.name << ", word " << word;
        ASSERT_TRUE(answer.holds(Field::obj, edition == Edition::current ? Said::exporter : Said::any));
        const int seen = answer.complete_flags ? table.complete_flags(word) : word;
        ASSERT_EQ(answer.holds(Field::ndim, Said::of_memory), (seen & 0x008) != 0) << row.name << ", word " << word;
        ASSERT_TRUE(answer.holds(Field::readonly, (seen & 1) != 0 ? Said::zero : Said::of_memory)) << row.name;
        ASSERT_TRUE(answer.holds(Field::format, (seen & 4) != 0 ? Said::text : Said::null)) << row.name;
      }
    }
  }
}

TEST(RegistryOracle, FlagsHaveTheValuesOfTheTable) {
  const std::map<std::string, int, std::less<>> known{
      {"SIMPLE", flag::SIMPLE},
      {"WRITABLE", flag::WRITABLE},
      {"FORMAT", flag::FORMAT},
      {"ND", flag::ND},
      {"STRIDES", flag::STRIDES},
      {"C_CONTIGUOUS", flag::C_CONTIGUOUS},
      {"F_CONTIGUOUS", flag::F_CONTIGUOUS},
      {"ANY_CONTIGUOUS", flag::ANY_CONTIGUOUS},
      {"INDIRECT", flag::INDIRECT},
      {"WRITEABLE", flag::WRITABLE},
      {"CONTIG", flag::CONTIG},
      {"CONTIG_RO", flag::CONTIG_RO},
      {"STRIDED", flag::STRIDED},
      {"STRIDED_RO", flag::STRIDED_RO},
      {"RECORDS", flag::RECORDS},
      {"RECORDS_RO", flag::RECORDS_RO},
      {"FULL", flag::FULL},
      {"FULL_RO", flag::FULL_RO},
      {"READ", flag::READ},
      {"WRITE", flag::WRITE},
      {"MAX_NDIM", max_ndim},
  };
  std::size_t rows = 0;
  const auto expect_value = [&](const std::string& name, int value) {
    ++rows;
    const auto found = known.find(name);
    ASSERT_NE(found, known.end()) << name << ": flags.hpp has it not";
    EXPECT_EQ(found->second, value) << name;
  };
  for (const FlagRow& row : tables().flags) expect_value(row.name, row.value);
  for (const CompoundRow& row : tables().compounds) expect_value(row.name, row.value);
  for (const ConstantRow& row : tables().constants) expect_value(row.name, row.value);
  EXPECT_EQ(rows, known.size()) << "a flag of flags.hpp has no row, or one has two";
}

TEST(RegistryOracle, FlagsAreFoundByTheirNames) {
  for (const FlagRow& row : tables().flags) EXPECT_EQ(flag_from(row.name), row.value) << row.name;
  for (const CompoundRow& row : tables().compounds) EXPECT_EQ(flag_from(row.name), row.value) << row.name;
  for (const ConstantRow& row : tables().constants) EXPECT_EQ(flag_from(row.name), std::nullopt) << row.name;
  for (const char* text : {"", "NDD", "N", "nd", "PyBUF_ND", "ND|FORMAT"})
    EXPECT_EQ(flag_from(text), std::nullopt) << text;
}

TEST(RegistryOracle, FlagsAreMadeOfTheirParts) {
  int own_bits = 0;
  for (const FlagRow& row : tables().flags) {
    int others = 0;
    for (const std::string& name : row.contains) others |= tables().flag_value(name).value_or(-1);
    EXPECT_EQ(row.value, row.own_bit | others) << row.name;
    EXPECT_EQ(others & row.own_bit, 0) << row.name << ": made of flags that have its own bit, or of itself";
    EXPECT_EQ(own_bits & row.own_bit, 0) << row.name << ": a bit of its own that another flag has too";
    own_bits |= row.own_bit;
  }
  EXPECT_EQ(own_bits ^ tables().unassigned_bits, flag::low_bits) << "a bit is both a flag's and unassigned, or neither";
  for (const CompoundRow& row : tables().compounds) {
    int parts = 0;
    for (const std::string& name : row.of) parts |= tables().flag_value(name).value_or(-1);
    EXPECT_EQ(row.value, parts) << row.name;
  }
}

TEST(RegistryOracle, CanonicalWordsAreThoseOfCompleteFlags) {
  std::vector<int> complete;
  for (int word = 0; word < flag::word_count; ++word)
    if (complete_flags(word) == word) complete.push_back(word);
  EXPECT_EQ(tables().canonical_words(), complete);
  EXPECT_EQ(complete.size(), 72U);
}

TEST(RegistryOracle, EditionsAreTheTwo) {
  Names names;
  for (const EditionRow& row : tables().editions) names.insert(row.name);
  EXPECT_EQ(names, (Names{"2010", "current"}));
}

TEST(RegistryOracle, ObservationsAreThoseOfTraces) {
  const Names known{"struct",   "canaries", "references", "exception", "memory",
                    "requests", "result",   "mutation",   "process",   "content"};
  for (const RuleRow& row : tables().rules) {
    EXPECT_TRUE(!row.judged || !row.observes.empty()) << row.id << ": judged by nothing";
    for (const std::string& name : row.observes) {
      EXPECT_TRUE(known.contains(name)) << row.id << ": no observation " << name;
    }
  }
}

TEST(RegistryOracle, ErrorsOfCasesAndRowsHaveANumber) {
  for (const RuleRow& row : tables().rules)
    for (const CaseRow& one : row.cases)
      if (const TableValue* error = one.expect.find("error")) {
        EXPECT_TRUE(error->is_string() && error_from_name(error->string) != Error::other) << row.id << '.' << one.id;
      }
  for (const ReservedRow& row : tables().reserved) EXPECT_NE(error_from_name(row.error), Error::other) << row.error;
}

TEST(RegistryOracle, TheFullBoundIsTheOnePromised) {
  const SweepRow* full = tables().sweep("full");
  const SweepRow* brief = tables().sweep("short");
  ASSERT_TRUE(full != nullptr && brief != nullptr);
  EXPECT_EQ(full->ndim_max, 3);
  EXPECT_EQ(full->extents, (std::vector<ssize>{0, 1, 2, 3}));
  EXPECT_EQ(full->strides_in_items, (std::vector<ssize>{-2, -1, 0, 1, 2}));
  EXPECT_GE(full->strides_for_extent_one.size(), 3U);
  EXPECT_EQ(full->itemsizes, (std::vector<ssize>{1, 2, 4, 8}));
  EXPECT_EQ(brief->ndim_max, 2);
  EXPECT_EQ(brief->extents, full->extents);
  EXPECT_EQ(brief->strides_in_items, full->strides_in_items);
  EXPECT_EQ(brief->itemsizes, (std::vector<ssize>{1, 4}));
  for (const SweepRow* row : {full, brief}) {
    EXPECT_EQ(row->suboffsets, (std::vector<bool>{false, true})) << row->name;
    EXPECT_EQ(row->readonly, (std::vector<bool>{false, true})) << row->name;
    EXPECT_EQ(row->flags, flag::word_count) << row->name;
  }
}

Names tests_of(std::string_view suite) {
  Names names;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& one = *all.GetTestSuite(i);
    for (int k = 0; one.name() == suite && k < one.total_test_count(); ++k) names.emplace(one.GetTestInfo(k)->name());
  }
  return names;
}

// Laws show rules; laws of the reference's own machinery are in a suite of their own (ReferenceLaws).
TEST(RegistryOracle, LawsOfTheTablesAreTests) {
  const Names tests = tests_of("Laws");
  Names named;
  for (const RuleRow& row : tables().rules) {
    for (const std::string& law : row.laws) {
      named.insert(law);
      EXPECT_TRUE(tests.contains(law)) << row.id << ": no law " << law;
    }
  }
  if (named.empty()) GTEST_SKIP() << "no rule of these tables names a law";
  for (const std::string& law : tests) EXPECT_TRUE(named.contains(law)) << law << ": no rule has this law";
}

// ctest runs the oracle suite by suite; a suite that it does not know would never run there.
TEST(RegistryOracle, EverySuiteIsRunByCtest) {
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  const std::string known = " " BUFSPEC_ORACLE_SUITES " ";
  for (int i = 0; i < all.total_test_suite_count(); ++i)
    EXPECT_NE(known.find(' ' + std::string(all.GetTestSuite(i)->name()) + ' '), std::string::npos)
        << all.GetTestSuite(i)->name() << ": add it to oracle/CMakeLists.txt";
}

}  // namespace
}  // namespace bufspec::oracle
