#include "unraisable_hook.hpp"

namespace bufspec::cpython {

namespace {

constexpr char hook_name[] = "unraisablehook";
// Who releases many times over asks once.
constexpr Py_ssize_t most_noted = 16;

PyObject* note(PyObject* seen, PyObject* event) {
  if (PyList_Size(seen) >= most_noted) Py_RETURN_NONE;
  const Ref type(PyObject_GetAttrString(event, "exc_type"));
  const Ref object(PyObject_GetAttrString(event, "object"));
  if (!type || !object) return nullptr;
  const Ref name(PyObject_GetAttrString(type.get(), "__name__"));
  if (!name) return nullptr;
  const Ref one(
      Py_BuildValue("(ON)", name.get(), PyLong_FromVoidPtr(object.get() == Py_None ? nullptr : object.get())));
  if (!one || PyList_Append(seen, one.get()) != 0) return nullptr;
  Py_RETURN_NONE;
}

PyMethodDef note_definition{"note", note, METH_O, nullptr};

void* release_slot(PyTypeObject* type) {
  void* slot = PyType_GetSlot(type, Py_bf_releasebuffer);
  PyErr_Clear();
  return slot;
}

// The slot that the interpreter gives to classes with that method; null where it knows no such method.
void* slot_of_python() {
  const Ref name(PyUnicode_FromString("Releasing"));
  const Ref bases(PyTuple_New(0));
  const Ref members(PyDict_New());
  if (!name || !bases || !members) return nullptr;
  if (PyDict_SetItemString(members.get(), "__release_buffer__", name.get()) != 0) return nullptr;
  const Ref type(PyObject_CallFunctionObjArgs(reinterpret_cast<PyObject*>(&PyType_Type), name.get(), bases.get(),
                                              members.get(), nullptr));
  return type ? release_slot(reinterpret_cast<PyTypeObject*>(type.get())) : nullptr;
}

}  // namespace

bool has_release_in_python(PyTypeObject* type) {
  static void* const of_python = slot_of_python();
  PyErr_Clear();
  return of_python != nullptr && release_slot(type) == of_python;
}

void UnraisableHook::install() {
  if (seen_) return;
  seen_.reset(PyList_New(0));
  const Ref hook(seen_ ? PyCFunction_New(&note_definition, seen_.get()) : nullptr);
  usual_ = Ref::borrowed(PySys_GetObject(hook_name));
  if (hook) PySys_SetObject(hook_name, hook.get());
  PyErr_Clear();
}

UnraisableHook::~UnraisableHook() {
  if (!usual_) return;
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);  // with which the run ends, perhaps
  PySys_SetObject(hook_name, usual_.get());
  PyErr_Clear();
  PyErr_Restore(type, value, traceback);
}

std::string UnraisableHook::take(const void* object) {
  std::string found;
  for (Py_ssize_t i = 0; seen_ && i < PyList_Size(seen_.get()) && found.empty(); ++i) {
    PyObject* one = PyList_GetItem(seen_.get(), i);
    const void* of = PyLong_AsVoidPtr(PyTuple_GetItem(one, 1));
    if (of == object || of == nullptr) found = text_from(PyTuple_GetItem(one, 0));
  }
  if (seen_) PyList_SetSlice(seen_.get(), 0, PyList_Size(seen_.get()), nullptr);
  PyErr_Clear();
  return found;
}

}  // namespace bufspec::cpython
