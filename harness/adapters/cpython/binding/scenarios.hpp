// Parts of scenarios from Python and to it: what a stand-alone script is written from, and what our exporter does.
#pragma once

#include <cstdint>

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// parts(scenario): the target, edition, layout, order and steps of an encoded scenario, as a dict.  A method table
// entry: a new reference, or null with an exception set.
PyObject* parts_of_scenario(PyObject* module, PyObject* encoded);

// The behaviours of our exporter that a sequence names, added to `behaviours`; false with an exception set if one is unknown.
[[nodiscard]] bool behaviours_from(PyObject* names, std::uint32_t& behaviours);

}  // namespace bufspec::cpython
