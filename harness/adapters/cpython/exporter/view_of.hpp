// An exporter that is an object and one of its methods: each request calls the method and is granted what the view exports
// that it returns.  So a view that a method makes is judged with everything that is asked of exporters, and the references to
// the object behind it count.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// Adds the type ViewOf(owner, make) to the module; false with an exception set on failure.
bool add_view_of(PyObject* module);

// The object whose views `object` gives, borrowed; null if it is no ViewOf, or has let go of it.
[[nodiscard]] PyObject* owner_of_views(PyObject* object) noexcept;

// Lets `object`, if it is a ViewOf, go of the object whose views it gives: a view must keep alive what it needs.
void let_go_of_owner(PyObject* object) noexcept;

}  // namespace bufspec::cpython
