#include "object.hpp"

#include <memory>
#include <new>

#include "habits.hpp"
#include "harness/adapters/cpython/api/tables_from_python.hpp"
#include "suites/support/tables.hpp"
#include "values.hpp"

namespace bufspec::cpython {

namespace {

struct MutantConsumer {
  PyObject_HEAD ConsumerMachine* machine;
};

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  const char* names[]{"habits", nullptr};
  PyObject* habits = nullptr;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "|O:MutantConsumer", const_cast<char**>(names), &habits) == 0)
    return nullptr;
  try {
    TableValue tree = TableValue::empty_list();
    if (habits != nullptr && !value_from_python(habits, tree)) return nullptr;
    auto machine = std::make_unique<ConsumerMachine>();
    if (!machine->take_habits(tree)) return nullptr;
    PyObject* self = PyType_GenericAlloc(type, 0);
    if (self != nullptr) reinterpret_cast<MutantConsumer*>(self)->machine = machine.release();
    return self;
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
}

PyObject* call(PyObject* self, PyObject* arguments, PyObject* keywords) {
  const char* names[]{"exporter", nullptr};
  PyObject* exporter = nullptr;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O:MutantConsumer", const_cast<char**>(names), &exporter) == 0)
    return nullptr;
  try {
    return reinterpret_cast<MutantConsumer*>(self)->machine->call(self, exporter);
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  delete reinterpret_cast<MutantConsumer*>(self)->machine;
  auto* free_memory = reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free));
  free_memory(self);
  Py_DECREF(type);
}

PyType_Slot slots[]{
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_call, reinterpret_cast<void*>(call)},
    {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
    {Py_tp_doc, const_cast<char*>("MutantConsumer(habits=[])\n\nA consumer of one argument, with habits.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec._engine.MutantConsumer", sizeof(MutantConsumer), 0, Py_TPFLAGS_DEFAULT, slots};

}  // namespace

bool add_mutant_consumer(PyObject* module) {
  if (!make_keeper_type()) return false;
  const Ref type(PyType_FromSpec(&spec));
  return type && PyModule_AddObjectRef(module, "MutantConsumer", type.get()) == 0;
}

}  // namespace bufspec::cpython
