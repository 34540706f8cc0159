// Objects that a subject builds from a layout, and what their elements have to be.
#pragma once

#include <string>

#include "bufspec/exporter.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

class BuiltObjects {
 public:
  // `build` is called with a bufspec.declare.Layout; null for a subject that builds nothing.
  explicit BuiltObjects(PyObject* build) : build_(Ref::borrowed(build)) {}

  [[nodiscard]] bool can_build() const noexcept { return static_cast<bool>(build_); }

  // The object for `layout`; null if there is none, with an exception set if building it failed and without one if the
  // subject does not do this layout (or the reference cannot say what its memory holds).
  [[nodiscard]] Ref make(const Layout& layout);

  // The elements of the last layout in C order.
  [[nodiscard]] const std::string& elements() const noexcept { return elements_; }

 private:
  [[nodiscard]] Ref description_of(const Layout& layout);

  Ref build_;
  Ref layout_type_;
  Exporter memory_;
  std::string elements_;
};

}  // namespace bufspec::cpython
