#include "ledger_object.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <new>

#include "bufspec/trace.hpp"
#include "harness/adapters/cpython/api/guarded.hpp"

namespace bufspec::cpython {

namespace {

struct LedgerObject {
  PyObject_HEAD void* memory;
  engine::Ledger* ledger;
};

PyTypeObject* ledger_type = nullptr;

// Maps `path`; null with an exception set on failure.
void* map_file(const char* path, bool create) {
  const int file = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_TRUNC : 0), 0600);
  if (file < 0) {
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
    return nullptr;
  }
  constexpr auto size = sizeof(engine::LedgerData);
  struct stat status{};
  if (create ? ftruncate(file, static_cast<off_t>(size)) != 0 : fstat(file, &status) != 0) {
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
    close(file);
    return nullptr;
  }
  if (!create && status.st_size != static_cast<off_t>(size)) {
    PyErr_SetString(PyExc_ValueError, "the file is not a ledger of this version: its size differs");
    close(file);
    return nullptr;
  }
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) {
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
    memory = nullptr;
  }
  close(file);
  return memory;
}

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"path", "create", nullptr};
  PyObject* path = nullptr;
  int create = 0;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O&p:Ledger", const_cast<char**>(names), PyUnicode_FSConverter,
                                  &path, &create) == 0)
    return nullptr;
  const Ref owned_path(path);
  void* memory = map_file(PyBytes_AsString(path), create != 0);
  if (memory == nullptr) return nullptr;
  Ref self(PyType_GenericAlloc(type, 0));
  if (!self) {
    munmap(memory, sizeof(engine::LedgerData));
    return nullptr;
  }
  auto* object = reinterpret_cast<LedgerObject*>(self.get());
  object->memory = memory;
  object->ledger = new (std::nothrow) engine::Ledger(memory, create != 0);
  if (object->ledger == nullptr) return PyErr_NoMemory();
  if (!object->ledger->is_valid()) {
    PyErr_SetString(PyExc_ValueError, "the file is not a ledger of this version");
    return nullptr;
  }
  return self.release();
}

void deallocate(PyObject* self) {
  auto* object = reinterpret_cast<LedgerObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  delete object->ledger;
  if (object->memory != nullptr) munmap(object->memory, sizeof(engine::LedgerData));
  auto* free_memory = reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free));
  free_memory(self);
  Py_DECREF(type);
}

bool set_item(PyObject* dict, const char* key, PyObject* owned) {
  const Ref value(owned);
  return value && PyDict_SetItemString(dict, key, value.get()) == 0;
}

// {"cases": n, "failed": n, "readings": {name: n}}
Ref rule_counts(const engine::LedgerData& data, Rule rule) {
  Ref counts(PyDict_New());
  Ref names(PyDict_New());
  if (!counts || !names) return {};
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (readings[i].rule != rule) continue;
    const auto cases = engine::cases_reading(data, i);
    if (cases > 0 && !set_item(names.get(), readings[i].name.data(), PyLong_FromUnsignedLongLong(cases))) return {};
  }
  if (!set_item(counts.get(), "cases", PyLong_FromUnsignedLongLong(engine::cases_judged(data, rule))) ||
      !set_item(counts.get(), "failed", PyLong_FromUnsignedLongLong(data.failed[index_of(rule)])) ||
      !set_item(counts.get(), "readings", names.release()))
    return {};
  return counts;
}

PyObject* numbers_of(const engine::Accepted& one) {
  return Py_BuildValue("(KK)", static_cast<unsigned long long>(one.given),
                       static_cast<unsigned long long>(one.accepted));
}

// {"all": (given, accepted), "strided": (given, accepted), ...}
Ref memories_of(const engine::LedgerData& data) {
  Ref memories(PyDict_New());
  if (!memories || !set_item(memories.get(), "all", numbers_of(data.memories))) return {};
  for (std::size_t bit = 0; bit < engine::capability_count; ++bit) {
    const std::string name(capability_name(1U << bit));
    if (!set_item(memories.get(), name.c_str(), numbers_of(data.memories_by_capability[bit]))) return {};
  }
  return memories;
}

// {"granted": n, "richest_len": n, ...}; owned by who asks, null on failure.
PyObject* exercised_dict(const engine::Exercised& exercised) {
  return Py_BuildValue("{s:K,s:L,s:K,s:K,s:K,s:K,s:K}", "granted", static_cast<unsigned long long>(exercised.granted),
                       "richest_len", static_cast<long long>(exercised.richest_len), "builds_asked",
                       static_cast<unsigned long long>(exercised.builds_asked), "builds_made",
                       static_cast<unsigned long long>(exercised.builds_made), "cases_for_small",
                       static_cast<unsigned long long>(exercised.cases_for_small), "orders_open",
                       static_cast<unsigned long long>(exercised.orders_open), "operations_raising",
                       static_cast<unsigned long long>(exercised.operations_raising));
}

PyObject* snapshot(PyObject* self, PyObject*) {
  const engine::LedgerData& data = reinterpret_cast<LedgerObject*>(self)->ledger->data();
  Ref result(PyDict_New());
  Ref rules(PyDict_New());
  if (!result || !rules) return nullptr;
  for (std::size_t i = 0; i < rule_count; ++i) {
    Ref counts = rule_counts(data, static_cast<Rule>(i));
    if (!counts || PyDict_SetItemString(rules.get(), rule_ids[i].data(), counts.get()) != 0) return nullptr;
  }
  const auto index = data.threads[0].case_index();
  const auto step = data.threads[0].step();
  const auto done = data.cases_done.load(std::memory_order_relaxed);
  const bool ok = set_item(result.get(), "case_index", PyLong_FromUnsignedLong(index)) &&
                  set_item(result.get(), "step", PyLong_FromUnsignedLong(step)) &&
                  set_item(result.get(), "cases_done", PyLong_FromUnsignedLong(done)) &&
                  set_item(result.get(), "heartbeat",
                           PyLong_FromUnsignedLongLong(data.heartbeat.load(std::memory_order_relaxed))) &&
                  set_item(result.get(), "surveys_lost",
                           PyLong_FromLong(std::popcount(data.surveyed.load(std::memory_order_relaxed)))) &&
                  set_item(result.get(), "memories", memories_of(data).release()) &&
                  set_item(result.get(), "requests", PyLong_FromUnsignedLongLong(data.requests)) &&
                  set_item(result.get(), "exercised", exercised_dict(data.exercised)) &&
                  set_item(result.get(), "rules", rules.release());
  return ok ? result.release() : nullptr;
}

PyMethodDef methods[]{
    {"snapshot", guarded<snapshot>, METH_NOARGS,
     "Where the run is and what it has counted: case_index, step, cases_done, heartbeat, surveys_lost, requests, "
     "exercised, memories, rules."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[]{
    {Py_tp_new, guarded_slot<make>()},
    {Py_tp_dealloc, guarded_slot<deallocate>()},
    {Py_tp_methods, methods},
    {Py_tp_doc, const_cast<char*>("Ledger(path, create=False)\n\nBreadcrumb and totals of a run, in a file that "
                                  "outlives the process that writes it.\nOSError or ValueError if the file cannot "
                                  "be mapped or is not a ledger of this version.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec._engine.Ledger", sizeof(LedgerObject), 0, Py_TPFLAGS_DEFAULT, slots};

}  // namespace

bool add_ledger(PyObject* module) {
  PyObject* type = PyType_FromSpec(&spec);
  if (type == nullptr) return false;
  ledger_type = reinterpret_cast<PyTypeObject*>(type);
  return PyModule_AddObjectRef(module, "Ledger", type) == 0;
}

engine::Ledger* ledger_of(PyObject* object) {
  if (Py_IS_TYPE(object, ledger_type) != 0) return reinterpret_cast<LedgerObject*>(object)->ledger;
  PyErr_SetString(PyExc_TypeError, "the ledger must be a bufspec._engine.Ledger");
  return nullptr;
}

}  // namespace bufspec::cpython
