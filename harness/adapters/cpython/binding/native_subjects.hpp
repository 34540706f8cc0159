// Subjects of shared libraries, as Python names them: a tuple of the library's path and the subject's name.
#pragma once

#include <memory>

#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::cpython {

// Whether `what` names a subject of a library.
[[nodiscard]] bool is_native(PyObject* what) noexcept;

// The subject that `what` names.  Null with an exception set where there is none of that target, or it makes no object.
[[nodiscard]] std::unique_ptr<engine::Subject> native_subject(PyObject* what, Target target);

// What is to be known of a consumer beyond what its cases found, as run_consumer() has it; None for other subjects.
PyObject* facts_of_native(const engine::Subject& subject);

// native_subjects(path): a method table entry.
PyObject* list_native_subjects(PyObject* module, PyObject* path);

}  // namespace bufspec::cpython
