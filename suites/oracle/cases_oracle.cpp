// Does the reference answer every data case of the tables as its row expects?
// A call that is unknown here, and a call here that no case uses, are failures: neither would show otherwise.
#include <iostream>
#include <set>

#include "cases.hpp"
#include "oracle.hpp"

namespace bufspec::oracle {
namespace {

const CaseCalls& case_calls() {
  static const CaseCalls calls = [] {
    CaseCalls made;
    add_value_calls(made);
    add_function_calls(made);
    add_memoryview_calls(made);
    add_argument_calls(made);
    return made;
  }();
  return calls;
}

// What differs between what is expected and what was found, or nothing.
std::string difference(const TableValue& expect, const TableValue& found) {
  if (expect.map.empty()) return found.find("error") == nullptr ? "" : "expected no error, found " + describe(found);
  for (const auto& [key, value] : expect.map) {
    const TableValue* there = found.find(key);
    if (there == nullptr || !(*there == value))
      return "expected " + key + ' ' + describe(value) + ", found " +
             (there != nullptr ? describe(*there) : describe(found));
  }
  return "";
}

TEST(CasesOracle, EveryCaseHasTheAnswerThatItsRowExpects) {
  Disagreements disagreements;
  std::size_t ran = 0;
  for (const RuleRow& row : tables().rules) {
    for (const CaseRow& one : row.cases) {
      const auto call = case_calls().find(one.call);
      if (call == case_calls().end()) {
        disagreements.add(row.id + '.' + one.id + ": unknown call " + one.call);
        continue;
      }
      for (const Edition edition : {Edition::current, Edition::founding_2010}) {
        if (!row.editions.holds_in(edition)) continue;
        ++ran;
        std::string what;
        try {
          what = difference(one.expect, call->second(one.given, edition));
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
  for (const auto& [name, call] : case_calls()) EXPECT_TRUE(used.contains(name)) << name << ": no case calls it";
}

}  // namespace
}  // namespace bufspec::oracle
