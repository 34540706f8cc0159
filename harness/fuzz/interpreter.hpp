// What do the differential targets need of CPython?  One interpreter in this process, structs over memory of the reference,
// and how a call ended in the words of the reference.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <memory>
#include <string_view>

#include "bufspec/exporter.hpp"
#include "bufspec/layout.hpp"

namespace bufspec::fuzz {

// An interpreter that reads no environment and no site; started at the first call, and never ended.
void start_interpreter();

struct Unreference {
  void operator()(PyObject* object) const noexcept { Py_XDECREF(object); }
};
using Reference = std::unique_ptr<PyObject, Unreference>;

// The kind of the exception that is set, which is then set no more; Error::none if there is none.
[[nodiscard]] Error take_error();

// The interpreter's version, as the reference wants it.
[[nodiscard]] inline std::uint32_t runtime() noexcept { return PY_VERSION_HEX; }

// A struct of the memory, strides absent where the layout has none.  Exporter and layout outlive it.
[[nodiscard]] Py_buffer struct_of(const Exporter& exporter, const Layout& layout);

// The same struct in the words of the reference.
[[nodiscard]] inline Buffer buffer_of(const Py_buffer& view) {
  return {view.buf,    view.obj,   view.len,     view.itemsize,   view.readonly, view.ndim,
          view.format, view.shape, view.strides, view.suboffsets, view.internal};
}

}  // namespace bufspec::fuzz
