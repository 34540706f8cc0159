#include "scenarios.hpp"

#include "bufspec/format.hpp"
#include "bufspec/judge.hpp"
#include "json_value.hpp"
#include "loaded_tables.hpp"
#include "suites/engine/json/encoding.hpp"
#include "suites/engine/memory/packed_layout.hpp"
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

PyObject* bytes_of(const Scenario& scenario) {
  const auto bytes = encode(scenario);
  return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(bytes.data()), static_cast<Py_ssize_t>(bytes.size()));
}

}  // namespace

PyObject* parts_of_scenario(PyObject*, PyObject* bytes) {
  Scenario scenario;
  return scenario_from(bytes, scenario) ? object_from_json(json::text_of(scenario)).release() : nullptr;
}

PyObject* scenario_of_other_shape(PyObject*, PyObject* bytes) {
  Scenario scenario;
  if (!scenario_from(bytes, scenario)) return nullptr;
  if (scenario.layout) scenario.layout = engine::of_other_shape(*scenario.layout);
  return bytes_of(scenario);
}

PyObject* scenario_from_json(PyObject*, PyObject* text) {
  Scenario scenario;
  if (!read_json(text, scenario)) return nullptr;
  if (!(decode(encode(scenario)) == scenario)) {
    PyErr_SetString(PyExc_ValueError,
                    "the scenario cannot be tried: its memory cannot exist or is too large, a slot is used before it "
                    "is filled or twice, or a step is not for its target");
    return nullptr;
  }
  return bytes_of(scenario);
}

PyObject* judge_trace(PyObject*, PyObject* arguments) {
  PyObject* tried = nullptr;
  PyObject* seen = nullptr;
  Scenario scenario;
  Trace trace;
  if (PyArg_ParseTuple(arguments, "UU:judge_trace", &tried, &seen) == 0 || !read_json(tried, scenario) ||
      !read_json(seen, trace))
    return nullptr;
  return dict_of_judgement(scenario, trace, rules_judged_in(scenario.edition)).release();
}

PyObject* name_flags(PyObject*, PyObject* word) {
  const long number = PyLong_AsLong(word);
  if (number == -1 && PyErr_Occurred() != nullptr) return nullptr;
  return PyUnicode_FromString(flags_name(static_cast<int>(number)).c_str());
}

bool behaviours_from(PyObject* names, std::uint32_t& behaviours) {
  const Ref list(PySequence_List(names));
  for (Py_ssize_t i = 0; list && i < PyList_Size(list.get()); ++i) {
    const std::string name = text_from(PyList_GetItem(list.get(), i));
    if (PyErr_Occurred() != nullptr) return false;
    const std::uint32_t bit = behaviour_from(name);
    if (bit == 0) {
      PyErr_Format(PyExc_ValueError, "no behaviour is called '%s'; behaviours() lists them", name.c_str());
      return false;
    }
    behaviours |= bit;
  }
  return static_cast<bool>(list);
}

PyObject* size_of_format(PyObject*, PyObject* format) {
  const std::string text = text_from(format);
  if (PyErr_Occurred() != nullptr) return nullptr;
  const Result<FormatSize> size = format_size(text);
  return size.ok() ? PyLong_FromSsize_t(size.value.size) : Py_NewRef(Py_None);
}

}  // namespace bufspec::cpython
