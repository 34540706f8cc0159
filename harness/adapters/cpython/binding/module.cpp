// bufspec._engine: the engine inside a CPython process.  This file is the list of what it offers; each
// function's work is in the file that its header names.
#include <array>
#include <span>
#include <string_view>

#include "campaign_state.hpp"
#include "campaigns.hpp"
#include "case_list_object.hpp"
#include "harness/adapters/cpython/api/guarded.hpp"
#include "harness/adapters/cpython/api/tables_from_python.hpp"
#include "harness/adapters/cpython/consumer/instrumented_exporter.hpp"
#include "harness/adapters/cpython/exporter/view_of.hpp"
#include "harness/adapters/cpython/runtime/comparison/comparison.hpp"
#include "ledger_object.hpp"
#include "ledger_reader.hpp"
#include "loaded_tables.hpp"
#include "native_subjects.hpp"
#include "relay_memory.hpp"
#include "relay_object.hpp"
#include "runs.hpp"
#include "scenarios.hpp"

namespace bufspec::cpython {

namespace {

PyObject* list_rule_ids(PyObject*, PyObject*) {
  Ref list(PyList_New(0));
  for (const std::string_view id : rule_ids) {
    const Ref text(PyUnicode_FromString(id.data()));
    if (!list || !text || PyList_Append(list.get(), text.get()) != 0) return nullptr;
  }
  return list.release();
}

PyObject* list_readings(PyObject*, PyObject*) {
  Ref list(PyList_New(0));
  for (const Reading& reading : readings) {
    const Ref entry(Py_BuildValue("(ss)", rule_id(reading.rule).data(), reading.name.data()));
    if (!list || !entry || PyList_Append(list.get(), entry.get()) != 0) return nullptr;
  }
  return list.release();
}

PyObject* load_tables(PyObject*, PyObject* tree) {
  TableValue value;
  if (!value_from_python(tree, value)) return nullptr;
  LoadedTables loaded = tables_from(value);
  if (!loaded.ok()) {
    PyErr_SetString(PyExc_ValueError, loaded.text().c_str());
    return nullptr;
  }
  set_tables(std::move(loaded.tables));
  return Py_NewRef(Py_None);
}

PyObject* list_rules_judged_on(PyObject*, PyObject* target_text) {
  const std::string text = text_from(target_text);
  Target target{};
  if (PyErr_Occurred() != nullptr || !target_from(text.c_str(), target)) return nullptr;
  const unsigned bound = target == Target::exporter   ? binds::exporter
                         : target == Target::consumer ? binds::consumer
                                                      : binds::runtime;
  Ref list(PyList_New(0));
  for (const JudgedRule& rule : judged_rules) {
    const bool is_of_a_runtime = rule.judged_by == JudgedBy::call || (rule.binds & binds::runtime) != 0;
    const bool is_shown = rule.judged_by == JudgedBy::trace || target == Target::function || !is_of_a_runtime;
    if ((rule.binds & bound) == 0 || !is_shown) continue;
    const Ref id(PyUnicode_FromString(rule.id.data()));
    if (!list || !id || PyList_Append(list.get(), id.get()) != 0) return nullptr;
  }
  return list.release();
}

PyObject* list_rules_of_calls(PyObject*, PyObject*) {
  Ref list(PyList_New(0));
  for (const JudgedRule& rule : judged_rules) {
    if (rule.judged_by != JudgedBy::call) continue;
    const Ref id(PyUnicode_FromString(rule.id.data()));
    if (!list || !id || PyList_Append(list.get(), id.get()) != 0) return nullptr;
  }
  return list.release();
}

PyObject* list_rules_of_checks(PyObject*, PyObject* prefix) {
  const std::string area = text_from(prefix);
  if (PyErr_Occurred() != nullptr) return nullptr;
  Ref list(PyList_New(0));
  for (const JudgedRule& rule : judged_rules) {
    if (rule.judged_by != JudgedBy::check || !rule.id.starts_with(area)) continue;
    const Ref id(PyUnicode_FromString(rule.id.data()));
    if (!list || !id || PyList_Append(list.get(), id.get()) != 0) return nullptr;
  }
  return list.release();
}

PyObject* list_observations(PyObject*, PyObject* target_text) {
  const std::string text = text_from(target_text);
  Target target{};
  if (PyErr_Occurred() != nullptr || !target_from(text.c_str(), target)) return nullptr;
  static constexpr std::array of_exporters{"struct", "canaries", "references", "exception", "memory",
                                           "result", "mutation", "process",    "content"};
  static constexpr std::array of_others{"struct", "references", "exception", "memory", "requests", "result"};
  const auto listed = [](std::span<const char* const> names) -> PyObject* {
    Ref list(PyList_New(0));
    for (const char* name : names) {
      if (!counts_references() && std::string_view(name) == "references") continue;
      const Ref one(PyUnicode_FromString(name));
      if (!list || !one || PyList_Append(list.get(), one.get()) != 0) return nullptr;
    }
    return list.release();
  };
  return target == Target::exporter ? listed(of_exporters) : listed(of_others);
}

template <PyCFunctionWithKeywords function>
constexpr PyCFunction with_keywords() {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(guarded<function>));
}

PyMethodDef methods[]{
    {"rule_ids", guarded<list_rule_ids>, METH_NOARGS, "The ids of the rules that are judged here, in record order."},
    {"rules_judged_on", guarded<list_rules_judged_on>, METH_O,
     "rules_judged_on(target)\n\nThe ids of those that subjects of that target can be judged by: what only calls and "
     "checks of a "
     "runtime show is judged on no other."},
    {"rules_of_calls", guarded<list_rules_of_calls>, METH_NOARGS,
     "The ids of the rules that only the answers of calls show."},
    {"rules_of_checks", guarded<list_rules_of_checks>, METH_O,
     "rules_of_checks(prefix)\n\nThe ids, of those that begin so, of the rules that a check of the runtime, or of an "
     "object, shows."},
    {"readings", guarded<list_readings>, METH_NOARGS, "(rule id, reading name) of every reading, in record order."},
    {"load_tables", guarded<load_tables>, METH_O,
     "load_tables(tree)\n\nTakes {file name: tree}; ValueError, with file and reason, for tables that cannot be read."},
    {"observations", guarded<list_observations>, METH_O,
     "observations(target)\n\nWhat can be observed of such a subject."},
    {"behaviours", guarded<list_behaviours>, METH_NOARGS, "What an instrumented exporter can do, by name."},
    {"run_exporter", with_keywords<run_exporter>(), METH_VARARGS | METH_KEYWORDS,
     "run_exporter(factory, ledger, on_failure, *, cases, operations=(), build=None, expect=None, volatile=False, "
     "readonly=False, rules=None, first_case=0, stop_on_failure=False)\n\n"
     "Runs the cases; on_failure gets a dict for each break, at most five of a rule."},
    {"explore", with_keywords<explore_subject>(), METH_VARARGS | METH_KEYWORDS,
     "explore(target, subject, state, ledger, on_found, *, seed, stream, until, seconds, guided=True, cases=None, "
     "inputs=(), ...)\n\n"
     "Tries random scenarios, steered towards what they seldom come to; on_found gets a dict for each likeness of a "
     "break.  False if the subject is lost."},
    {"run_consumer", with_keywords<run_consumer>(), METH_VARARGS | METH_KEYWORDS,
     "run_consumer(callable, ledger, on_failure, *, cases, kind='reads', returns='', accepts=(), fallback=False, "
     "...)\n\n"
     "Hands instrumented exporters to the callable, as the cases have it."},
    {"run_function", with_keywords<run_function>(), METH_VARARGS | METH_KEYWORDS,
     "run_function(name, ledger, on_failure, *, cases, ...)\n\n"
     "Calls a function of the runtime on every named layout."},
    {"run_native", with_keywords<run_native>(), METH_VARARGS | METH_KEYWORDS,
     "run_native((path, name), ledger, on_failure, *, cases, ...)\n\nRuns the cases on a subject of a shared library."},
    {"native_subjects", guarded<list_native_subjects>, METH_O,
     "native_subjects(path)\n\nThe subjects that a shared library describes, or (where, what, hint) of its refusal."},
    {"run_traced", with_keywords<run_traced>(), METH_VARARGS | METH_KEYWORDS,
     "run_traced(give, ledger, on_failure, *, cases, rules=None, first_case=0, ranges=None, stop_on_failure=False)\n\n"
     "Judges what give(scenario) returns, both as JSON: a trace, or None for a scenario that cannot be tried."},
    {"trace_case", with_keywords<trace_case>(), METH_VARARGS | METH_KEYWORDS,
     "trace_case(target, subject, *, cases, index, ...)\n\nRuns one case and gives everything that was seen."},
    {"trace_scenario", with_keywords<trace_scenario>(), METH_VARARGS | METH_KEYWORDS,
     "trace_scenario(target, subject, scenario, ...)\n\nThe same of an encoded scenario."},
    {"smaller", guarded<list_smaller>, METH_O,
     "smaller(scenario)\n\nEncoded scenarios one step simpler, simplest first."},
    {"describe", guarded<describe_scenario>, METH_O, "describe(scenario)\n\nAn encoded scenario on one line."},
    {"format_size", guarded<size_of_format>, METH_O,
     "format_size(format)\n\nThe size of an item; None for a text that is not a format."},
    {"parts", guarded<parts_of_scenario>, METH_O,
     "parts(scenario)\n\nAn encoded scenario in the neutral encoding, as a dict."},
    {"scenario_from_json", guarded<scenario_from_json>, METH_O,
     "scenario_from_json(text)\n\nThe encoded scenario that a JSON text spells."},
    {"scenario_of_other_shape", guarded<scenario_of_other_shape>, METH_O,
     "scenario_of_other_shape(scenario)\n\nThe scenario with the layout of the other object of a step `another`; as it "
     "is "
     "without a layout."},
    {"judge_trace", guarded<judge_trace>, METH_VARARGS,
     "judge_trace(scenario, trace)\n\nWhat the judge says of a scenario and a trace, each a JSON text."},
    {"flags_name", guarded<name_flags>, METH_O, "flags_name(word)\n\nA word of flags by name: 'STRIDES|WRITABLE'."},
    {"bench_requests", with_keywords<bench_requests>(), METH_VARARGS | METH_KEYWORDS,
     "bench_requests(object, rounds)\n\nNanoseconds of a raw and of a judged request, over the canonical words."},
    {"bench_native", guarded<bench_native>, METH_VARARGS,
     "bench_native(path, name, rounds)\n\nAs bench_requests(), on an exporter of a shared library."},
    {"request_raw", guarded<request_raw>, METH_O,
     "request_raw(object)\n\nMakes each canonical request once, and looks at no answer."},
    {"bench_consumer", with_keywords<bench_consumer>(), METH_VARARGS | METH_KEYWORDS,
     "bench_consumer(callable, rounds, *, withdrawn=False)\n\nNanoseconds of a call on plain bytes and of a judged "
     "one, "
     "over the named layouts, and of the system calls that it takes to withdraw memory."},
    {"compare_with_cpython", with_keywords<compare_with_cpython>(), METH_VARARGS | METH_KEYWORDS,
     "compare_with_cpython(bound, *, testbuffer=None)\n\nThe reference against this interpreter's own functions."},
    {"memory_of", with_keywords<memory_of>(), METH_VARARGS | METH_KEYWORDS,
     "memory_of(object, word=-1)\n\nThe word, layout and elements of the richest request that is granted; None if none "
     "is."},
    {"are_alike", guarded<compare_results>, METH_VARARGS,
     "are_alike(one, other)\n\nWhether two results of a consumer say the same: arrays by their memory, NaN as itself."},
    {"consumer_scenario", with_keywords<consumer_scenario>(), METH_VARARGS | METH_KEYWORDS,
     "consumer_scenario(layout, behaviours=(), steps=...)\n\nA consumer on our exporter of that memory, encoded."},
    {"bytes_held", guarded<bytes_held>, METH_NOARGS, "bytes_held()\n\nWhat the C library's allocator has handed out."},
    {"run_table_cases", guarded<run_table_cases>, METH_VARARGS,
     "run_table_cases(without=())\n\nThe data cases of the tables against this interpreter's own functions."},
    {nullptr, nullptr, 0, nullptr},
};

int fill_module(PyObject* module) {
  const bool is_filled = add_ledger(module) && add_ledger_reader(module) && add_campaign_state(module) &&
                         add_cases(module) && add_instrumented_exporter(module) && add_relay(module) &&
                         add_view_of(module);
  offer_coverage();
  return is_filled ? 0 : -1;
}

PyModuleDef_Slot module_slots[]{
    {Py_mod_exec, guarded_slot<fill_module>()},
    {0, nullptr},
};

PyModuleDef definition{PyModuleDef_HEAD_INIT,
                       "_engine",
                       "The engine of bufspec: judges objects of this process.",
                       0,
                       methods,
                       module_slots,
                       nullptr,
                       nullptr,
                       nullptr};

}  // namespace

}  // namespace bufspec::cpython

PyMODINIT_FUNC PyInit__engine() { return PyModuleDef_Init(&bufspec::cpython::definition); }
