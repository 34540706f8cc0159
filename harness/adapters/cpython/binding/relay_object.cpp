#include "relay_object.hpp"

#include <memory>
#include <new>
#include <vector>

#include "bufspec/scenario.hpp"
#include "harness/adapters/cpython/api/guarded.hpp"

namespace bufspec::cpython {

namespace {

// One request: what was asked, and the view that the object gave, which must not move while it is held.
struct Request {
  int flags = 0;
  bool granted = false;
  int releases = 0;
  std::string exception;
  std::unique_ptr<Py_buffer> view;
};

struct State {
  Ref object;
  Ref listener;
  std::vector<Request> requests;
  int stray_releases = 0;
};

struct Relay {
  PyObject_HEAD State* state;
};

State& state_of_object(PyObject* self) { return *reinterpret_cast<Relay*>(self)->state; }

// The listener hears of a request before it is made, so that the word is known even if the process dies of it.  An
// exception that is set here is the consumer's, which releases while it raises: it stays.
void tell(const State& state, const char* what, int flags) {
  if (!state.listener) return;
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  const Ref heard(PyObject_CallFunction(state.listener.get(), "si", what, flags));
  PyErr_Clear();
  PyErr_Restore(type, value, traceback);
}

// Gives the object's struct on as it is, but for the owner, which is the relay, and `internal`, which has the number of
// the request.
int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  State& state = state_of_object(self);
  const std::size_t number = state.requests.size();
  Request request;
  request.flags = flags;
  request.view = std::make_unique<Py_buffer>(*view);
  state.requests.push_back(std::move(request));
  tell(state, "request", flags);
  Py_buffer* const given = state.requests[number].view.get();
  const int status = PyObject_GetBuffer(state.object.get(), given, flags);
  *view = *given;
  if (status != 0) {
    PyObject* const raised = PyErr_Occurred();
    if (raised != nullptr) {
      PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
      PyErr_Fetch(&type, &value, &traceback);
      const Ref name(PyObject_GetAttrString(type, "__name__"));
      if (name) state.requests[number].exception = text_from(name.get());
      PyErr_Clear();
      PyErr_Restore(type, value, traceback);
    }
    return status;
  }
  state.requests[number].granted = true;  // by its number: a request within the request may have moved the list
  view->obj = Py_NewRef(self);
  view->internal = reinterpret_cast<void*>(number + 1);
  return status;
}

void release_buffer(PyObject* self, Py_buffer* view) {
  State& state = state_of_object(self);
  const auto number = reinterpret_cast<std::size_t>(view->internal);
  if (number == 0 || number > state.requests.size() || !state.requests[number - 1].granted) {
    ++state.stray_releases;
    return;
  }
  Request& request = state.requests[number - 1];
  tell(state, "release", request.flags);
  if (state.requests[number - 1].releases++ == 0) PyBuffer_Release(state.requests[number - 1].view.get());
}

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  const char* names[]{"object", "listener", nullptr};
  PyObject* object = nullptr;
  PyObject* listener = Py_None;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O|O:Relay", const_cast<char**>(names), &object, &listener) == 0)
    return nullptr;
  if (PyObject_CheckBuffer(object) == 0) {
    PyErr_SetString(PyExc_TypeError, "a relay is made of an object that exports a buffer");
    return nullptr;
  }
  auto state = std::make_unique<State>();
  state->object = Ref::borrowed(object);
  if (listener != Py_None) state->listener = Ref::borrowed(listener);
  PyObject* self = PyType_GenericAlloc(type, 0);
  if (self != nullptr) reinterpret_cast<Relay*>(self)->state = state.release();
  return self;
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  delete reinterpret_cast<Relay*>(self)->state;
  auto* free_memory = reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free));
  free_memory(self);
  Py_DECREF(type);
}

PyObject* log(PyObject* self, PyObject*) {
  const State& state = state_of_object(self);
  Ref list(PyList_New(0));
  for (const Request& request : state.requests) {
    const Ref entry(Py_BuildValue("{s:i,s:s,s:N,s:i,s:s}", "flags", request.flags, "name",
                                  flags_name(request.flags).c_str(), "granted",
                                  PyBool_FromLong(request.granted ? 1 : 0), "releases", request.releases, "exception",
                                  request.exception.c_str()));
    if (!list || !entry || PyList_Append(list.get(), entry.get()) != 0) return nullptr;
  }
  return list.release();
}

PyObject* stray_releases(PyObject* self, PyObject*) { return PyLong_FromLong(state_of_object(self).stray_releases); }

PyMethodDef methods[]{
    {"log", guarded<log>, METH_NOARGS,
     "log()\n\nThe requests so far, a dict each: flags, name, granted, releases, exception (its type's name)."},
    {"stray_releases", guarded<stray_releases>, METH_NOARGS,
     "stray_releases()\n\nHow often a struct was released that no request had filled in."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[]{
    {Py_tp_new, guarded_slot<make>()},
    {Py_tp_dealloc, guarded_slot<deallocate>()},
    {Py_bf_getbuffer, guarded_slot<get_buffer>()},
    {Py_bf_releasebuffer, guarded_slot<release_buffer>()},
    {Py_tp_methods, methods},
    {Py_tp_doc, const_cast<char*>("Relay(object, listener=None)\n\nExports what `object` exports and writes down what "
                                  "is asked; listener('request' or 'release', flags) hears of it as it happens.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec._engine.Relay", sizeof(Relay), 0, Py_TPFLAGS_DEFAULT, slots};

}  // namespace

bool add_relay(PyObject* module) {
  const Ref type(PyType_FromSpec(&spec));
  return type && PyModule_AddObjectRef(module, "Relay", type.get()) == 0;
}

}  // namespace bufspec::cpython
