// What are the types of exporters and of exceptions called?
#include <array>
#include <new>
#include <string>
#include <vector>

#include "definitions.hpp"
#include "record_file.hpp"
#include "repeats.hpp"
#include "weakly_known.hpp"

namespace bufspec::recorder {

namespace {

struct Number {
  std::uint64_t value = 0;

  static void forget(PyObject* type) noexcept;
};
WeaklyKnown<Number>& types() {
  static auto* const all = new WeaklyKnown<Number>;
  return *all;
}

// The types that were seen last, each where its address leads.
struct Recent {
  const PyObject* type = nullptr;
  std::uint64_t number = 0;
};
constexpr std::size_t recent_count = 64;
std::array<Recent, recent_count> recent;
Recent& recent_of(const PyObject* type) noexcept {
  return recent[reinterpret_cast<std::uintptr_t>(type) / 16 % recent_count];
}
void Number::forget(PyObject* type) noexcept {
  if (recent_of(type).type == type) recent_of(type) = Recent{};
  forget_calls_of(type);
}
std::uint64_t count = 0;

struct Exception {
  PyObject* type;
  std::uint64_t number;
};
std::vector<Exception>& exceptions() {
  static auto* const all = new std::vector<Exception>;
  return *all;
}
std::uint64_t count_of_exceptions = 0;
constexpr std::size_t most_exceptions = 256;

std::string text_from(PyObject* text) {
  Py_ssize_t size = 0;
  const char* const bytes =
      text == nullptr || PyUnicode_Check(text) == 0 ? nullptr : PyUnicode_AsUTF8AndSize(text, &size);
  std::string found = bytes == nullptr ? "" : std::string(bytes, static_cast<std::size_t>(size));
  Py_XDECREF(text);
  PyErr_Clear();
  return found;
}

// The names of the kinds that a judge tells apart; a subclass is of the first that it is one of.
std::string kind_of(PyObject* type) {
  const std::array known{
      std::pair{PyExc_BufferError, "BufferError"},
      std::pair{PyExc_TypeError, "TypeError"},
      std::pair{PyExc_NotImplementedError, "NotImplementedError"},
      std::pair{PyExc_UnicodeEncodeError, "UnicodeEncodeError"},
      std::pair{PyExc_ValueError, "ValueError"},
      std::pair{PyExc_IndexError, "IndexError"},
      std::pair{PyExc_SystemError, "SystemError"},
      std::pair{PyExc_OverflowError, "OverflowError"},
      std::pair{PyExc_MemoryError, "MemoryError"},
  };
  for (const auto& [base, name] : known)
    if (PyErr_GivenExceptionMatches(type, base) != 0) return name;
  return "other";
}

}  // namespace

std::string name_of(PyTypeObject* type) {
  // Asked of `type` itself: a metaclass may have its own ideas of what a name is.
  const std::string name = text_from(PyType_GetQualName(type));
  const std::string module = text_from(PyObject_GetAttrString(reinterpret_cast<PyObject*>(type), "__module__"));
  return module.empty() || module == "builtins" ? name : module + "." + name;
}

std::uint64_t number_of_type(PyTypeObject* type) noexcept {
  auto* const object = reinterpret_cast<PyObject*>(type);
  Recent& last = recent_of(object);
  if (last.type == object) return last.number;
  if (const Number* const known = types().find(object); known != nullptr && known->value != 0) {
    last = {object, known->value};
    return known->value;
  }
  if (Py_IsInitialized() == 0) return 0;
  try {
    PyObject *kind = nullptr, *value = nullptr, *trace = nullptr;
    PyErr_Fetch(&kind, &value, &trace);
    const std::string name = name_of(type);
    const bool has_release = PyType_GetSlot(type, Py_bf_releasebuffer) != nullptr;
    const bool is_watched = types().watch(object);
    PyErr_Restore(kind, value, trace);
    if (head() == nullptr) return 0;
    unsigned char* to = open_event();
    if (to == nullptr) return 0;
    to = put(to, name);
    *to++ = has_release ? 1 : 0;
    close_event(kind::type, to);
    ++count;
    if (is_watched)
      if (Number* const known = types().find(object)) known->value = count;
    return count;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

bool is_watched_type(const PyTypeObject* type) noexcept {
  return types().find(reinterpret_cast<PyObject*>(const_cast<PyTypeObject*>(type))) != nullptr;
}

std::uint64_t number_of_exception(PyObject* type) noexcept {
  if (type == nullptr) return 0;
  for (const Exception& one : exceptions())
    if (one.type == type) return one.number;
  if (Py_IsInitialized() == 0) return 0;
  try {
    PyObject *set = nullptr, *value = nullptr, *trace = nullptr;
    PyErr_Fetch(&set, &value, &trace);
    const std::string name = text_from(PyType_GetName(reinterpret_cast<PyTypeObject*>(type)));
    const std::string kind = kind_of(type);
    PyErr_Restore(set, value, trace);
    if (head() == nullptr || count_of_exceptions >= 0xffff) return 0;
    unsigned char* to = open_event();
    if (to == nullptr) return 0;
    to = put(to, name);
    to = put(to, kind);
    close_event(kind::exception, to);
    ++count_of_exceptions;
    if (exceptions().size() < most_exceptions) exceptions().push_back({Py_NewRef(type), count_of_exceptions});
    return count_of_exceptions;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

void forget_types() noexcept {
  types().forget_values();
  exceptions().clear();
  recent.fill({});
  count = count_of_exceptions = 0;
}

}  // namespace bufspec::recorder
