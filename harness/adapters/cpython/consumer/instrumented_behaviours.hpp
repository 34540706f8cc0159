// What an instrumented exporter does beside answering: one small function for each behaviour, and a table from bit to
// function.  Every one of them is legal, but for the lies.
#pragma once

#include <cstdint>

#include "instrumented_exporter.hpp"

namespace bufspec::cpython {

// A text that is no format, as behaviour::lie_format hands it out.
inline constexpr const char* no_format = "}i{";

// Changes the answer as `behaviours` have it; `arrays` are those that the view may be given.
void shape_answer(std::uint32_t behaviours, int flags, HandedArrays& arrays, Py_buffer& view) noexcept;

// Does what is done inside a request, or inside a release.  Leaves no exception behind.
void act_inside(const Instrumented& exporter, PyObject* object, bool at_release);

// Whether this thread is inside act_inside(): what is asked then is asked by us.
[[nodiscard]] bool is_inside_hook() noexcept;

}  // namespace bufspec::cpython
