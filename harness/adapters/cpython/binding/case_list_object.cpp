#include "case_list_object.hpp"

#include <algorithm>
#include <new>
#include <vector>

#include "bufspec/reach.hpp"
#include "bufspec/trace.hpp"
#include "harness/adapters/cpython/api/guarded.hpp"
#include "harness/adapters/cpython/api/tables_from_python.hpp"
#include "loaded_tables.hpp"
#include "runs.hpp"

namespace bufspec::cpython {

namespace {

struct CasesObject {
  PyObject_HEAD MadeCases* cases;
};

PyTypeObject* cases_type = nullptr;

const MadeCases& made(PyObject* self) noexcept { return *reinterpret_cast<CasesObject*>(self)->cases; }

bool options_from(PyObject* operations, suites::CaseOptions& options) {
  if (operations != nullptr && operations != Py_None) {
    const Ref names(PySequence_List(operations));
    const Py_ssize_t count = names ? PyList_Size(names.get()) : 0;
    for (Py_ssize_t i = 0; i < count; ++i) {
      options.profile.operations.push_back(text_from(PyList_GetItem(names.get(), i)));
      if (PyErr_Occurred() != nullptr) return false;
    }
    if (!names) return false;
  }
  if (tables().sweep(options.bound) != nullptr) return true;
  PyErr_Format(PyExc_ValueError, "no sweep is called '%s'; spec/layouts.yaml has short and full",
               options.bound.c_str());
  return false;
}

// The memories that a consumer takes: rows as in layouts.yaml, each with a name.
bool memories_from(PyObject* rows, std::vector<LayoutRow>& memories) {
  if (rows == nullptr || rows == Py_None) return true;
  const Ref list(PySequence_List(rows));
  for (Py_ssize_t i = 0; list && i < PyList_Size(list.get()); ++i) {
    PyObject* const entry = PyList_GetItem(list.get(), i);
    PyObject* const name = PyDict_Check(entry) != 0 ? PyDict_GetItemString(entry, "name") : nullptr;
    PyObject* const layout = name != nullptr ? PyDict_GetItemString(entry, "layout") : nullptr;
    if (layout == nullptr) {
      PyErr_SetString(PyExc_TypeError, "a memory is a dict of its name and its layout");
      return false;
    }
    LayoutRow row;
    row.name = text_from(name);
    if (PyErr_Occurred() != nullptr || !layout_from_python(layout, "layout", row.layout)) return false;
    memories.push_back(std::move(row));
  }
  return static_cast<bool>(list);
}

engine::CaseList list_for(Target target, const suites::CaseOptions& options) {
  switch (target) {
    case Target::exporter:
      return suites::exporter_cases(tables(), options);
    case Target::consumer:
      return suites::consumer_cases(tables(), options);
    case Target::function:
      return suites::runtime_cases(tables(), options);
  }
  return {};
}

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"target", "edition", "operations", "builds", "seed", "bound", "memories", nullptr};
  const char* target_name = nullptr;
  const char* edition_name = nullptr;
  PyObject* operations = nullptr;
  PyObject* memories = nullptr;
  int builds = 0;
  unsigned long long seed = 0;
  const char* bound = "short";
  Target target{};
  suites::CaseOptions options;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "ss|$OpKsO:Cases", const_cast<char**>(names), &target_name,
                                  &edition_name, &operations, &builds, &seed, &bound, &memories) == 0 ||
      !require_tables() || !target_from(target_name, target) || !edition_from(edition_name, options.edition))
    return nullptr;
  options.profile.builds = builds != 0;
  options.seed = seed;
  options.runtime = static_cast<std::uint32_t>(Py_Version);
  options.bound = bound;
  if (!options_from(operations, options) || !memories_from(memories, options.profile.memories)) return nullptr;
  Ref self(PyType_GenericAlloc(type, 0));
  if (!self) return nullptr;
  auto* object = reinterpret_cast<CasesObject*>(self.get());
  object->cases = new (std::nothrow) MadeCases{target, options.edition, list_for(target, options)};
  return object->cases == nullptr ? PyErr_NoMemory() : self.release();
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  delete reinterpret_cast<CasesObject*>(self)->cases;
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

Py_ssize_t length(PyObject* self) { return static_cast<Py_ssize_t>(made(self).list.size()); }

bool is_inside(PyObject* self, Py_ssize_t index) {
  if (index >= 0 && index < length(self)) return true;
  PyErr_Format(PyExc_IndexError, "case %zd of %zd", index, length(self));
  return false;
}

PyObject* item(PyObject* self, Py_ssize_t index) {
  if (!is_inside(self, index)) return nullptr;
  return PyUnicode_FromString(made(self).list.id(static_cast<std::size_t>(index)).c_str());
}

int contains(PyObject* self, PyObject* id) {
  if (PyUnicode_Check(id) == 0) return 0;
  const std::string text = text_from(id);
  if (PyErr_Occurred() != nullptr) return -1;
  return made(self).list.find(text).has_value() ? 1 : 0;
}

PyObject* index_of_case(PyObject* self, PyObject* id) {
  const std::string text = text_from(id);
  if (PyErr_Occurred() != nullptr) return nullptr;
  if (const auto found = made(self).list.find(text)) return PyLong_FromSize_t(*found);
  PyErr_Format(PyExc_ValueError, "no case is called '%s'", text.c_str());
  return nullptr;
}

bool case_from(PyObject* self, PyObject* number, engine::Case& found) {
  const Py_ssize_t index = PyLong_AsSsize_t(number);
  if ((index == -1 && PyErr_Occurred() != nullptr) || !is_inside(self, index)) return false;
  found = made(self).list.make(static_cast<std::size_t>(index));
  return true;
}

PyObject* scenario(PyObject* self, PyObject* number) {
  engine::Case found;
  if (!case_from(self, number, found)) return nullptr;
  const auto bytes = encode(found.scenario);
  return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(bytes.data()), static_cast<Py_ssize_t>(bytes.size()));
}

PyObject* describe_case(PyObject* self, PyObject* number) {
  engine::Case found;
  return case_from(self, number, found) ? PyUnicode_FromString(describe(found.scenario).c_str()) : nullptr;
}

// Whether our exporter gives in this scenario what it is asked for, so that who accepts the layout has no reason to refuse.
bool is_willing(const Scenario& scenario) {
  using namespace behaviour;
  constexpr std::uint32_t refusals = refuses_writable | refuses_flat | refuses_strideless | refuses_formatless |
                                     refuses_format | refuses_contiguity | refuses_all;
  return scenario.layout && scenario.refused_requests == 0 && (scenario.behaviours & (refusals | lies)) == 0;
}

bool capabilities_from(PyObject* names, unsigned& declared) {
  const Ref list(PySequence_List(names));
  for (Py_ssize_t i = 0; list && i < PyList_Size(list.get()); ++i) {
    PyObject* const name = PyList_GetItem(list.get(), i);
    const unsigned bit = PyUnicode_Check(name) ? capability_from(text_from(name)) : 0;
    if (bit == 0) PyErr_Format(PyExc_ValueError, "%R is not a capability", name);
    if (bit == 0) return false;
    declared |= bit;
  }
  return static_cast<bool>(list);
}

PyObject* exercised(PyObject* self, PyObject* names) {
  unsigned declared = 0;
  if (!capabilities_from(names, declared)) return nullptr;
  unsigned taken = 0;
  for (Py_ssize_t i = 0; i < length(self) && taken != declared; ++i) {
    const Scenario scenario = made(self).list.make(static_cast<std::size_t>(i)).scenario;
    if (!is_willing(scenario)) continue;
    const unsigned needed = capabilities_needed(*scenario.layout);
    if ((needed & ~declared) == 0) taken |= needed;
  }
  Ref list(PyList_New(0));
  for (unsigned bit = 1; list && bit <= capability::all; bit <<= 1U) {
    if ((taken & bit) == 0) continue;
    const Ref name(PyUnicode_FromString(std::string(capability_name(bit)).c_str()));
    if (!name || PyList_Append(list.get(), name.get()) != 0) return nullptr;
  }
  return list.release();
}

// The ranges (first, end) of the cases that `is_meant` holds for.
template <typename IsMeant>
PyObject* ranges_of(PyObject* self, IsMeant is_meant) {
  Ref ranges(PyList_New(0));
  engine::Case space;
  for (Py_ssize_t i = 0, first = 0; ranges && i <= length(self); ++i) {
    if (i < length(self) && is_meant(made(self).list.get(static_cast<std::size_t>(i), space))) continue;
    const Ref range(first < i ? Py_BuildValue("(nn)", first, i) : Py_NewRef(Py_None));
    if (!range || (first < i && PyList_Append(ranges.get(), range.get()) != 0)) return nullptr;
    first = i + 1;
  }
  return ranges.release();
}

PyObject* within_reach(PyObject* self, PyObject* names) {
  RuleSet wanted;
  if (!rules_from(names, made(self).edition, wanted)) return nullptr;
  return ranges_of(self, [&](const engine::Case& one) { return (rules_within_reach(one.scenario) & wanted).any(); });
}

PyObject* about(PyObject* self, PyObject* words) {
  const Ref list(PySequence_List(words));
  std::vector<int> wanted;
  for (Py_ssize_t i = 0; list && i < PyList_Size(list.get()); ++i)
    wanted.push_back(static_cast<int>(PyLong_AsLong(PyList_GetItem(list.get(), i))));
  if (!list || PyErr_Occurred() != nullptr) return nullptr;
  return ranges_of(self, [&](const engine::Case& one) {
    return one.about >= 0 && std::find(wanted.begin(), wanted.end(), one.about) != wanted.end();
  });
}

PyMethodDef methods[]{
    {"about", guarded<about>, METH_O,
     "about(words)\n\nThe ranges (first, end) of the cases that each try one of these words of flags."},
    {"exercised", guarded<exercised>, METH_O,
     "exercised(accepts)\n\nThose capabilities of a consumer that some case takes, and nothing else than these."},
    {"index", guarded<index_of_case>, METH_O, "index(id)\n\nThe number of a case; ValueError if none has that id."},
    {"scenario", guarded<scenario>, METH_O, "scenario(number)\n\nThe steps of a case, encoded."},
    {"describe", guarded<describe_case>, METH_O, "describe(number)\n\nThe steps of a case on one line."},
    {"within_reach", guarded<within_reach>, METH_O,
     "within_reach(rules)\n\nThe ranges (first, end) of the cases that any of these rules could be judged by."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[]{
    {Py_tp_new, guarded_slot<make>()},
    {Py_tp_dealloc, guarded_slot<deallocate>()},
    {Py_sq_length, guarded_slot<length>()},
    {Py_sq_item, guarded_slot<item>()},
    {Py_sq_contains, guarded_slot<contains>()},
    {Py_tp_methods, methods},
    {Py_tp_doc, const_cast<char*>("Cases(target, edition, *, operations=(), builds=False, seed=0, bound='short')\n\n"
                                  "The ids of the cases for such a subject, in the order they run.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec._engine.Cases", sizeof(CasesObject), 0, Py_TPFLAGS_DEFAULT, slots};

}  // namespace

bool add_cases(PyObject* module) {
  PyObject* type = PyType_FromSpec(&spec);
  if (type == nullptr) return false;
  cases_type = reinterpret_cast<PyTypeObject*>(type);
  return PyModule_AddObjectRef(module, "Cases", type) == 0;
}

const MadeCases* cases_of(PyObject* object) {
  if (object != nullptr && Py_IS_TYPE(object, cases_type) != 0) return &made(object);
  PyErr_SetString(PyExc_TypeError, "cases must be a bufspec._engine.Cases");
  return nullptr;
}

}  // namespace bufspec::cpython
