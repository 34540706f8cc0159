// The Python type of instrumented exporters: the slots, and what tests of other people look at.
#include <memory>
#include <new>
#include <utility>

#include "harness/adapters/cpython/api/guarded.hpp"
#include "harness/adapters/cpython/api/tables_from_python.hpp"
#include "harness/adapters/cpython/consumer/instrumented_exporter.hpp"
#include "json_value.hpp"
#include "scenarios.hpp"
#include "suites/engine/json/encoding.hpp"

namespace bufspec::cpython {

namespace {

struct InstrumentedObject {
  PyObject_HEAD std::shared_ptr<Instrumented>* state;
  PyObject* stand_in;  // of the object that owns it; null in the stand-in itself
};

// The type, borrowed from the module that owns it; the extension is loaded once per process.
PyTypeObject* instrumented_type = nullptr;

InstrumentedObject& fields_of(PyObject* self) noexcept { return *reinterpret_cast<InstrumentedObject*>(self); }
Instrumented& state_of(PyObject* self) noexcept { return **fields_of(self).state; }

Ref new_object(const std::shared_ptr<Instrumented>& state, PyTypeObject* type) {
  auto shared = std::make_unique<std::shared_ptr<Instrumented>>(state);
  Ref self(PyType_GenericAlloc(type, 0));
  if (self) fields_of(self.get()).state = shared.release();
  return self;
}

// The state outlives the call: a release may be the end of the object.
int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  const std::shared_ptr<Instrumented> state = *fields_of(self).state;
  return state->get_buffer(self, view, flags);
}

void release_buffer(PyObject* self, Py_buffer* view) {
  const std::shared_ptr<Instrumented> state = *fields_of(self).state;
  try {
    state->release_buffer(self, view);
  } catch (const std::bad_alloc&) {
    PyErr_Clear();  // what was to be compared could not be copied
  }
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  InstrumentedObject& object = fields_of(self);
  if (object.state != nullptr) state_of(self).object_is_gone(self);
  Py_XDECREF(object.stand_in);
  delete object.state;
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

bool refused_from(PyObject* numbers, std::uint8_t& refused) {
  constexpr long most = 8;
  const Ref list(PySequence_List(numbers));
  for (Py_ssize_t i = 0; list && i < PyList_Size(list.get()); ++i) {
    const long number = PyLong_AsLong(PyList_GetItem(list.get(), i));
    if (number == -1 && PyErr_Occurred() != nullptr) return false;
    if (number < 0 || number >= most) {
      PyErr_Format(PyExc_ValueError, "request number %ld cannot be refused; the first eight can, 0 to 7", number);
      return false;
    }
    refused = static_cast<std::uint8_t>(refused | 1U << number);
  }
  return static_cast<bool>(list);
}

// The plan of `layout`; null with an exception set where there is no such memory.
std::shared_ptr<engine::PlannedMemory> plan_of(const Layout& layout, std::uint32_t behaviours = 0) {
  std::shared_ptr<engine::PlannedMemory> plan =
      engine::PlannedMemory::of(layout, bytes_of_elements(behaviours, layout.format));
  if (plan != nullptr) return plan;
  Exporter exporter;
  const Status status = exporter.build(layout);
  if (status.ok())
    PyErr_SetString(PyExc_ValueError, "the memory is larger, or its format longer, than is handed to consumers");
  else
    raise_error(status.error, status.reason);
  return nullptr;
}

PyObject* make_object(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"layout", "behaviours", "refuse", nullptr};
  PyObject* described = nullptr;
  PyObject* behaviours = nullptr;
  PyObject* refuse = nullptr;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O|$OO:InstrumentedExporter", const_cast<char**>(names),
                                  &described, &behaviours, &refuse) == 0)
    return nullptr;
  Layout layout;
  InstrumentedHabits habits;
  if (!layout_from_python(described, "layout", layout) ||
      (behaviours != nullptr && !behaviours_from(behaviours, habits.behaviours)) ||
      (refuse != nullptr && !refused_from(refuse, habits.refused_requests)))
    return nullptr;
  std::shared_ptr<engine::PlannedMemory> plan = plan_of(layout, habits.behaviours);
  Ref object;
  if (plan == nullptr || Instrumented::make(std::move(plan), std::move(habits), object, type) == nullptr)
    return nullptr;
  return object.release();
}

PyObject* list_requests(PyObject* self, PyObject*) {
  Ref list(PyList_New(0));
  for (const auto& one : state_of(self).log().all()) {
    if (!one->is_watched) continue;
    const Ref entry = object_from_json(json::text_of(one->request));
    const Ref thread(PyLong_FromUnsignedLongLong(one->thread));
    if (!list || !entry || !thread || PyDict_SetItemString(entry.get(), "thread", thread.get()) != 0 ||
        PyList_Append(list.get(), entry.get()) != 0)
      return nullptr;
  }
  return list.release();
}

PyObject* count_held(PyObject* self, PyObject*) { return PyLong_FromLong(state_of(self).views_held()); }

PyObject* count_strays(PyObject* self, PyObject*) { return PyLong_FromLong(state_of(self).stray_releases()); }

PyObject* bytes_from(const std::string& bytes) {
  return PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()));
}

PyObject* elements_now(PyObject* self, PyObject*) { return bytes_from(state_of(self).elements()); }

PyObject* elements_before(PyObject* self, PyObject*) { return bytes_from(state_of(self).plan().elements()); }

PyObject* places(PyObject* self, PyObject*) {
  const engine::PlannedMemory& plan = state_of(self).plan();
  Ref list(PyList_New(0));
  for (const std::size_t place : plan.places()) {
    const Ref number(PyLong_FromSize_t(place));
    if (!list || !number || PyList_Append(list.get(), number.get()) != 0) return nullptr;
  }
  return list ? Py_BuildValue("(nN)", static_cast<Py_ssize_t>(plan.bytes()), list.release()) : nullptr;
}

PyObject* changes(PyObject* self, PyObject*) {
  const engine::MemoryChange change = state_of(self).change();
  return Py_BuildValue("(NN)", PyBool_FromLong(change.elements ? 1 : 0), PyBool_FromLong(change.gaps ? 1 : 0));
}

PyMethodDef methods[]{
    {"requests", guarded<list_requests>, METH_NOARGS, "requests()\n\nA dict for each request, in order."},
    {"views_held", guarded<count_held>, METH_NOARGS,
     "views_held()\n\nHow many views were granted and not released yet."},
    {"stray_releases", guarded<count_strays>, METH_NOARGS,
     "stray_releases()\n\nHow many structs were released that no request had filled in."},
    {"elements_now", guarded<elements_now>, METH_NOARGS, "elements_now()\n\nThe elements in C order."},
    {"elements_before", guarded<elements_before>, METH_NOARGS, "elements_before()\n\nThe elements as they were made."},
    {"places", guarded<places>, METH_NOARGS,
     "places()\n\nThe bytes of the memory, and at which of them each element begins, in C order."},
    {"changes", guarded<changes>, METH_NOARGS,
     "changes()\n\nWhether elements were written, and whether anything else was."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[]{
    {Py_tp_new, guarded_slot<make_object>()},
    {Py_tp_dealloc, guarded_slot<deallocate>()},
    {Py_tp_methods, methods},
    {Py_bf_getbuffer, guarded_slot<get_buffer>()},
    {Py_bf_releasebuffer, guarded_slot<release_buffer>()},
    {Py_tp_doc, const_cast<char*>("InstrumentedExporter(layout, *, behaviours=(), refuse=())\n\n"
                                  "A memory of any layout that keeps every rule and writes down each request.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec._engine.InstrumentedExporter", sizeof(InstrumentedObject), 0,
                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

bool add_instrumented_exporter(PyObject* module) {
  PyObject* type = PyType_FromSpec(&spec);
  if (type == nullptr) return false;
  instrumented_type = reinterpret_cast<PyTypeObject*>(type);
  return PyModule_AddObjectRef(module, "InstrumentedExporter", type) == 0;  // one reference is kept for this file
}

PyObject* list_behaviours(PyObject*, PyObject*) {
  Ref list(PyList_New(0));
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1U) {
    const Ref name(PyUnicode_FromString(std::string(behaviour_name(bit)).c_str()));
    if (!list || !name || PyList_Append(list.get(), name.get()) != 0) return nullptr;
  }
  return list.release();
}

std::shared_ptr<Instrumented> Instrumented::make(std::shared_ptr<engine::PlannedMemory> plan, InstrumentedHabits habits,
                                                 Ref& object, PyTypeObject* type) {
  auto state = std::make_shared<Instrumented>(std::move(plan), std::move(habits));
  if (!state->memory_.is_set()) {
    PyErr_NoMemory();
    return nullptr;
  }
  Ref made = new_object(state, type != nullptr ? type : instrumented_type);
  if (!made) return nullptr;
  if (state->has(behaviour::redirected | behaviour::lie_obj)) {
    Ref stand_in = new_object(state, instrumented_type);
    if (!stand_in) return nullptr;
    state->stand_in_ = stand_in.get();
    fields_of(made.get()).stand_in = stand_in.release();
  }
  state->object_ = made.get();
  state->is_watched_ = true;
  object = std::move(made);
  return state;
}

Ref plain_exporter_of(const Layout& layout) {
  Ref object;
  std::shared_ptr<engine::PlannedMemory> plan = plan_of(layout);
  if (plan != nullptr) static_cast<void>(Instrumented::make(std::move(plan), {}, object));
  return object;
}

std::vector<Consumed::Request> requests_of(PyObject* exporter) { return state_of(exporter).requests(); }

}  // namespace bufspec::cpython
