// What is recorded of a request and of a release?
#pragma once

#include "slot_layout.hpp"

namespace bufspec::recorder {

// Calls original number `index` and records what came of it.  What the caller sees is what the original did.
int recorded_get(std::size_t index, PyObject* exporter, Py_buffer* view, int word) noexcept;
void recorded_release(std::size_t index, PyObject* exporter, Py_buffer* view) noexcept;

// Records the requests of this interpreter, with the frames of all callers or the innermost.
void begin_events(bool stacks) noexcept;

}  // namespace bufspec::recorder
