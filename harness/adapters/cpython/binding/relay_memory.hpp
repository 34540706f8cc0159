// The memory of any object as the engine reads it, and our exporter of the same memory: what pairs are held against.
#pragma once

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// memory_of(object, word=-1): what the richest request that is granted shows, or the one that is named, as a dict, or None if all are refused.
// `layout` is what InstrumentedExporter() and consumer_scenario() take, None where the answer describes no memory that can exist;
// `elements` are the bytes in C order, None where they cannot all be read; `word` is the request, `needs` names the
// capabilities that the layout takes.
// The view is given back.  Method table entries, as the next two: a new reference, or null with an exception set.
PyObject* memory_of(PyObject* module, PyObject* arguments, PyObject* keywords);

// are_alike(one, other): whether two results of a consumer say the same, as its cases compare them.  A method table entry.
PyObject* compare_results(PyObject* module, PyObject* arguments);

// consumer_scenario(layout, behaviours=(), steps=("consume", "read", "release", "collect")): an encoded scenario of a consumer on our exporter of that
// memory.
PyObject* consumer_scenario(PyObject* module, PyObject* arguments, PyObject* keywords);

// bytes_held(): what the C library's allocator has handed out, 0 where it does not tell.
PyObject* bytes_held(PyObject* module, PyObject* nothing);

}  // namespace bufspec::cpython
