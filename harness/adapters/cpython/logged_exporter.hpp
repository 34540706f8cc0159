// The reference exporter as a Python object that writes down what it is asked: what a consumer is given.
#pragma once

#include <vector>

#include "bufspec/exporter.hpp"
#include "bufspec/trace.hpp"
#include "python_api.hpp"

namespace bufspec::cpython {

// Adds the type `LoggedExporter` to `module`; false with an exception set on failure.
[[nodiscard]] bool add_logged_exporter(PyObject* module);

// A new object that exports `layout`; null with an exception if no such memory can be made.
[[nodiscard]] Ref logged_exporter_of(const Layout& layout);

// What `exporter`, made by logged_exporter_of(), was asked so far.
[[nodiscard]] const std::vector<Consumed::Request>& requests_of(PyObject* exporter);

}  // namespace bufspec::cpython
