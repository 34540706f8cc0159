#include "consumer_arguments.hpp"

#include <array>
#include <string_view>

namespace bufspec::cpython {

namespace {

template <typename Value>
struct Named {
  std::string_view name;
  Value value;
};

constexpr std::array<Named<ConsumerKind>, 3> kinds{
    {{"reads", ConsumerKind::reads}, {"fills", ConsumerKind::fills}, {"keeps", ConsumerKind::keeps}}};

constexpr std::array<Named<Returns>, 6> results{{{"", Returns::same_as_bytes},
                                                 {"bytes", Returns::bytes},
                                                 {"list", Returns::list},
                                                 {"elements", Returns::elements},
                                                 {"scalar", Returns::scalar},
                                                 {"none", Returns::none}}};

// "'reads', 'fills', 'keeps'"
template <typename Table>
std::string names_in(const Table& table) {
  std::string names;
  for (const auto& one : table) names += (names.empty() ? "'" : ", '") + std::string(one.name) + "'";
  return names;
}

template <typename Table, typename Value>
bool value_from(const Table& table, const char* what, const char* name, Value& value) {
  for (const auto& one : table) {
    if (one.name != name) continue;
    value = one.value;
    return true;
  }
  PyErr_Format(PyExc_ValueError, "%s of a consumer is '%s'; it is one of %s", what, name, names_in(table).c_str());
  return false;
}

bool accepts_from(PyObject* given, unsigned& accepts) {
  if (given == nullptr || given == Py_None) return true;
  if (PyUnicode_Check(given) != 0) {
    PyErr_SetString(PyExc_TypeError, "accepts of a consumer is a sequence of names, not a str");
    return false;
  }
  const Ref names(PySequence_List(given));
  for (Py_ssize_t i = 0; names && i < PyList_Size(names.get()); ++i) {
    const std::string name = text_from(PyList_GetItem(names.get(), i));
    if (PyErr_Occurred() != nullptr) return false;
    const unsigned bit = capability_from(name);
    if (bit == 0) {
      std::string known;
      for (unsigned one = 1; one <= capability::all; one <<= 1U)
        known += (known.empty() ? "'" : ", '") + std::string(capability_name(one)) + "'";
      PyErr_Format(PyExc_ValueError, "a consumer cannot be said to accept '%s'; there are %s", name.c_str(),
                   known.c_str());
      return false;
    }
    accepts |= bit;
  }
  return static_cast<bool>(names);
}

bool truth_from(PyObject* dict, const char* key, bool& value) {
  PyObject* const given = PyDict_GetItemString(dict, key);
  const int is_true = given == nullptr ? (value ? 1 : 0) : PyObject_IsTrue(given);
  value = is_true == 1;
  return is_true >= 0;
}

// What the dict `also` says.
bool rest_from(PyObject* also, ConsumerDeclaration& declared) {
  if (also == nullptr || also == Py_None) return true;
  if (PyDict_Check(also) == 0) {
    PyErr_SetString(PyExc_TypeError, "also is a dict of order, refuses, reentrant and threads");
    return false;
  }
  if (PyObject* const order = PyDict_GetItemString(also, "order")) {
    declared.keeps_memory_order = text_from(order) == "memory";
    if (PyErr_Occurred() != nullptr) return false;
  }
  if (PyObject* const refuses = PyDict_GetItemString(also, "refuses")) {
    declared.refuses.reset(PySequence_Tuple(refuses));
    if (!declared.refuses) return false;
  }
  return truth_from(also, "reentrant", declared.is_reentrant) && truth_from(also, "threads", declared.has_threads);
}

}  // namespace

bool consumer_from(PyObject* callable, const ConsumerArguments& arguments, ConsumerDeclaration& declared) {
  if (PyCallable_Check(callable) == 0) {
    PyErr_SetString(PyExc_TypeError, "a consumer is given as a callable of one argument");
    return false;
  }
  declared.callable = Ref::borrowed(callable);
  declared.has_fallback = arguments.has_fallback != 0;
  return value_from(kinds, "kind", arguments.kind, declared.kind) &&
         value_from(results, "returns", arguments.returns, declared.returns) &&
         accepts_from(arguments.accepts, declared.accepts) && rest_from(arguments.also, declared);
}

}  // namespace bufspec::cpython
