// The running interpreter as a subject, and the structs that its functions are called with.
#pragma once

#include <memory>

#include "bufspec/exporter.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::cpython {

// The subject that a declared name of a runtime means; null with an exception set if there is none.
[[nodiscard]] std::unique_ptr<engine::Subject> function_subject(PyObject* name);

// The struct of a view of `exporter`'s memory as `layout` describes it, absent strides left absent.  Not a view:
// nothing is held and nothing is to be released.
[[nodiscard]] Py_buffer struct_of(Exporter& exporter, const Layout& layout);

}  // namespace bufspec::cpython
