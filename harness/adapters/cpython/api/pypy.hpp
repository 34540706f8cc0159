// What is different in PyPy's C API?  Its Py_buffer goes on after the document's fields, and three functions are missing.
// A slot that is called directly writes the whole of it, too.
//
// In a build for PyPy this is included before every file (harness/CMakeLists.txt), so that no other one knows: in our sources
// Py_buffer then is the document's struct, and the functions that take PyPy's get one that lasts as long as the view.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace bufspec::cpython {
extern bool function_is_missing;  // python_api.hpp
}

namespace bufspec::pypy {

using Whole = Py_buffer;

// The document's fields, in PyPy's place for them.
struct View {
  void* buf;
  PyObject* obj;
  Py_ssize_t len;
  Py_ssize_t itemsize;
  int readonly;
  int ndim;
  char* format;
  Py_ssize_t* shape;
  Py_ssize_t* strides;
  Py_ssize_t* suboffsets;
  void* internal;
};
static_assert(sizeof(View) <= sizeof(Whole));
static_assert(offsetof(View, suboffsets) == offsetof(Whole, suboffsets));
static_assert(offsetof(View, internal) == offsetof(Whole, internal));

// Those that the pointers of a granted view lead into, by address.  Used with the interpreter's lock held.
inline std::map<const std::byte*, std::unique_ptr<Whole>, std::less<>>& held() {
  static std::map<const std::byte*, std::unique_ptr<Whole>, std::less<>> every;
  return every;
}

[[nodiscard]] inline bool lies_in(const void* pointer, const std::byte* begin, std::size_t size) noexcept {
  return !std::less<>{}(static_cast<const std::byte*>(pointer), begin) &&
         std::less<>{}(static_cast<const std::byte*>(pointer), begin + size);
}

[[nodiscard]] inline std::unique_ptr<Whole> whole_from(const View& view) {
  auto whole = std::make_unique<Whole>();
  std::memcpy(static_cast<void*>(whole.get()), &view, sizeof view);
  return whole;
}

// Writes what was answered into the caller's view; a pointer to a field leads to the caller's then.
inline void answer(std::unique_ptr<Whole> whole, View& view) {
  std::memcpy(&view, whole.get(), sizeof view);
  const auto* begin = reinterpret_cast<const std::byte*>(whole.get());
  bool is_used = false;
  for (Py_ssize_t** pointer : {&view.shape, &view.strides, &view.suboffsets}) {
    if (lies_in(*pointer, begin, sizeof view))
      *pointer = reinterpret_cast<Py_ssize_t*>(reinterpret_cast<std::byte*>(&view) +
                                               (reinterpret_cast<const std::byte*>(*pointer) - begin));
    else if (lies_in(*pointer, begin, sizeof(Whole)))
      is_used = true;
  }
  if (is_used) held()[begin] = std::move(whole);
}

inline int get_buffer(PyObject* object, View* view, int flags) {
  if (view == nullptr) return PyObject_GetBuffer(object, nullptr, flags);
  auto whole = whole_from(*view);
  const int status = PyObject_GetBuffer(object, whole.get(), flags);
  answer(std::move(whole), *view);
  return status;
}

inline void release(View* view) {
  const auto whole = whole_from(*view);
  const void* used = view->shape != nullptr ? view->shape : view->strides;
  PyBuffer_Release(whole.get());
  std::memcpy(view, whole.get(), sizeof *view);
  auto after = held().upper_bound(static_cast<const std::byte*>(used));
  if (after == held().begin()) return;
  const auto owner = std::prev(after);
  if (lies_in(used, owner->first, sizeof(Whole))) held().erase(owner);
}

inline int fill_info(View* view, PyObject* object, void* memory, Py_ssize_t size, int readonly, int flags) {
  if (view == nullptr) return PyBuffer_FillInfo(nullptr, object, memory, size, readonly, flags);
  auto whole = whole_from(*view);
  const int status = PyBuffer_FillInfo(whole.get(), object, memory, size, readonly, flags);
  answer(std::move(whole), *view);
  return status;
}

inline int is_contiguous(const View* view, char order) { return PyBuffer_IsContiguous(whole_from(*view).get(), order); }

inline PyObject* memoryview_from(const View* view) { return PyMemoryView_FromBuffer(whole_from(*view).get()); }

inline void* pointer_to(const View* view, const Py_ssize_t* indices) {
  return PyBuffer_GetPointer(whole_from(*view).get(), const_cast<Py_ssize_t*>(indices));
}

inline int to_contiguous(void* memory, const View* view, Py_ssize_t size, char order) {
  return PyBuffer_ToContiguous(memory, whole_from(*view).get(), size, order);
}

inline int from_contiguous(const View* view, const void* memory, Py_ssize_t size, char order) {
  return PyBuffer_FromContiguous(whole_from(*view).get(), const_cast<void*>(memory), size, order);
}

inline View* view_in(PyObject* memory_view) { return reinterpret_cast<View*>(PyMemoryView_GET_BUFFER(memory_view)); }

// The slot as a caller of slots sees it: it takes the document's struct, and the type's own gets the whole one.
inline int ask_slot(PyObject* object, View* view, int flags) {
  const auto own = reinterpret_cast<int (*)(PyObject*, Whole*, int)>(PyType_GetSlot(Py_TYPE(object), Py_bf_getbuffer));
  if (view == nullptr) return own(object, nullptr, flags);
  auto whole = whole_from(*view);
  const int status = own(object, whole.get(), flags);
  answer(std::move(whole), *view);
  return status;
}

inline void* slot_of(PyTypeObject* type, int number) {
  void* const slot = PyType_GetSlot(type, number);
  return slot != nullptr && number == Py_bf_getbuffer ? reinterpret_cast<void*>(ask_slot) : slot;
}

inline int missing() {
  cpython::function_is_missing = true;
  PyErr_SetString(PyExc_NotImplementedError, "PyPy has no such function");
  return -1;
}
inline Py_ssize_t size_from_format(const char* /*format*/) { return missing(); }
inline int copy_data(PyObject* /*target*/, PyObject* /*source*/) { return missing(); }
inline void fill_strides(int /*ndim*/, Py_ssize_t* /*shape*/, Py_ssize_t* /*strides*/, int /*itemsize*/,
                         char /*order*/) {
  missing();
}

}  // namespace bufspec::pypy

#undef PyObject_GetBuffer
#undef PyType_GetSlot
#undef PyBuffer_Release
#undef PyBuffer_FillInfo
#undef PyBuffer_IsContiguous
#undef PyBuffer_GetPointer
#undef PyBuffer_ToContiguous
#undef PyBuffer_FromContiguous
#undef PyMemoryView_FromBuffer
#undef PyMemoryView_GET_BUFFER
#define Py_buffer ::bufspec::pypy::View
#define PyObject_GetBuffer ::bufspec::pypy::get_buffer
#define PyType_GetSlot ::bufspec::pypy::slot_of
#define PyBuffer_Release ::bufspec::pypy::release
#define PyBuffer_FillInfo ::bufspec::pypy::fill_info
#define PyBuffer_IsContiguous ::bufspec::pypy::is_contiguous
#define PyBuffer_GetPointer ::bufspec::pypy::pointer_to
#define PyBuffer_ToContiguous ::bufspec::pypy::to_contiguous
#define PyBuffer_FromContiguous ::bufspec::pypy::from_contiguous
#define PyMemoryView_FromBuffer ::bufspec::pypy::memoryview_from
#define PyMemoryView_GET_BUFFER ::bufspec::pypy::view_in
#define PyBuffer_SizeFromFormat ::bufspec::pypy::size_from_format
#define PyObject_CopyData ::bufspec::pypy::copy_data
#define PyBuffer_FillContiguousStrides ::bufspec::pypy::fill_strides
