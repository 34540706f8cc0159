#include "view_of.hpp"
#include "harness/adapters/cpython/api/guarded.hpp"

#include <memory>
#include <new>

namespace bufspec::cpython {

namespace {

struct ViewOfObject {
  PyObject_HEAD PyObject* owner;
  PyObject* make;
};

// What a granted request rests on; its address goes with the view, as `internal`.
struct Held {
  Ref made;
  Py_buffer view{};
};

PyTypeObject* view_of_type = nullptr;

ViewOfObject* view_of(PyObject* object) noexcept {
  if (view_of_type == nullptr || object == nullptr || Py_IS_TYPE(object, view_of_type) == 0) return nullptr;
  return reinterpret_cast<ViewOfObject*>(object);
}

int refuse(Py_buffer* view) {
  view->obj = nullptr;
  return -1;
}

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  const auto* const object = reinterpret_cast<ViewOfObject*>(self);
  if (object->owner == nullptr) {
    PyErr_SetString(PyExc_BufferError, "the object was dropped that makes the views");
    return refuse(view);
  }
  auto held = std::make_unique<Held>();
  held->made.reset(PyObject_CallFunctionObjArgs(object->make, object->owner, nullptr));
  if (!held->made) return refuse(view);
  const void* const internal = view->internal;
  held->view = *view;
  const int status = PyObject_GetBuffer(held->made.get(), &held->view, flags);
  *view = held->view;
  if (status != 0) {
    view->internal = const_cast<void*>(internal);
    return status;
  }
  // The view itself holds what it came from; the method's result goes, as it does where a caller keeps only the buffer.
  held->made.reset();
  view->obj = Py_NewRef(self);
  view->internal = held.release();
  return status;
}

void release_buffer(PyObject*, Py_buffer* view) {
  const std::unique_ptr<Held> held(static_cast<Held*>(view->internal));
  if (held) PyBuffer_Release(&held->view);
}

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"owner", "make", nullptr};
  PyObject* owner = nullptr;
  PyObject* method = nullptr;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "OO:ViewOf", const_cast<char**>(names), &owner, &method) == 0)
    return nullptr;
  if (PyCallable_Check(method) == 0) {
    PyErr_SetString(PyExc_TypeError, "make must be a callable of the owner that returns a view of it");
    return nullptr;
  }
  PyObject* self = PyType_GenericAlloc(type, 0);
  if (self == nullptr) return nullptr;
  auto* object = reinterpret_cast<ViewOfObject*>(self);
  object->owner = Py_NewRef(owner);
  object->make = Py_NewRef(method);
  return self;
}

void deallocate(PyObject* self) {
  auto* object = reinterpret_cast<ViewOfObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  Py_CLEAR(object->owner);
  Py_CLEAR(object->make);
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

PyObject* owner(PyObject* self, void*) {
  PyObject* const held = reinterpret_cast<ViewOfObject*>(self)->owner;
  return Py_NewRef(held == nullptr ? Py_None : held);
}

PyGetSetDef attributes[]{
    {"owner", owner, nullptr, "The object whose views these are; None once it was dropped.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[]{
    {Py_tp_new, guarded_slot<make>()},
    {Py_tp_dealloc, guarded_slot<deallocate>()},
    {Py_bf_getbuffer, guarded_slot<get_buffer>()},
    {Py_bf_releasebuffer, guarded_slot<release_buffer>()},
    {Py_tp_getset, attributes},
    {Py_tp_doc,
     const_cast<char*>("ViewOf(owner, make)\n\nExports what the view exports that make(owner) returns, a fresh "
                       "one for each request.\nTypeError if make cannot be called.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec._engine.ViewOf", sizeof(ViewOfObject), 0, Py_TPFLAGS_DEFAULT, slots};

}  // namespace

bool add_view_of(PyObject* module) {
  PyObject* type = PyType_FromSpec(&spec);
  if (type == nullptr) return false;
  view_of_type = reinterpret_cast<PyTypeObject*>(type);
  return PyModule_AddObjectRef(module, "ViewOf", type) == 0;
}

PyObject* owner_of_views(PyObject* object) noexcept {
  const ViewOfObject* const views = view_of(object);
  return views == nullptr ? nullptr : views->owner;
}

void let_go_of_owner(PyObject* object) noexcept {
  if (ViewOfObject* const views = view_of(object)) Py_CLEAR(views->owner);
}

}  // namespace bufspec::cpython
