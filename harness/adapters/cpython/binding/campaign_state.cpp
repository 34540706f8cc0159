#include "campaign_state.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>

#include "harness/adapters/cpython/api/guarded.hpp"

namespace bufspec::cpython {

namespace {

struct StateObject {
  PyObject_HEAD void* memory;
  campaign::State* state;
};

PyTypeObject* state_type = nullptr;

campaign::State& state_in(PyObject* self) noexcept { return *reinterpret_cast<StateObject*>(self)->state; }

// Maps `path`, which is made, all zeros, where `create` says so; null with an exception set on failure.
void* map_state(const char* path, bool create) {
  const int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT | O_EXCL : 0), 0600);
  constexpr auto size = sizeof(campaign::StateData);
  struct stat status{};
  void* memory = nullptr;
  if (file < 0 || (create ? ftruncate(file, static_cast<off_t>(size)) != 0 : fstat(file, &status) != 0)) {
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
  } else if (!create && status.st_size != static_cast<off_t>(size)) {
    PyErr_SetString(PyExc_ValueError, "the file is not a campaign's of this version: its size differs");
  } else {
    memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) {
      PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
      memory = nullptr;
    }
  }
  if (file >= 0) close(file);
  return memory;
}

PyObject* make_state(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"path", "create", nullptr};
  PyObject* path = nullptr;
  int create = 0;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O&p:CampaignState", const_cast<char**>(names),
                                  PyUnicode_FSConverter, &path, &create) == 0)
    return nullptr;
  const Ref owned_path(path);
  void* memory = map_state(PyBytes_AsString(path), create != 0);
  if (memory == nullptr) return nullptr;
  Ref self(PyType_GenericAlloc(type, 0));
  if (!self) {
    munmap(memory, sizeof(campaign::StateData));
    return nullptr;
  }
  auto* object = reinterpret_cast<StateObject*>(self.get());
  object->memory = memory;
  object->state = new (std::nothrow) campaign::State(memory, create != 0);
  if (object->state == nullptr) return PyErr_NoMemory();
  if (!object->state->is_valid()) {
    PyErr_SetString(PyExc_ValueError, "the file is not a campaign's of this version, or it is damaged");
    return nullptr;
  }
  return self.release();
}

void deallocate_state(PyObject* self) {
  auto* object = reinterpret_cast<StateObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  delete object->state;
  if (object->memory != nullptr) munmap(object->memory, sizeof(campaign::StateData));
  auto* free_memory = reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free));
  free_memory(self);
  Py_DECREF(type);
}

PyObject* bytes_from(std::span<const std::uint8_t> bytes) {
  return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(bytes.data()), static_cast<Py_ssize_t>(bytes.size()));
}

PyObject* read_totals(PyObject* self, PyObject*) {
  const campaign::State& state = state_in(self);
  if (!state.is_valid()) {
    PyErr_SetString(PyExc_ValueError, "it was overwritten");
    return nullptr;
  }
  const campaign::Totals totals = state.totals();
  const Ref failed(PyDict_New());
  for (std::size_t rule = 0; failed && rule < rule_count; ++rule) {
    if (totals.failed[rule] == 0) continue;
    const Ref times(PyLong_FromUnsignedLongLong(totals.failed[rule]));
    if (!times || PyDict_SetItemString(failed.get(), rule_ids[rule].data(), times.get()) != 0) return nullptr;
  }
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  return Py_BuildValue("{s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:O,s:O}", "executions", number(totals.executions), "steps",
                       number(totals.steps), "failing", number(totals.failing), "deaths", number(totals.deaths),
                       "buckets", number(totals.buckets), "last_new", number(totals.last_new), "unfit",
                       number(totals.unfit), "kept", number(state.kept_count()), "covered",
                       state.is_covered() ? Py_True : Py_False, "failed", failed.get());
}

PyObject* read_tried(PyObject* self, PyObject*) {
  state_in(self).recover();
  return bytes_from(state_in(self).tried());
}

PyObject* lose_tried(PyObject* self, PyObject*) { return PyBool_FromLong(state_in(self).lose() ? 1 : 0); }

PyObject* list_kept(PyObject* self, PyObject* first) {
  const Py_ssize_t from = PyLong_AsSsize_t(first);
  if (from == -1 && PyErr_Occurred() != nullptr) return nullptr;
  const campaign::State& state = state_in(self);
  if (!state.is_valid()) {
    PyErr_SetString(PyExc_ValueError, "it was overwritten");
    return nullptr;
  }
  Ref list(PyList_New(0));
  for (auto number = static_cast<std::size_t>(from < 0 ? 0 : from); number < state.kept_count(); ++number) {
    const Ref bytes(bytes_from(state.kept(number)));
    if (!list || !bytes || PyList_Append(list.get(), bytes.get()) != 0) return nullptr;
  }
  return list.release();
}

PyMethodDef state_methods[]{
    {"totals", guarded<read_totals>, METH_NOARGS,
     "How far the campaign is: executions, steps, failing, deaths, buckets, last_new, unfit, kept, covered, failed."},
    {"tried", guarded<read_tried>, METH_NOARGS,
     "The scenario that was being tried when the process ended, encoded; empty if none was.  Only while none writes."},
    {"lose", guarded<lose_tried>, METH_NOARGS,
     "Counts what was being tried as over: it ended the process.  Whether anything was."},
    {"kept", guarded<list_kept>, METH_O, "kept(first)\n\nThe scenarios that were kept, encoded, from that number on."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot state_slots[]{
    {Py_tp_new, guarded_slot<make_state>()},
    {Py_tp_dealloc, guarded_slot<deallocate_state>()},
    {Py_tp_methods, state_methods},
    {Py_tp_doc, const_cast<char*>(
                    "CampaignState(path, create=False)\n\nWhat a campaign knows, in a file that outlives the process "
                    "that writes it.\nOSError or ValueError if the file cannot be mapped or is not one of this "
                    "version.")},
    {0, nullptr},
};

PyType_Spec state_spec{"bufspec._engine.CampaignState", sizeof(StateObject), 0, Py_TPFLAGS_DEFAULT, state_slots};

}  // namespace

bool add_campaign_state(PyObject* module) {
  PyObject* type = PyType_FromSpec(&state_spec);
  if (type == nullptr) return false;
  state_type = reinterpret_cast<PyTypeObject*>(type);
  return PyModule_AddObjectRef(module, "CampaignState", type) == 0;
}

campaign::State* campaign_state_of(PyObject* object) {
  if (Py_IS_TYPE(object, state_type) != 0) return reinterpret_cast<StateObject*>(object)->state;
  PyErr_SetString(PyExc_TypeError, "the state must be a bufspec._engine.CampaignState");
  return nullptr;
}

}  // namespace bufspec::cpython
