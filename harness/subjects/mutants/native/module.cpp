// bufspec.subjects.mutants._native: the mutants in C++, a module of their own that nothing loads but what judges mutants.
#include "consumer/object.hpp"
#include "exporter/object.hpp"

namespace bufspec::mutants {

namespace {

int fill_module(PyObject* module) {
  return exporters::add_mutant_exporter(module) && consumers::add_mutant_consumer(module) ? 0 : -1;
}

PyModuleDef_Slot module_slots[]{
    {Py_mod_exec, reinterpret_cast<void*>(fill_module)},
    {0, nullptr},
};

PyModuleDef definition{PyModuleDef_HEAD_INIT,
                       "_native",
                       "Exporters and consumers of which each breaks one rule, and their twins.",
                       0,
                       nullptr,
                       module_slots,
                       nullptr,
                       nullptr,
                       nullptr};

}  // namespace

}  // namespace bufspec::mutants

PyMODINIT_FUNC PyInit__native() { return PyModuleDef_Init(&bufspec::mutants::definition); }
