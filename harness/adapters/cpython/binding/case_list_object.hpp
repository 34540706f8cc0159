// A list of cases as a Python sequence of ids, made lazily as the suites make it.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/conformance/cases.hpp"

namespace bufspec::cpython {

// The cases for subjects of one kind.
struct MadeCases {
  Target target = Target::exporter;
  Edition edition = Edition::current;
  engine::CaseList list;
};

// Adds the type `Cases` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_cases(PyObject* module);

// The cases behind `object`, which keeps them; null with TypeError set if it is none.
[[nodiscard]] const MadeCases* cases_of(PyObject* object);

}  // namespace bufspec::cpython
