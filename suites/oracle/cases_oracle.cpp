// Does the reference answer every data case of the tables as its row expects?
// A call that is unknown here, and a call here that no case uses, are failures: neither would show otherwise.
#include <iostream>
#include <set>

#include "case_values.hpp"
#include "oracle.hpp"
#include "suites/library/reference.hpp"

namespace bufspec::oracle {
namespace {

// What differs between what is expected and what was found, or nothing.
std::string difference(const TableValue& expect, const TableValue& found) {
  if (expect.map.empty()) return found.find("error") == nullptr ? "" : "expected no error, found " + describe(found);
  for (const auto& [key, value] : expect.map) {
    const TableValue* there = found.find(key);
    if (!says(found, key, value))
      return "expected " + key + ' ' + describe(value) + ", found " +
             (there != nullptr ? describe(*there) : describe(found));
  }
  return "";
}

TEST(CasesOracle, EveryCaseHasTheAnswerThatItsRowExpects) {
  Disagreements disagreements;
  std::size_t ran = 0;
  library::ReferenceLibrary reference;
  for (const RuleRow& row : tables().rules) {
    for (const CaseRow& one : row.cases) {
      for (const Edition edition : {Edition::current, Edition::founding_2010}) {
        if (!row.editions.holds_in(edition)) continue;
        ++ran;
        std::string what;
        try {
          const engine::CallAnswer found = reference.call(one.call, one.given, edition);
          what = found.answer ? difference(one.expect, *found.answer) : "unknown call: " + found.not_offered;
        } catch (const UnusableCase& problem) {
          what = std::string("cannot be run: ") + problem.what();
        }
        if (!what.empty())
          disagreements.add(row.place.file + ':' + std::to_string(one.given.line) + ": " + row.id + '.' + one.id +
                            ", edition " + name_of(edition) + ", " + one.call + ' ' + describe(one.given) + ": " +
                            what);
      }
    }
  }
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
  std::cout << ran << " cases in their editions\n";
}

TEST(CasesOracle, EveryCallHasACase) {
  std::set<std::string, std::less<>> used;
  for (const RuleRow& row : tables().rules)
    for (const CaseRow& one : row.cases) used.insert(one.call);
  for (const std::string& name : library::ReferenceLibrary::names())
    EXPECT_TRUE(used.contains(name) || name == "memoryview_sequence" ||
                name == "memoryview_requests")  // which sweeps and random sequences make
        << name << ": no case calls it";
}

}  // namespace
}  // namespace bufspec::oracle
