// A scenario taken apart, as Python reads it: what a stand-alone script is written from.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// parts(scenario): the target, edition, layout, order and steps of an encoded scenario, as a dict.  A method table
// entry: a new reference, or null with an exception set.
PyObject* parts_of_scenario(PyObject* module, PyObject* encoded);

// The size of an item of a format, by the grammar of PEP 3118; None for a text that is not one.
PyObject* size_of_format(PyObject* module, PyObject* format);

}  // namespace bufspec::cpython
