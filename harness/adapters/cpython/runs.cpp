#include "runs.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "asked_subjects.hpp"
#include "exporter_subject.hpp"
#include "harness/engine/run.hpp"
#include "ledger_object.hpp"
#include "loaded_tables.hpp"

namespace bufspec::cpython {

namespace {

constexpr std::uint64_t failures_told_of_each_rule = 5;

// What the three run functions are called with, beside their subject.
struct RunArguments {
  engine::Ledger* ledger = nullptr;
  PyObject* on_failure = nullptr;
  Edition edition = Edition::current;
  engine::RunOptions options;
};

// The rules named in the list `names`, or every rule that the edition judges for None.
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

// `format` begins with the subject's own code.
bool parse(PyObject* arguments, PyObject* keywords, const char* function, PyObject** subject, RunArguments& parsed) {
  static const char* names[] = {"subject",    "ledger",          "on_failure", "edition", "rules",
                                "first_case", "stop_on_failure", "seed",       "ranges",  nullptr};
  PyObject* ledger = nullptr;
  PyObject* rules = nullptr;
  PyObject* ranges = nullptr;
  const char* edition = "current";
  Py_ssize_t first_case = 0;
  int stop_on_failure = 0;
  long long seed = 0;  // the cases of this edition of the suites are enumerated, none is drawn
  const std::string format = std::string("OOO|$sOnpLO:") + function;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, format.c_str(), const_cast<char**>(names), subject, &ledger,
                                  &parsed.on_failure, &edition, &rules, &first_case, &stop_on_failure, &seed,
                                  &ranges) == 0)
    return false;
  if (first_case < 0) {
    PyErr_SetString(PyExc_ValueError, "first_case must not be negative");
    return false;
  }
  parsed.ledger = ledger_of(ledger);
  parsed.options.first_case = static_cast<std::size_t>(first_case);
  parsed.options.stop_on_failure = stop_on_failure != 0;
  return parsed.ledger != nullptr && require_tables() && edition_from(edition, parsed.edition) &&
         rules_from(rules, parsed.edition, parsed.options.rules) && ranges_from(ranges, parsed.options.ranges);
}

Ref dict_of_failure(const engine::Failure& failure) {
  const std::string scenario = describe(failure.failed_case.scenario);
  return Ref(Py_BuildValue("{s:s,s:s,s:n,s:n,s:s#,s:s#,s:s#}", "rule", rule_id(failure.violation.rule).data(), "case",
                           failure.failed_case.id.c_str(), "case_index", static_cast<Py_ssize_t>(failure.case_index),
                           "step", static_cast<Py_ssize_t>(failure.violation.step), "expected",
                           failure.violation.expected.data(),
                           static_cast<Py_ssize_t>(failure.violation.expected.size()), "found",
                           failure.violation.found.data(), static_cast<Py_ssize_t>(failure.violation.found.size()),
                           "scenario", scenario.data(), static_cast<Py_ssize_t>(scenario.size())));
}

// Runs the cases for `target`; false with an exception set if the listener raised.
bool run_cases(engine::Subject& subject, Target target, const RunArguments& arguments) {
  arguments.ledger->begin_run(static_cast<std::uint8_t>(target), static_cast<std::uint8_t>(arguments.edition));
  std::array<std::uint64_t, rule_count> told{};
  bool ok = true;
  engine::run(
      subject, cases_for(target, arguments.edition), *arguments.ledger, arguments.options,
      [&](const engine::Failure& failure) {
        if (++told[index_of(failure.violation.rule)] > failures_told_of_each_rule) return true;
        const Ref record = dict_of_failure(failure);
        const Ref answer(record ? PyObject_CallFunctionObjArgs(arguments.on_failure, record.get(), nullptr) : nullptr);
        ok = static_cast<bool>(answer);
        return ok;
      });
  return ok;
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

bool require_tables() {
  if (tables_are_loaded()) return true;
  PyErr_SetString(PyExc_RuntimeError, "no tables are loaded; call load_tables() first");
  return false;
}

PyObject* run_exporter(PyObject*, PyObject* arguments, PyObject* keywords) {
  PyObject* factory = nullptr;
  RunArguments parsed;
  if (!parse(arguments, keywords, "run_exporter", &factory, parsed)) return nullptr;
  const engine::RunInProgress in_progress;
  ExporterSubject subject(factory);
  Trace probe;
  if (!subject.begin({}, probe)) return nullptr;  // the factory's own exception
  return none_or_error(run_cases(subject, Target::exporter, parsed));
}

PyObject* run_consumer(PyObject*, PyObject* arguments, PyObject* keywords) {
  PyObject* callable = nullptr;
  RunArguments parsed;
  if (!parse(arguments, keywords, "run_consumer", &callable, parsed)) return nullptr;
  ConsumerSubject subject(callable);
  return none_or_error(run_cases(subject, Target::consumer, parsed));
}

PyObject* run_function(PyObject*, PyObject* arguments, PyObject* keywords) {
  PyObject* name = nullptr;
  RunArguments parsed;
  if (!parse(arguments, keywords, "run_function", &name, parsed)) return nullptr;
  if (!PyUnicode_Check(name) || text_from(name) != "PyBuffer_IsContiguous") {
    PyErr_Clear();
    PyErr_SetString(PyExc_ValueError, "the functions that can be judged are: 'PyBuffer_IsContiguous'");
    return nullptr;
  }
  FunctionSubject subject;
  return none_or_error(run_cases(subject, Target::function, parsed));
}

}  // namespace bufspec::cpython
