#include "object.hpp"

#include <array>
#include <memory>
#include <new>

#include "harness/adapters/cpython/api/tables_from_python.hpp"
#include "machine.hpp"
#include "suites/support/tables.hpp"

namespace bufspec::mutants::exporters {

namespace {

// The room is such that the whole has a size that nobody asks for by what is shown.
struct MutantExporter {
  PyObject_HEAD Machine* machine;
  std::array<char, 160> room;
};

Machine& machine_of(PyObject* self) noexcept { return *reinterpret_cast<MutantExporter*>(self)->machine; }

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  const char* names[]{"memory", "behaviours", nullptr};
  PyObject* memory = nullptr;
  PyObject* behaviours = nullptr;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O|O:MutantExporter", const_cast<char**>(names), &memory,
                                  &behaviours) == 0)
    return nullptr;
  try {
    Layout layout;
    TableValue tree = TableValue::empty_list();
    if (!cpython::layout_from_python(memory, "memory", layout) ||
        (behaviours != nullptr && !cpython::value_from_python(behaviours, tree)))
      return nullptr;
    auto machine = std::make_unique<Machine>();
    if (!machine->build(layout)) return nullptr;
    cpython::Ref self(PyType_GenericAlloc(type, 0));
    if (!self) return nullptr;
    auto& object = *reinterpret_cast<MutantExporter*>(self.get());
    object.machine = machine.release();
    object.machine->offer_room(object.room);
    if (!object.machine->take_behaviours(tree)) return nullptr;
    for (long i = 0; i < object.machine->hoarded; ++i) Py_INCREF(self.get());
    return self.release();
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
}

int get_buffer(PyObject* self, Py_buffer* view, int word) {
  try {
    return machine_of(self).get_buffer(self, view, word);
  } catch (const std::bad_alloc&) {
    view->obj = nullptr;
    PyErr_NoMemory();
    return -1;
  }
}

void release_buffer(PyObject* self, Py_buffer* view) { machine_of(self).release_buffer(self, view); }

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  delete reinterpret_cast<MutantExporter*>(self)->machine;
  auto* free_memory = reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free));
  free_memory(self);
  Py_DECREF(type);
}

// An operation that changes the number of items to what `extent_after` makes of the present one.
template <ssize (*extent_after)(ssize extent, PyObject* arguments)>
PyObject* operation(PyObject* self, PyObject* arguments) {
  Machine& machine = machine_of(self);
  try {
    if (!machine.begin_operation(self)) return nullptr;
    const ssize extent = extent_after(machine.extent(), arguments);
    if (PyErr_Occurred() != nullptr || !machine.resize(extent)) return nullptr;
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
  return Py_NewRef(Py_None);
}

ssize one_more(ssize extent, PyObject*) { return extent + 1; }
ssize one_less(ssize extent, PyObject*) { return extent - 1; }
ssize none(ssize, PyObject*) { return 0; }

ssize as_asked(ssize, PyObject* arguments) {
  ssize extent = 0;
  (void)PyArg_ParseTuple(arguments, "n:resize", &extent);
  return extent;
}

PyObject* close(PyObject* self, PyObject*) {
  Machine& machine = machine_of(self);
  if (!machine.begin_operation(self)) return nullptr;
  machine.close();
  return Py_NewRef(Py_None);
}

PyObject* elements(PyObject* self, PyObject*) {
  const std::string made = machine_of(self).elements();
  return PyBytes_FromStringAndSize(made.data(), static_cast<Py_ssize_t>(made.size()));
}

PyObject* tobytes(PyObject* self, PyObject*) {
  if (!machine_of(self).is_closed()) return elements(self, nullptr);
  PyErr_SetString(PyExc_ValueError, "the memory was closed");
  return nullptr;
}

PyMethodDef methods[]{
    {"append", operation<one_more>, METH_VARARGS, "append(item)\n\nOne item more; BufferError while exported."},
    {"pop", operation<one_less>, METH_VARARGS, "pop()\n\nOne item less; BufferError while exported."},
    {"clear", operation<none>, METH_VARARGS, "clear()\n\nNo item any more; BufferError while exported."},
    {"resize", operation<as_asked>, METH_VARARGS, "resize(items)\n\nAs many items; BufferError while exported."},
    {"close", close, METH_NOARGS, "close()\n\nGives the memory up; BufferError while exported."},
    {"elements", elements, METH_NOARGS, "elements()\n\nThe elements in C order, as they were made."},
    {"tobytes", tobytes, METH_NOARGS, "tobytes()\n\nThe elements in C order, unless it was closed."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[]{
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
    {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
    {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
    {Py_tp_methods, methods},
    {Py_tp_doc,
     const_cast<char*>("MutantExporter(memory, behaviours=[])\n\nAn exporter of a memory, with behaviours.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec.subjects.mutants._native.MutantExporter", sizeof(MutantExporter), 0,
                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

bool add_mutant_exporter(PyObject* module) {
  const cpython::Ref type(PyType_FromSpec(&spec));
  return type && PyModule_AddObjectRef(module, "MutantExporter", type.get()) == 0;
}

}  // namespace bufspec::mutants::exporters
