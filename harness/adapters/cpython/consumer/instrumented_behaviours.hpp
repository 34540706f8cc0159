// What an instrumented exporter does inside requests and releases: one small function for each behaviour, and a table from bit to
// function.  Every one of them is legal; what its answers are like is in suites/engine/memory/handed_memory.hpp.
#pragma once

#include "instrumented_exporter.hpp"

namespace bufspec::cpython {

// Does what is done inside a request, or inside a release.  Leaves no exception behind.
void act_inside(const Instrumented& exporter, PyObject* object, bool at_release);

// Whether this thread is inside act_inside(): what is asked then is asked by us.
[[nodiscard]] bool is_inside_hook() noexcept;

}  // namespace bufspec::cpython
