#include "relay_memory.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "bufspec/judge.hpp"
#include "bufspec/layout.hpp"
#include "bufspec/scenario.hpp"
#include "harness/adapters/cpython/api/tables_from_python.hpp"
#include "harness/adapters/cpython/consumer/values.hpp"
#include "scenarios.hpp"
#include "suites/engine/json/names.hpp"
#include "suites/engine/observe/fault_guard.hpp"
#include "suites/engine/observe/poisoned_view.hpp"
#include "suites/engine/observe/process_bytes.hpp"
#include "suites/engine/observe/view_memory.hpp"

namespace bufspec::cpython {

namespace {

// Those that show most come first; an object that refuses them all shows nothing.
constexpr std::array words{
    flag::FULL_RO,  flag::INDIRECT, flag::RECORDS_RO, flag::STRIDED_RO, flag::C_CONTIGUOUS | flag::FORMAT,
    flag::ND,       flag::SIMPLE,   flag::FULL,       flag::STRIDED,    flag::CONTIG,
    flag::WRITABLE,
};

bool put(const Ref& dict, const char* key, PyObject* owned) {
  const Ref value(owned);
  return value && PyDict_SetItemString(dict.get(), key, value.get()) == 0;
}

Ref list_of(const Extents& values, int ndim) {
  Ref list(PyList_New(0));
  for (std::size_t d = 0; list && d < static_cast<std::size_t>(ndim); ++d) {
    const Ref entry(PyLong_FromSsize_t(values[d]));
    if (!entry || PyList_Append(list.get(), entry.get()) != 0) return {};
  }
  return list;
}

// The keys of a row of layouts.yaml; without offset and block, which then follow from the others.
Ref dict_of_layout(const Layout& layout) {
  Ref dict(PyDict_New());
  if (!dict ||
      !put(dict, "format",
           PyUnicode_DecodeLatin1(layout.format.data(), static_cast<Py_ssize_t>(layout.format.size()), nullptr)) ||
      !put(dict, "itemsize", PyLong_FromSsize_t(layout.itemsize)) ||
      !put(dict, "shape", list_of(layout.shape, layout.ndim).release()) ||
      !put(dict, "strides", list_of(layout.strides, layout.ndim).release()) ||
      !put(dict, "readonly", PyBool_FromLong(layout.readonly ? 1 : 0)))
    return {};
  if (layout.has_suboffsets && !put(dict, "suboffsets", list_of(layout.suboffsets, layout.ndim).release())) return {};
  return dict;
}

bool layout_from_dict(PyObject* given, Layout& layout) {
  if (!layout_from_python(given, "layout", layout)) return false;
  const Status status = well_formed(layout);
  if (!status.ok()) PyErr_SetString(PyExc_ValueError, status.reason);
  return status.ok();
}

// What `view`, just acquired with `word`, shows.
Ref dict_of_view(const Py_buffer& view, PyObject* object, int word) {
  Answer answer;
  answer.granted = true;
  engine::copy_view(buffer_from(view), owner_of(view.obj, object), nullptr, true, answer.view);
  engine::SeenMemory seen;
  engine::look_at_memory(answer.view, view.buf, seen, engine::Look::copy);
  Layout layout;
  const bool is_described = layout_from_answer(answer, layout);
  if (is_described && layout.ndim == 0) layout.has_strides = true;
  const Ref described(is_described ? dict_of_layout(layout).release() : Py_NewRef(Py_None));
  Layout placed;  // in a block that has room for it
  const bool is_placed = is_described && described && layout_from_dict(described.get(), placed);
  PyErr_Clear();
  Ref needs(PyList_New(0));
  for (unsigned bit = 1; is_placed && bit <= capability::all; bit <<= 1) {
    if ((capabilities_needed(placed) & bit) == 0) continue;
    const std::string_view name = capability_name(bit);
    const Ref text(PyUnicode_FromStringAndSize(name.data(), static_cast<Py_ssize_t>(name.size())));
    if (!needs || !text || PyList_Append(needs.get(), text.get()) != 0) return {};
  }
  Ref dict(PyDict_New());
  if (!described) return {};
  const bool is_known = seen.complete && seen.readable == true;
  if (!dict || !put(dict, "word", PyLong_FromLong(word)) || !put(dict, "address", PyLong_FromVoidPtr(view.buf)) ||
      !put(dict, "layout", Py_NewRef(described.get())) ||
      !put(dict, "needs", is_placed ? needs.release() : Py_NewRef(Py_None)) ||
      !put(dict, "readable", seen.readable ? PyBool_FromLong(*seen.readable ? 1 : 0) : Py_NewRef(Py_None)) ||
      !put(dict, "elements",
           is_known ? PyBytes_FromStringAndSize(seen.elements.data(), static_cast<Py_ssize_t>(seen.elements.size()))
                    : Py_NewRef(Py_None)))
    return {};
  return dict;
}

}  // namespace

PyObject* memory_of(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"object", "word", nullptr};
  PyObject* object = nullptr;
  int only = -1;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O|i:memory_of", const_cast<char**>(names), &object, &only) == 0)
    return nullptr;
  if (PyObject_CheckBuffer(object) == 0) return Py_NewRef(Py_None);
  engine::FaultGuard faults;
  faults.renew();
  for (const int word : words) {
    const int asked = only >= 0 ? only : word;
    engine::PoisonedView held;
    Py_buffer& view = py_buffer(held.view());
    const bool is_granted = PyObject_GetBuffer(object, &view, asked) == 0;
    PyErr_Clear();
    if (is_granted) {
      Ref seen = dict_of_view(view, object, asked);
      // Without a true owner it cannot be given back: the library would follow the pointer.
      if (engine::state_of(view.obj, 1) == Pointer::readable) PyBuffer_Release(&view);
      return seen.release();
    }
    if (only >= 0) break;
  }
  return Py_NewRef(Py_None);
}

PyObject* compare_results(PyObject*, PyObject* arguments) {
  PyObject* one = nullptr;
  PyObject* other = nullptr;
  if (PyArg_ParseTuple(arguments, "OO:are_alike", &one, &other) == 0) return nullptr;
  return PyBool_FromLong(are_alike(one, other) ? 1 : 0);
}

PyObject* consumer_scenario(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"layout", "behaviours", "steps", nullptr};
  PyObject* given = nullptr;
  PyObject* behaviours = nullptr;
  PyObject* steps = nullptr;
  Scenario scenario;
  Layout layout;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O|OO:consumer_scenario", const_cast<char**>(names), &given,
                                  &behaviours, &steps) == 0 ||
      !layout_from_dict(given, layout) || (behaviours != nullptr && !behaviours_from(behaviours, scenario.behaviours)))
    return nullptr;
  scenario.target = Target::consumer;
  scenario.layout = std::move(layout);
  if (steps == nullptr) {
    for (const StepKind kind : {StepKind::consume, StepKind::read, StepKind::release, StepKind::collect})
      scenario.steps.push_back({.kind = kind});
  } else {
    const Ref list(PySequence_List(steps));
    if (!list) return nullptr;
    for (Py_ssize_t i = 0; i < PyList_Size(list.get()); ++i) {
      const std::string name = text_from(PyList_GetItem(list.get(), i));
      if (PyErr_Occurred() != nullptr) return nullptr;
      const auto kind = json::value_from<StepKind>(name);
      if (!kind) {
        PyErr_Format(PyExc_ValueError, "no step is called '%s'", name.c_str());
        return nullptr;
      }
      scenario.steps.push_back({.kind = *kind});
    }
  }
  const auto bytes = encode(scenario);
  return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(bytes.data()), static_cast<Py_ssize_t>(bytes.size()));
}

PyObject* bytes_held(PyObject*, PyObject*) { return PyLong_FromLongLong(engine::process_bytes().allocated); }

}  // namespace bufspec::cpython
