// The tables as the driver hands them over: a tree of Python dicts, lists and scalars.
#pragma once

#include "bufspec/layout.hpp"
#include "python_api.hpp"
#include "suites/support/table_value.hpp"

namespace bufspec::cpython {

// The neutral tree of `object`; false with ValueError or TypeError set if it holds anything that no table can hold.
[[nodiscard]] bool value_from_python(PyObject* object, TableValue& value);

// The dict, list or scalar that a tree is; null with an exception set on failure.  Texts may hold any bytes.
[[nodiscard]] Ref object_from_tree(const Tree& tree);

// The layout that a dict with the keys of a row of layouts.yaml describes; `what` stands in messages for the row.  False with an
// exception set if it describes none.
[[nodiscard]] bool layout_from_python(PyObject* described, const char* what, Layout& layout);

}  // namespace bufspec::cpython
