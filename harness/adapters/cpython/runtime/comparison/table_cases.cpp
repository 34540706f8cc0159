// Do the data cases of the tables hold in the running interpreter?
#include <exception>
#include <set>

#include "comparison.hpp"
#include "harness/adapters/cpython/binding/loaded_tables.hpp"
#include "harness/adapters/cpython/binding/runs.hpp"
#include "harness/adapters/cpython/runtime/library.hpp"
#include "report.hpp"

namespace bufspec::cpython {

namespace {

// The first interpreter for which a rule holds: rows of reserved words name one.
std::uint32_t first_runtime_of(const RuleRow& rule) noexcept {
  for (const ReservedRow& row : tables().reserved)
    if (row.rule == rule.id) return row.since;
  return 0;
}

}  // namespace

PyObject* run_table_cases(PyObject*, PyObject* arguments) {
  PyObject* without = nullptr;
  if (PyArg_ParseTuple(arguments, "|O:run_table_cases", &without) == 0 || !require_tables()) return nullptr;
  Py_ssize_t run = 0;
  Py_ssize_t only_2010 = 0;
  Py_ssize_t later_runtime = 0;
  std::vector<std::string> failures;
  std::set<std::string> without_counterpart;
  RunningLibrary library;
  for (const RuleRow& rule : tables().rules) {
    for (const CaseRow& one : rule.cases) {
      if (!rule.editions.holds_in(Edition::current)) {
        ++only_2010;
        continue;
      }
      if (first_runtime_of(rule) > this_runtime()) {
        ++later_runtime;
        continue;
      }
      if (without != nullptr) {
        const Ref name(PyUnicode_FromString((rule.id + ' ' + one.id).c_str()));
        const int is_left_out = name ? PySequence_Contains(without, name.get()) : -1;
        if (is_left_out < 0) return nullptr;
        if (is_left_out > 0) continue;
      }
      std::string found_in_words;
      try {
        const engine::CallAnswer found = library.call(one.call, one.given, Edition::current);
        if (!found.answer) {
          without_counterpart.insert(one.call == "compound_value" ? one.call + ' ' + one.id : one.call);
          continue;
        }
        if (!says_all(*found.answer, one.expect)) found_in_words = "found " + describe(*found.answer);
      } catch (const std::exception& problem) {
        found_in_words = std::string("cannot be run: ") + problem.what();
      }
      ++run;
      if (!found_in_words.empty())
        failures.push_back(rule.id + ' ' + one.id + ": " + one.call + " of " + describe(one.given) + ": expected " +
                           describe(one.expect) + ", " + found_in_words);
    }
  }
  const Ref failed_list = list_of_texts(failures);
  const Ref calls = list_of_texts({without_counterpart.begin(), without_counterpart.end()});
  if (!failed_list || !calls) return nullptr;
  return Py_BuildValue("{s:n,s:O,s:O,s:n,s:n}", "run", run, "failed", failed_list.get(), "no_counterpart", calls.get(),
                       "only_2010", only_2010, "later_runtime", later_runtime);
}

}  // namespace bufspec::cpython
