// Scenarios and traces as Python reads and writes them: taken apart, and made of JSON texts; what our exporter does, by name.
#pragma once

#include <cstdint>

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// Method table entries, all of them: a new reference, or null with an exception set.

// parts(scenario): an encoded scenario in the neutral encoding, as a dict.
PyObject* parts_of_scenario(PyObject* module, PyObject* encoded);

// The size of an item of a format, by the grammar of PEP 3118; None for a text that is not one.
PyObject* size_of_format(PyObject* module, PyObject* format);

// scenario_of_other_shape(scenario): the scenario with the layout of the other object of a step `another`; as it is where it
// has no layout.  The encoded scenario as bytes.
PyObject* scenario_of_other_shape(PyObject* module, PyObject* scenario);

// scenario_from_json(text): the encoded scenario; ValueError for a text that spells none, with the path of what is wrong, and for
// one that cannot be tried.
PyObject* scenario_from_json(PyObject* module, PyObject* text);

// judge_trace(scenario, trace): what the judge says of two JSON texts, from whomever they are.
PyObject* judge_trace(PyObject* module, PyObject* arguments);

// flags_name(word): "STRIDES|WRITABLE".
PyObject* name_flags(PyObject* module, PyObject* word);
// The behaviours of our exporter that a sequence names, added to `behaviours`; false with an exception set if one is unknown.
[[nodiscard]] bool behaviours_from(PyObject* names, std::uint32_t& behaviours);

}  // namespace bufspec::cpython
