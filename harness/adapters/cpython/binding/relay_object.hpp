// The relay as a Python type, `_engine.Relay(object, listener=None)`: exports what an object exports, and writes down what
// was asked of it and given back.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// Adds the type `Relay` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_relay(PyObject* module);

}  // namespace bufspec::cpython
