#include "ledger_object.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>

#include "harness/adapters/cpython/api/guarded.hpp"
#include "ledger_dict.hpp"

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

PyObject* snapshot(PyObject* self, PyObject*) {
  return dict_of_ledger(reinterpret_cast<LedgerObject*>(self)->ledger->data());
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
