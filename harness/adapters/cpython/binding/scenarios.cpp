#include "scenarios.hpp"

#include <algorithm>

#include "bufspec/format.hpp"
#include "trace_dict.hpp"

namespace bufspec::cpython {

namespace {

// The scenario that a bytes object spells; false with an exception set if it is none.
bool scenario_from(PyObject* object, Scenario& scenario) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(object, &data, &size) != 0) return false;
  scenario = decode({reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
  return true;
}

const char* name_of(Target target) noexcept {
  switch (target) {
    case Target::exporter:
      return "exporter";
    case Target::consumer:
      return "consumer";
    case Target::function:
      return "function";
  }
  return "";
}

Ref tuple_of(const Extents& values, int ndim) {
  const Py_ssize_t size = std::clamp(ndim, 0, max_ndim);
  Ref tuple(PyTuple_New(size));
  for (Py_ssize_t i = 0; tuple && i < size; ++i) {
    PyObject* entry = PyLong_FromSsize_t(values[static_cast<std::size_t>(i)]);
    if (entry == nullptr || PyTuple_SetItem(tuple.get(), i, entry) != 0) return {};
  }
  return tuple;
}

// The names of a set of behaviours, in the order of their bits.
Ref list_of_behaviours(std::uint32_t behaviours) {
  Ref list(PyList_New(0));
  for (std::uint32_t bit = 1; bit != 0 && bit <= behaviours; bit <<= 1) {
    if ((behaviours & bit) == 0) continue;
    const std::string_view name = behaviour_name(bit);
    const Ref entry(PyUnicode_FromStringAndSize(name.data(), static_cast<Py_ssize_t>(name.size())));
    if (!list || !entry || PyList_Append(list.get(), entry.get()) != 0) return {};
  }
  return list;
}

PyObject* dict_of_layout(const Layout& layout) {
  Ref shape = tuple_of(layout.shape, layout.ndim);
  Ref strides = layout.has_strides ? tuple_of(layout.strides, layout.ndim) : Ref(Py_NewRef(Py_None));
  Ref suboffsets = layout.has_suboffsets ? tuple_of(layout.suboffsets, layout.ndim) : Ref(Py_NewRef(Py_None));
  if (!shape || !strides || !suboffsets) return nullptr;
  return Py_BuildValue("{s:s#,s:n,s:N,s:N,s:N,s:n,s:n,s:N}", "format", layout.format.data(),
                       static_cast<Py_ssize_t>(layout.format.size()), "itemsize", layout.itemsize, "shape",
                       shape.release(), "strides", strides.release(), "suboffsets", suboffsets.release(), "offset",
                       layout.offset, "block", layout.block, "readonly", PyBool_FromLong(layout.readonly ? 1 : 0));
}

}  // namespace

PyObject* parts_of_scenario(PyObject*, PyObject* bytes) {
  Scenario scenario;
  if (!scenario_from(bytes, scenario)) return nullptr;
  Ref steps(PyList_New(0));
  for (const Step& step : scenario.steps) {
    const Ref entry(Py_BuildValue("{s:s,s:i,s:i,s:s,s:i}", "kind", name_of(step.kind), "slot",
                                  static_cast<int>(step.slot), "flags", step.flags, "name",
                                  flags_name(step.flags).c_str(), "count", step.count));
    if (!steps || !entry || PyList_Append(steps.get(), entry.get()) != 0) return nullptr;
  }
  Ref layout(scenario.layout ? dict_of_layout(*scenario.layout) : Py_NewRef(Py_None));
  Ref behaviours = list_of_behaviours(scenario.behaviours);
  if (!steps || !layout || !behaviours) return nullptr;
  return Py_BuildValue("{s:s,s:s,s:N,s:C,s:N,s:N,s:i}", "target", name_of(scenario.target), "edition",
                       scenario.edition == Edition::current ? "current" : "2010", "layout", layout.release(), "order",
                       static_cast<int>(scenario.order), "steps", steps.release(), "behaviours", behaviours.release(),
                       "refused_requests", static_cast<int>(scenario.refused_requests));
}

PyObject* size_of_format(PyObject*, PyObject* format) {
  const std::string text = text_from(format);
  if (PyErr_Occurred() != nullptr) return nullptr;
  const Result<FormatSize> size = format_size(text);
  return size.ok() ? PyLong_FromSsize_t(size.value.size) : Py_NewRef(Py_None);
}

}  // namespace bufspec::cpython
