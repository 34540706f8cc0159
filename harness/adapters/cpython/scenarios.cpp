#include "scenarios.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "loaded_tables.hpp"
#include "runs.hpp"

namespace bufspec::cpython {

namespace {

using Bytes = std::vector<std::uint8_t>;

// The scenario that a bytes object spells; false with an exception set if it is none.
bool scenario_from(PyObject* object, Scenario& scenario) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(object, &data, &size) != 0) return false;
  scenario = decode({reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
  return true;
}

PyObject* bytes_from(const Bytes& bytes) {
  return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(bytes.data()), static_cast<Py_ssize_t>(bytes.size()));
}

const char* name_of(StepKind kind) noexcept {
  switch (kind) {
    case StepKind::acquire:
      return "acquire";
    case StepKind::release:
      return "release";
    case StepKind::consume:
      return "consume";
    case StepKind::call:
      return "call";
    case StepKind::acquire_direct:
      return "acquire_direct";
    case StepKind::release_copy:
      return "release_copy";
    case StepKind::read:
      return "read";
    case StepKind::write:
      return "write";
    case StepKind::mutate:
      return "mutate";
    case StepKind::collect:
      return "collect";
    case StepKind::drop:
      return "drop";
    case StepKind::reenter:
      return "reenter";
    case StepKind::repeat:
      return "repeat";
    case StepKind::threads:
      return "threads";
  }
  return "";
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

PyObject* scenario_of(PyObject*, PyObject* arguments) {
  const char* target_name = nullptr;
  const char* edition_name = nullptr;
  const char* id = nullptr;
  Target target{};
  Edition edition{};
  if (PyArg_ParseTuple(arguments, "sss:scenario_of", &target_name, &edition_name, &id) == 0 || !require_tables() ||
      !target_from(target_name, target) || !edition_from(edition_name, edition))
    return nullptr;
  for (const suites::Case& one : cases_for(target, edition))
    if (one.id == id) return bytes_from(encode(one.scenario));
  PyErr_Format(PyExc_ValueError, "no case is called '%s'; cases() lists them", id);
  return nullptr;
}

PyObject* smaller_scenarios(PyObject*, PyObject* bytes) {
  Scenario scenario;
  if (!scenario_from(bytes, scenario)) return nullptr;
  const Bytes own = encode(scenario);
  std::vector<Bytes> told{own};  // a candidate that the encoding cannot tell from another is none
  Ref list(PyList_New(0));
  for (const Scenario& candidate : smaller(scenario)) {
    Bytes spelled = encode(candidate);
    if (std::find(told.begin(), told.end(), spelled) != told.end()) continue;
    const Ref entry(bytes_from(spelled));
    if (!list || !entry || PyList_Append(list.get(), entry.get()) != 0) return nullptr;
    told.push_back(std::move(spelled));
  }
  return list.release();
}

PyObject* describe_scenario(PyObject*, PyObject* bytes) {
  Scenario scenario;
  if (!scenario_from(bytes, scenario)) return nullptr;
  const std::string text = describe(scenario);
  return PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size()));
}

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
  if (!steps || !layout) return nullptr;
  return Py_BuildValue("{s:s,s:s,s:N,s:C,s:N}", "target", name_of(scenario.target), "edition",
                       scenario.edition == Edition::current ? "current" : "2010", "layout", layout.release(), "order",
                       static_cast<int>(scenario.order), "steps", steps.release());
}

PyObject* trace_scenario(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"target", "subject", "scenario", nullptr};
  const char* target_name = nullptr;
  PyObject* object = nullptr;
  PyObject* bytes = nullptr;
  Target target{};
  Scenario scenario;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "sOO:trace_scenario", const_cast<char**>(names), &target_name,
                                  &object, &bytes) == 0 ||
      !require_tables() || !target_from(target_name, target) || !scenario_from(bytes, scenario))
    return nullptr;
  if (scenario.target != target) {
    PyErr_Format(PyExc_ValueError, "the scenario is for a subject of kind '%s', not '%s'", name_of(scenario.target),
                 target_name);
    return nullptr;
  }
  return shown_trace(target, object, scenario, "");
}

}  // namespace bufspec::cpython
