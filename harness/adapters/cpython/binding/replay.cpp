// One case shown in full, and the loops that the benchmark compares.
#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <utility>

#include "case_list_object.hpp"
#include "harness/adapters/cpython/consumer/subject.hpp"
#include "harness/adapters/cpython/exporter/subject.hpp"
#include "ledger_object.hpp"
#include "loaded_tables.hpp"
#include "runs.hpp"
#include "subject_arguments.hpp"
#include "subject_of.hpp"
#include "suites/engine/run.hpp"
#include "trace_dict.hpp"

namespace bufspec::cpython {

namespace {

// Runs `scenario` and gives what was seen; `id` is the case's, "" for a scenario that is none.  A breadcrumb is left in
// `account` before each step, unless that is null or None.
PyObject* trace_of_subject(Target target, const SubjectArguments& arguments, const Scenario& scenario,
                           const std::string& id, PyObject* account) {
  engine::Ledger* ledger = nullptr;
  if (account != nullptr && account != Py_None) {
    ledger = ledger_of(account);
    if (ledger == nullptr) return nullptr;
    ledger->begin_run(static_cast<std::uint8_t>(target), static_cast<std::uint8_t>(scenario.edition));
  }
  const auto subject = subject_of(target, arguments);
  if (subject == nullptr) return nullptr;
  const Trace trace = engine::trace_of(*subject, scenario, ledger);
  if (auto* const exporter = dynamic_cast<ExporterSubject*>(subject.get()); exporter != nullptr)
    if (exporter->raise_failure()) return nullptr;
  if (PyErr_Occurred() != nullptr) return nullptr;
  const Ref seen = dict_of_trace(scenario, trace, rules_judged_in(scenario.edition));
  const Ref name(PyUnicode_FromString(id.c_str()));
  if (!seen || !name || PyDict_SetItemString(seen.get(), "case", name.get()) != 0) return nullptr;
  if (const auto* consumer = dynamic_cast<const ConsumerSubject*>(subject.get())) {
    const Ref inferred(PyUnicode_FromString(consumer->inferred()));
    if (!inferred || PyDict_SetItemString(seen.get(), "inferred", inferred.get()) != 0) return nullptr;
  }
  return Py_NewRef(seen.get());
}

bool scenario_from(PyObject* encoded, Scenario& scenario) {
  char* bytes = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(encoded, &bytes, &size) != 0) return false;
  scenario = decode({reinterpret_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(size)});
  return true;
}

double nanoseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
}

// The requests as a program makes them, with nothing looked at.
double time_raw(PyObject* object, const std::vector<int>& words, std::uint64_t rounds) {
  Py_buffer view;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (const int word : words) {
      if (PyObject_GetBuffer(object, &view, word) == 0) {
        PyBuffer_Release(&view);
      } else {
        PyErr_Clear();
      }
    }
  }
  return nanoseconds_since(start);
}

}  // namespace

PyObject* trace_case(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"target",   "subject",  "cases",    "index", "operations", "build",
                                "expect",   "volatile", "readonly", "kind",  "returns",    "accepts",
                                "fallback", "also",     "ledger",   "check", nullptr};
  const char* target_name = nullptr;
  PyObject* cases = nullptr;
  PyObject* ledger = nullptr;
  Py_ssize_t index = 0;
  Target target{};
  SubjectArguments subject;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "sO|$OnOOOppssOpOOO:trace_case", const_cast<char**>(names),
                                  &target_name, &subject.what, &cases, &index, &subject.operations, &subject.build,
                                  &subject.expect, &subject.is_volatile, &subject.is_readonly, &subject.consumer.kind,
                                  &subject.consumer.returns, &subject.consumer.accepts, &subject.consumer.has_fallback,
                                  &subject.consumer.also, &ledger, &subject.check) == 0 ||
      !require_tables() || !target_from(target_name, target))
    return nullptr;
  const MadeCases* made = cases_of(cases);
  if (made == nullptr) return nullptr;
  if (made->target != target || index < 0 || static_cast<std::size_t>(index) >= made->list.size()) {
    PyErr_SetString(PyExc_ValueError, "no case has that number");
    return nullptr;
  }
  const engine::Case found = made->list.make(static_cast<std::size_t>(index));
  return trace_of_subject(target, subject, found.scenario, found.id, ledger);
}

PyObject* trace_scenario(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"target",   "subject",  "scenario", "operations", "build",   "expect",
                                "volatile", "readonly", "kind",     "returns",    "accepts", "fallback",
                                "also",     "ledger",   "check",    nullptr};
  const char* target_name = nullptr;
  PyObject* encoded = nullptr;
  PyObject* ledger = nullptr;
  Target target{};
  SubjectArguments subject;
  Scenario scenario;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "sOO|$OOOppssOpOOO:trace_scenario", const_cast<char**>(names),
                                  &target_name, &subject.what, &encoded, &subject.operations, &subject.build,
                                  &subject.expect, &subject.is_volatile, &subject.is_readonly, &subject.consumer.kind,
                                  &subject.consumer.returns, &subject.consumer.accepts, &subject.consumer.has_fallback,
                                  &subject.consumer.also, &ledger, &subject.check) == 0 ||
      !require_tables() || !target_from(target_name, target) || !scenario_from(encoded, scenario))
    return nullptr;
  if (scenario.target == target) return trace_of_subject(target, subject, scenario, "", ledger);
  PyErr_SetString(PyExc_ValueError, "the scenario is for another kind of subject");
  return nullptr;
}

PyObject* list_smaller(PyObject*, PyObject* encoded) {
  Scenario scenario;
  if (!scenario_from(encoded, scenario)) return nullptr;
  Ref list(PyList_New(0));
  for (const Scenario& one : smaller(scenario)) {
    const auto bytes = encode(one);
    const Ref entry(
        PyBytes_FromStringAndSize(reinterpret_cast<const char*>(bytes.data()), static_cast<Py_ssize_t>(bytes.size())));
    if (!list || !entry || PyList_Append(list.get(), entry.get()) != 0) return nullptr;
  }
  return list.release();
}

PyObject* describe_scenario(PyObject*, PyObject* encoded) {
  Scenario scenario;
  return scenario_from(encoded, scenario) ? PyUnicode_FromString(describe(scenario).c_str()) : nullptr;
}

PyObject* bench_requests(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"object", "rounds", nullptr};
  PyObject* object = nullptr;
  Py_ssize_t rounds = 0;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "On:bench_requests", const_cast<char**>(names), &object,
                                  &rounds) == 0 ||
      !require_tables())
    return nullptr;
  if (rounds < 1) {
    PyErr_SetString(PyExc_ValueError, "rounds must be at least 1");
    return nullptr;
  }
  const auto cases = suites::canonical_request_cases(tables(), Edition::current);

  // The subject asks a factory; here the object is given, so the factory is a callable that returns it.
  const Ref operators(PyImport_ImportModule("operator"));
  const Ref getter(operators ? PyObject_CallMethod(operators.get(), "itemgetter", "i", 0) : nullptr);
  const Ref functools(PyImport_ImportModule("functools"));
  const Ref holder(PyTuple_Pack(1, object));
  if (!getter || !functools || !holder) return nullptr;
  const Ref factory(PyObject_CallMethod(functools.get(), "partial", "OO", getter.get(), holder.get()));
  if (!factory) return nullptr;

  auto memory = std::make_unique<engine::LedgerData>();
  engine::Ledger ledger(memory.get(), true);
  ExporterDeclaration declared;
  declared.factory = Ref::borrowed(factory.get());
  ExporterSubject subject(std::move(declared));
  const auto words = tables().canonical_words();
  engine::Repeater repeater(subject, cases, ledger);
  std::uint64_t fast = 0;
  repeater.run(2);  // warm, and memorised
  // Both in turn, many times, and the best of each: what else the machine does then slows neither in particular.
  constexpr std::uint64_t turns = 20;
  const std::uint64_t rounds_a_turn = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rounds) / turns);
  double judged = std::numeric_limits<double>::max();
  double raw = std::numeric_limits<double>::max();
  for (std::uint64_t turn = 0; turn < turns; ++turn) {
    raw = std::min(raw, time_raw(object, words, rounds_a_turn));
    const auto start = std::chrono::steady_clock::now();
    fast += repeater.run(rounds_a_turn);
    judged = std::min(judged, nanoseconds_since(start));
  }
  const double requests = static_cast<double>(rounds_a_turn) * static_cast<double>(cases.size());
  return Py_BuildValue("{s:d,s:d,s:n,s:K}", "raw_ns", raw / requests, "judged_ns", judged / requests, "words",
                       static_cast<Py_ssize_t>(cases.size()), "fast", static_cast<unsigned long long>(fast));
}

PyObject* request_raw(PyObject*, PyObject* object) {
  if (!require_tables()) return nullptr;
  time_raw(object, tables().canonical_words(), 1);
  return Py_NewRef(Py_None);
}

}  // namespace bufspec::cpython
