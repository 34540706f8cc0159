// Scenarios as values that Python can hold: what replay shows and the driver's minimiser works on.
// A scenario is its encoded bytes; nothing here runs one but trace_scenario().
#pragma once

#include "python_api.hpp"

namespace bufspec::cpython {

// Method table entries; each returns a new reference or null with an exception set.
PyObject* scenario_of(PyObject* module, PyObject* arguments);
PyObject* smaller_scenarios(PyObject* module, PyObject* bytes);
PyObject* describe_scenario(PyObject* module, PyObject* bytes);
PyObject* parts_of_scenario(PyObject* module, PyObject* bytes);
PyObject* trace_scenario(PyObject* module, PyObject* arguments, PyObject* keywords);

}  // namespace bufspec::cpython
