#include "runs.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "case_list_object.hpp"
#include "finding_dict.hpp"
#include "harness/adapters/cpython/api/collector.hpp"
#include "harness/adapters/cpython/consumer/subject.hpp"
#include "harness/adapters/cpython/exporter/subject.hpp"
#include "harness/adapters/cpython/runtime/functions.hpp"
#include "ledger_object.hpp"
#include "loaded_tables.hpp"
#include "native_subjects.hpp"
#include "subject_arguments.hpp"
#include "suites/engine/json/encoding.hpp"
#include "suites/engine/run.hpp"
#include "traced_subject.hpp"

namespace bufspec::cpython {

namespace {

constexpr std::uint64_t failures_told_of_each_rule = 5;

// What the four run functions are called with, beside their subject.
struct RunArguments {
  engine::Ledger* ledger = nullptr;
  PyObject* on_failure = nullptr;
  const MadeCases* cases = nullptr;
  SubjectArguments subject;
  engine::RunOptions options;
};

// The cases of the sequence `ranges` of pairs (first, end); every case for None.
bool ranges_from(PyObject* ranges, std::vector<engine::CaseRange>& chosen) {
  if (ranges == nullptr || ranges == Py_None) return true;
  const Ref sequence(PySequence_List(ranges));
  if (!sequence) return false;
  chosen.clear();
  for (Py_ssize_t i = 0; i < PyList_Size(sequence.get()); ++i) {
    const Ref pair(PySequence_Tuple(PyList_GetItem(sequence.get(), i)));
    Py_ssize_t first = 0;
    Py_ssize_t end = 0;
    if (!pair || PyArg_ParseTuple(pair.get(), "nn:ranges", &first, &end) == 0) return false;
    if (first < 0 || end < first) {
      PyErr_SetString(PyExc_ValueError, "a range of cases is (first, end) with 0 <= first <= end");
      return false;
    }
    chosen.push_back({static_cast<std::size_t>(first), static_cast<std::size_t>(end)});
  }
  return true;
}

// Of cases for any target where none is named.
bool parse(PyObject* arguments, PyObject* keywords, const char* function, std::optional<Target> target,
           RunArguments& parsed) {
  static const char* names[] = {"subject",    "ledger",          "on_failure", "cases",    "operations",
                                "build",      "expect",          "volatile",   "readonly", "kind",
                                "returns",    "accepts",         "fallback",   "also",     "rules",
                                "first_case", "stop_on_failure", "ranges",     "check",    nullptr};
  PyObject* ledger = nullptr;
  PyObject* cases = nullptr;
  PyObject* rules = nullptr;
  PyObject* ranges = nullptr;
  Py_ssize_t first_case = 0;
  int stop_on_failure = 0;
  SubjectArguments& subject = parsed.subject;
  const std::string format = std::string("OOO|$OOOOppssOpOOnpOO:") + function;
  if (PyArg_ParseTupleAndKeywords(
          arguments, keywords, format.c_str(), const_cast<char**>(names), &subject.what, &ledger, &parsed.on_failure,
          &cases, &subject.operations, &subject.build, &subject.expect, &subject.is_volatile, &subject.is_readonly,
          &subject.consumer.kind, &subject.consumer.returns, &subject.consumer.accepts, &subject.consumer.has_fallback,
          &subject.consumer.also, &rules, &first_case, &stop_on_failure, &ranges, &subject.check) == 0)
    return false;
  if (first_case < 0) {
    PyErr_SetString(PyExc_ValueError, "first_case must not be negative");
    return false;
  }
  parsed.ledger = ledger_of(ledger);
  parsed.options.first_case = static_cast<std::size_t>(first_case);
  parsed.options.stop_on_failure = stop_on_failure != 0;
  if (parsed.ledger == nullptr || !require_tables()) return false;
  parsed.cases = cases_of(cases);
  if (parsed.cases == nullptr) return false;
  if (target && parsed.cases->target != *target) {
    PyErr_Format(PyExc_ValueError, "the cases are not those that %s runs", function);
    return false;
  }
  return rules_from(rules, parsed.cases->edition, parsed.options.rules) && ranges_from(ranges, parsed.options.ranges);
}

// The answer that shows the memory of a violation: that of its step, or the last one granted before it, or the richest.
const Answer* answer_before(const engine::Failure& failure) noexcept {
  const std::vector<StepRecord>& steps = failure.trace.steps;
  for (std::size_t i = std::min(failure.violation.step + 1, steps.size()); i-- > 0;)
    if (steps[i].answer && steps[i].answer->granted) return &*steps[i].answer;
  return failure.trace.richest ? &*failure.trace.richest : nullptr;
}

// The memory of a failed case as JSON: the layout that it was made from, the struct that described it, the index of the
// first wrong element, how far from buf all would be right; each where there is one.  A text, for what reads JSON may be the
// subject's by now.
std::string memory_of(const engine::Failure& failure) {
  std::string members;
  const auto add = [&](const char* name, const std::string& value) {
    members += (members.empty() ? "\"" : ",\"") + std::string(name) + "\":" + value;
  };
  if (const auto& layout = failure.failed_case.scenario.layout) add("layout", json::text_of(*layout));
  const Answer* const answer = answer_before(failure);
  if (answer != nullptr) add("view", json::text_of(answer->view));
  if (answer != nullptr && answer->wrong) {
    std::string index;
    for (const ssize one : answer->wrong->index) index += (index.empty() ? "" : ",") + std::to_string(one);
    add("wrong", "[" + index + "]");
  }
  if (answer != nullptr && answer->right_from) add("right_from", std::to_string(*answer->right_from));
  return "{" + members + "}";
}

Ref dict_of_failure(const engine::Failure& failure) {
  const Scenario& scenario = failure.failed_case.scenario;
  const std::string described = describe(scenario);
  const std::string memory = memory_of(failure);
  Ref broken = dict_of_violation(failure.violation);
  if (!broken) return {};
  const Ref where(Py_BuildValue("{s:s,s:n,s:s#,s:s#}", "case", failure.failed_case.id.c_str(), "case_index",
                                static_cast<Py_ssize_t>(failure.case_index), "scenario", described.data(),
                                static_cast<Py_ssize_t>(described.size()), "memory", memory.data(),
                                static_cast<Py_ssize_t>(memory.size())));
  if (!where || PyDict_Update(broken.get(), where.get()) != 0) return {};
  return broken;
}

// Runs the cases; false with an exception set if the listener raised.
bool run_cases(engine::Subject& subject, const RunArguments& arguments) {
  arguments.ledger->begin_run(static_cast<std::uint8_t>(arguments.cases->target),
                              static_cast<std::uint8_t>(arguments.cases->edition));
  std::array<std::uint64_t, rule_count> told{};
  bool ok = true;
  engine::run(
      subject, arguments.cases->list, *arguments.ledger, arguments.options, [&](const engine::Failure& failure) {
        if (++told[index_of(failure.violation.rule)] > failures_told_of_each_rule) return true;
        const Ref record = dict_of_failure(failure);
        const Ref answer(record ? PyObject_CallFunctionObjArgs(arguments.on_failure, record.get(), nullptr) : nullptr);
        ok = static_cast<bool>(answer);
        return ok;
      });
  if (ok && arguments.ledger->is_overwritten()) {
    PyErr_SetString(PyExc_RuntimeError, "the ledger was overwritten");
    ok = false;
  }
  return ok;
}

// What is to be known of a consumer beyond what its cases found.
PyObject* dict_of_facts(const ConsumerSubject& subject) {
  const Ref raised(PyDict_New());
  for (const auto& [kind, one] : subject.acceptance().raised()) {
    const Ref entry(Py_BuildValue("(Ks#)", static_cast<unsigned long long>(one.times), one.first.data(),
                                  static_cast<Py_ssize_t>(one.first.size())));
    if (!raised || !entry || PyDict_SetItemString(raised.get(), kind.c_str(), entry.get()) != 0) return nullptr;
  }
  const std::string& plain = subject.acceptance().plain();
  const std::string& disagreement = subject.comparison().disagreement();
  return Py_BuildValue("{s:O,s:s#,s:s#,s:s}", "raised", raised.get(), "plain", plain.data(),
                       static_cast<Py_ssize_t>(plain.size()), "differs", disagreement.data(),
                       static_cast<Py_ssize_t>(disagreement.size()), "inferred", subject.inferred());
}

PyObject* none_or_error(bool ok) { return ok ? Py_NewRef(Py_None) : nullptr; }

}  // namespace

bool edition_from(const char* text, Edition& edition) {
  if (std::strcmp(text, "current") == 0) {
    edition = Edition::current;
  } else if (std::strcmp(text, "2010") == 0) {
    edition = Edition::founding_2010;
  } else {
    PyErr_Format(PyExc_ValueError, "unknown edition '%s'; editions are 'current' and '2010'", text);
    return false;
  }
  return true;
}

bool target_from(const char* text, Target& target) {
  if (std::strcmp(text, "exporter") == 0) {
    target = Target::exporter;
  } else if (std::strcmp(text, "consumer") == 0) {
    target = Target::consumer;
  } else if (std::strcmp(text, "function") == 0) {
    target = Target::function;
  } else {
    PyErr_Format(PyExc_ValueError, "unknown target '%s'; targets are 'exporter', 'consumer' and 'function'", text);
    return false;
  }
  return true;
}

bool rules_from(PyObject* names, Edition edition, RuleSet& rules) {
  rules = rules_judged_in(edition);
  if (names == nullptr || names == Py_None) return true;
  RuleSet chosen;
  const Ref sequence(PySequence_List(names));
  if (!sequence) return false;
  const Py_ssize_t size = PyList_Size(sequence.get());
  for (Py_ssize_t i = 0; i < size; ++i) {
    const std::string id = text_from(PyList_GetItem(sequence.get(), i));
    if (PyErr_Occurred() != nullptr) return false;
    const auto found = std::find(rule_ids.begin(), rule_ids.end(), id);
    if (found == rule_ids.end()) {
      PyErr_Format(PyExc_ValueError, "no check is called '%s'; rule_ids() lists them", id.c_str());
      return false;
    }
    chosen.set(static_cast<std::size_t>(found - rule_ids.begin()));
  }
  rules &= chosen;
  return true;
}

bool require_tables() {
  if (tables_are_loaded()) return true;
  PyErr_SetString(PyExc_RuntimeError, "no tables are loaded; call load_tables() first");
  return false;
}

PyObject* run_exporter(PyObject*, PyObject* arguments, PyObject* keywords) {
  RunArguments parsed;
  ExporterDeclaration declared;
  if (!parse(arguments, keywords, "run_exporter", Target::exporter, parsed) ||
      !declaration_from(parsed.subject, declared))
    return nullptr;
  // What was there before is not looked through again at each collection.
  const FrozenObjects frozen;
  ExporterSubject subject(std::move(declared));
  const bool is_run = subject.has_object() && run_cases(subject, parsed);
  if (subject.raise_failure() || !is_run) return nullptr;
  PyErr_Clear();
  if (subject.build_failure().empty()) return Py_NewRef(Py_None);
  PyErr_SetString(PyExc_RuntimeError, subject.build_failure().c_str());
  return nullptr;
}

PyObject* run_consumer(PyObject*, PyObject* arguments, PyObject* keywords) {
  RunArguments parsed;
  ConsumerDeclaration declared;
  if (!parse(arguments, keywords, "run_consumer", Target::consumer, parsed) ||
      !consumer_from(parsed.subject.what, parsed.subject.consumer, declared))
    return nullptr;
  // What was there before is not looked through again at each collection.
  const FrozenObjects frozen;
  ConsumerSubject subject(std::move(declared));
  return run_cases(subject, parsed) ? dict_of_facts(subject) : nullptr;
}

PyObject* run_function(PyObject*, PyObject* arguments, PyObject* keywords) {
  RunArguments parsed;
  if (!parse(arguments, keywords, "run_function", Target::function, parsed)) return nullptr;
  const std::unique_ptr<engine::Subject> subject = function_subject(parsed.subject.what);
  return none_or_error(subject != nullptr && run_cases(*subject, parsed));
}

PyObject* run_native(PyObject*, PyObject* arguments, PyObject* keywords) {
  RunArguments parsed;
  if (!parse(arguments, keywords, "run_native", std::nullopt, parsed)) return nullptr;
  if (!is_native(parsed.subject.what)) {
    PyErr_SetString(PyExc_TypeError, "a subject of a library is a tuple of the path and the name");
    return nullptr;
  }
  const std::unique_ptr<engine::Subject> subject = native_subject(parsed.subject.what, parsed.cases->target);
  if (subject == nullptr || !run_cases(*subject, parsed)) return nullptr;
  return facts_of_native(*subject);
}

PyObject* run_traced(PyObject*, PyObject* arguments, PyObject* keywords) {
  RunArguments parsed;
  if (!parse(arguments, keywords, "run_traced", std::nullopt, parsed)) return nullptr;
  TracedSubject subject(parsed.subject.what);
  return none_or_error(run_cases(subject, parsed) && PyErr_Occurred() == nullptr);
}

}  // namespace bufspec::cpython
