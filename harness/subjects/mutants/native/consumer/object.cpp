#include "object.hpp"

#include <memory>
#include <new>

#include "behaviours.hpp"
#include "harness/adapters/cpython/api/tables_from_python.hpp"
#include "suites/support/tables.hpp"
#include "values.hpp"

namespace bufspec::mutants::consumers {

namespace {

struct MutantConsumer {
  PyObject_HEAD Machine* machine;
  PyObject* behaviours;  // what it was made of; null for none
};

MutantConsumer& fields_of(PyObject* self) noexcept { return *reinterpret_cast<MutantConsumer*>(self); }

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  const char* names[]{"behaviours", nullptr};
  PyObject* behaviours = nullptr;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "|O:MutantConsumer", const_cast<char**>(names), &behaviours) ==
      0)
    return nullptr;
  try {
    TableValue tree = TableValue::empty_list();
    if (behaviours != nullptr && !cpython::value_from_python(behaviours, tree)) return nullptr;
    auto machine = std::make_unique<Machine>();
    if (!machine->take_behaviours(tree)) return nullptr;
    PyObject* self = PyType_GenericAlloc(type, 0);
    if (self == nullptr) return nullptr;
    fields_of(self).machine = machine.release();
    fields_of(self).behaviours = Py_XNewRef(behaviours);
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
    return fields_of(self).machine->call(exporter);
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  delete fields_of(self).machine;
  Py_XDECREF(fields_of(self).behaviours);
  auto* free_memory = reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free));
  free_memory(self);
  Py_DECREF(type);
}

// As pickle takes it, so that a script can be written that makes the same consumer.
PyObject* reduce(PyObject* self, PyObject*) {
  PyObject* behaviours = fields_of(self).behaviours;
  return behaviours == nullptr ? Py_BuildValue("(O())", Py_TYPE(self))
                               : Py_BuildValue("(O(O))", Py_TYPE(self), behaviours);
}

PyMethodDef methods[]{
    {"__reduce__", reduce, METH_NOARGS, "__reduce__()\n\nThe call that makes such a consumer."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[]{
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_call, reinterpret_cast<void*>(call)},
    {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
    {Py_tp_methods, methods},
    {Py_tp_doc, const_cast<char*>("MutantConsumer(behaviours=[])\n\nA consumer of one argument, with behaviours.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec.subjects.mutants._native.MutantConsumer", sizeof(MutantConsumer), 0, Py_TPFLAGS_DEFAULT,
                 slots};

}  // namespace

bool add_mutant_consumer(PyObject* module) {
  if (!make_keeper_type()) return false;
  const cpython::Ref type(PyType_FromSpec(&spec));
  return type && PyModule_AddObjectRef(module, "MutantConsumer", type.get()) == 0;
}

}  // namespace bufspec::mutants::consumers
