// Where in a type object does this interpreter keep the two slots of the buffer protocol?  Nothing is assumed: a type of our own
// shows where, and types of the interpreter confirm it.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstddef>
#include <string>

namespace bufspec::recorder {

// The types of the slots, and PyBufferProcs, which the limited API of 3.11 does not have.
using GetBuffer = int (*)(PyObject*, Py_buffer*, int);
using ReleaseBuffer = void (*)(PyObject*, Py_buffer*);
struct BufferSlots {
  GetBuffer get;
  ReleaseBuffer release;
};

struct SlotLayout {
  std::size_t as_buffer = 0;  // of tp_as_buffer in a type object
  std::size_t wrapped = 0;  // of d_wrapped in a wrapper descriptor; 0 before 3.12, which has no __buffer__
  // Since 3.12: what a class in Python has in its slots, and where the interpreter takes the first of them from.  It compares
  // the second one with what is in a slot, so that nothing can stand in for that.
  void* of_python_get = nullptr;
  void* of_python_release = nullptr;
  void** source_of_python_get = nullptr;
};

// The layout, or why it cannot be known: "" if it is.  No exception is left behind.
[[nodiscard]] std::string find_layout(SlotLayout& layout);

// The slots of a type; null if it has none.
[[nodiscard]] BufferSlots*& slots_of(PyTypeObject* type, const SlotLayout& layout) noexcept;

// The function that a wrapper descriptor calls.
[[nodiscard]] void*& wrapped_by(PyObject* descriptor, const SlotLayout& layout) noexcept;

// Has classes in Python that are still to come get the stand-in, too.  Does nothing where that cannot be.
void wrap_classes_to_come(const SlotLayout& layout) noexcept;

}  // namespace bufspec::recorder
