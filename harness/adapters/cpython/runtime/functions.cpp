#include "functions.hpp"

#include "library.hpp"
#include "suites/engine/library/subject.hpp"

namespace bufspec::cpython {

namespace {

// Holds the library for a subject that is constructed after it.
struct OwnedLibrary {
  RunningLibrary library;
};

class RunningSubject final : private OwnedLibrary, public engine::LibrarySubject {
 public:
  RunningSubject() : LibrarySubject(library) {}
};

}  // namespace

Py_buffer struct_of(Exporter& exporter, const Layout& layout) {
  Py_buffer view{};
  Layout& kept = const_cast<Layout&>(exporter.layout());  // Py_buffer's arrays are not const; nobody writes to them
  view.buf = exporter.buf();
  view.len = exporter.length();
  view.itemsize = kept.itemsize;
  view.readonly = kept.readonly ? 1 : 0;
  view.ndim = kept.ndim;
  view.format = kept.format.data();
  if (kept.ndim > 0) {
    view.shape = kept.shape.data();
    view.strides = layout.has_strides ? kept.strides.data() : nullptr;
    view.suboffsets = layout.has_suboffsets ? const_cast<ssize*>(layout.suboffsets.data()) : nullptr;
  }
  return view;
}

std::unique_ptr<engine::Subject> function_subject(PyObject* name) {
  const std::string text = PyUnicode_Check(name) ? text_from(name) : std::string();
  if (text == "this interpreter") return std::make_unique<RunningSubject>();
  PyErr_Clear();
  PyErr_SetString(PyExc_ValueError, "the runtime that can be judged here is 'this interpreter'");
  return nullptr;
}

}  // namespace bufspec::cpython
