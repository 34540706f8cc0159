#include "logged_exporter.hpp"

#include <memory>
#include <new>

namespace bufspec::cpython {

namespace {

struct State {
  Exporter exporter;
  std::vector<Consumed::Request> requests;
};

struct LoggedExporter {
  PyObject_HEAD State* state;
};

// The type, borrowed from the module that owns it; the extension is loaded once per process.
PyTypeObject* logged_exporter_type = nullptr;

State& state_of_object(PyObject* self) { return *reinterpret_cast<LoggedExporter*>(self)->state; }

// The number of a request travels in `internal`, which survives a copy of the struct.
int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  State& state = state_of_object(self);
  Consumed::Request request;
  request.flags = flags;
  const Status status = state.exporter.get_buffer(flags, *reinterpret_cast<Buffer*>(view));
  request.granted = status.ok();
  try {
    state.requests.push_back(request);
  } catch (const std::bad_alloc&) {
    if (status.ok()) state.exporter.release_buffer(*reinterpret_cast<Buffer*>(view));
    view->obj = nullptr;
    PyErr_NoMemory();
    return -1;
  }
  if (!status.ok()) {
    view->obj = nullptr;
    raise_error(status.error, status.reason);
    return -1;
  }
  state.exporter.drop_reference();  // the reference that counts is the one to this object
  Py_INCREF(self);
  view->obj = self;
  view->internal = reinterpret_cast<void*>(state.requests.size());
  return 0;
}

void release_buffer(PyObject* self, Py_buffer* view) {
  State& state = state_of_object(self);
  const auto number = reinterpret_cast<std::size_t>(view->internal);
  if (number == 0 || number > state.requests.size()) return;
  ++state.requests[number - 1].releases;
  state.exporter.release_buffer(*reinterpret_cast<Buffer*>(view));
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  delete reinterpret_cast<LoggedExporter*>(self)->state;
  auto* free_memory = reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free));
  free_memory(self);
  Py_DECREF(type);
}

PyType_Slot slots[]{
    {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
    {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
    {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
    {Py_tp_doc, const_cast<char*>("A memory of any layout that keeps every rule and writes down each request.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec._engine.LoggedExporter", sizeof(LoggedExporter), 0,
                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

}  // namespace

bool add_logged_exporter(PyObject* module) {
  PyObject* type = PyType_FromSpec(&spec);
  if (type == nullptr) return false;
  logged_exporter_type = reinterpret_cast<PyTypeObject*>(type);
  return PyModule_AddObjectRef(module, "LoggedExporter", type) == 0;  // `type` keeps one reference for this file
}

Ref logged_exporter_of(const Layout& layout) {
  std::unique_ptr<State> state(new (std::nothrow) State);
  if (!state) {
    PyErr_NoMemory();
    return {};
  }
  if (const Status status = state->exporter.build(layout); !status.ok()) {
    raise_error(status.error, status.reason);
    return {};
  }
  Ref self(PyType_GenericAlloc(logged_exporter_type, 0));
  if (self) reinterpret_cast<LoggedExporter*>(self.get())->state = state.release();
  return self;
}

const std::vector<Consumed::Request>& requests_of(PyObject* exporter) { return state_of_object(exporter).requests; }

}  // namespace bufspec::cpython
