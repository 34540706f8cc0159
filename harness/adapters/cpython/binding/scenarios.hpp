// A scenario taken apart, as Python reads it: what a stand-alone script is written from.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// parts(scenario): the target, edition, layout, order and steps of an encoded scenario, as a dict.  A method table
// entry: a new reference, or null with an exception set.
PyObject* parts_of_scenario(PyObject* module, PyObject* encoded);

}  // namespace bufspec::cpython
