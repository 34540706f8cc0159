// The tables as the driver hands them over: a tree of Python dicts, lists and scalars.
#pragma once

#include "python_api.hpp"
#include "suites/support/tables.hpp"

namespace bufspec::cpython {

// The neutral tree of `object`; false with ValueError or TypeError set if it holds anything that no table can hold.
[[nodiscard]] bool value_from_python(PyObject* object, TableValue& value);

}  // namespace bufspec::cpython
