// The third voice: the reference, and the cases of the tables, held against the interpreter that runs this.
// Compares and counts only; whether a difference is a failure is for who reads the result.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// compare_with_cpython(bound, *, testbuffer=None): the reference against PyBuffer_*, PyObject_CopyData and memoryview
// over every layout of the sweep `bound` and every named one, and against the objects of `testbuffer`, a list of
// (name of a layout, object that exports it).  A dict:
//
//   bound, runtime       what was compared with what: the name of the sweep, the interpreter as PY_VERSION_HEX
//   layouts, compared    how many layouts, and {what: number of comparisons}
//   contested            {rule: number of answers that follow another of its readings than the reference}
//   decided              {page of spec/decisions: number of differences that it explains, or of calls that it rules out}
//   disagreements        the first 50 other differences as texts, and disagreement_count of them all
//
// Null with an exception for an unknown bound or layout, or if an object cannot be made.  Short: seconds; full: minutes.
PyObject* compare_with_cpython(PyObject* module, PyObject* arguments, PyObject* keywords);

// run_table_cases(without=()): the data cases of the rules that hold today, against the functions of this interpreter, but those
// named in the list `without`, "rule.id case", of which it would die:
// {"run": n, "failed": ["rule.id case: expected ..., found ..."], "no_counterpart": [names of calls],
// "only_2010": cases that no longer hold, "later_runtime": cases of rules that begin with a later interpreter}.
PyObject* run_table_cases(PyObject* module, PyObject* arguments);

}  // namespace bufspec::cpython
