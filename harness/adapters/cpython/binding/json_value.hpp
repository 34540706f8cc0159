// The neutral encoding of scenarios and traces (suites/engine/json), as Python has it: texts that come in, plain values that go out.
#pragma once

#include <string>

#include "bufspec/trace.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// What json.loads() makes of a text; null with an exception set on failure.
[[nodiscard]] Ref object_from_json(const std::string& text);

// The scenario or trace that a str spells.  False with ValueError, which names the path of what is wrong, for any other text.
[[nodiscard]] bool read_json(PyObject* text, Scenario& scenario);
[[nodiscard]] bool read_json(PyObject* text, Trace& trace);

}  // namespace bufspec::cpython
