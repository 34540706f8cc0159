// The functions of the extension that judge: exporters, consumers, functions; replay and the benchmark's loops.
#pragma once

#include "bufspec/rules.hpp"
#include "bufspec/scenario.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// Method table entries; each returns a new reference or null with an exception set.
PyObject* run_exporter(PyObject* module, PyObject* arguments, PyObject* keywords);
PyObject* run_consumer(PyObject* module, PyObject* arguments, PyObject* keywords);
PyObject* run_function(PyObject* module, PyObject* arguments, PyObject* keywords);
PyObject* run_native(PyObject* module, PyObject* arguments, PyObject* keywords);
PyObject* run_traced(PyObject* module, PyObject* arguments, PyObject* keywords);
PyObject* trace_case(PyObject* module, PyObject* arguments, PyObject* keywords);
PyObject* trace_scenario(PyObject* module, PyObject* arguments, PyObject* keywords);
PyObject* list_smaller(PyObject* module, PyObject* scenario);
PyObject* describe_scenario(PyObject* module, PyObject* scenario);
PyObject* bench_requests(PyObject* module, PyObject* arguments, PyObject* keywords);
PyObject* bench_native(PyObject* module, PyObject* arguments);
PyObject* request_raw(PyObject* module, PyObject* object);
PyObject* bench_consumer(PyObject* module, PyObject* arguments, PyObject* keywords);

// "current" or "2010"; false with ValueError set for another text.
[[nodiscard]] bool edition_from(const char* text, Edition& edition);

// "exporter", "consumer" or "function"; false with ValueError set for another text.
[[nodiscard]] bool target_from(const char* text, Target& target);

// The rules named in the list `names`, or every rule that the edition judges for None; false with an exception set for a name
// without a check.
[[nodiscard]] bool rules_from(PyObject* names, Edition edition, RuleSet& rules);

// Whether load_tables() was called; RuntimeError is set if not.
[[nodiscard]] bool require_tables();

}  // namespace bufspec::cpython
