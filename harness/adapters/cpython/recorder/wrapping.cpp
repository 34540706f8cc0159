#include "wrapping.hpp"

#include <new>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "definitions.hpp"
#include "record_file.hpp"
#include "thunks.hpp"

namespace bufspec::recorder {

std::string name_of(PyTypeObject* type);

namespace {

SlotLayout layout;
PyObject* list_subclasses = nullptr;  // type.__subclasses__, whatever a metaclass makes of it

// Slots that lie outside their type may be constant: the type gets others in their place.
std::unordered_map<BufferSlots*, BufferSlots*>& replaced() {
  static auto* const all = new std::unordered_map<BufferSlots*, BufferSlots*>;
  return *all;
}

bool lies_in(const BufferSlots* slots, PyTypeObject* type) noexcept {
  if ((PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) == 0) return false;
  const auto* const begin = reinterpret_cast<const char*>(type);
  const auto* const at = reinterpret_cast<const char*>(slots);
  constexpr std::ptrdiff_t largest = 4096;
  return at > begin && at - begin < largest;
}

void tell(unsigned char kind, PyTypeObject* type) {
  const std::string name = name_of(type);
  unsigned char* const to = head() == nullptr ? nullptr : open_event();
  if (to != nullptr) close_event(kind, put(to, name));
}

// Since 3.12 the descriptors hold the functions, too: they are called from Python, and classes in Python inherit from them.
void wrap_descriptor(PyTypeObject* type, const char* name, void* original, void* thunk) {
  PyObject* const names = PyObject_GetAttrString(reinterpret_cast<PyObject*>(type), "__dict__");
  PyObject* const descriptor = names == nullptr ? nullptr : PyMapping_GetItemString(names, name);
  Py_XDECREF(names);
  PyErr_Clear();
  if (descriptor == nullptr) return;
  if (Py_IS_TYPE(descriptor, &PyWrapperDescr_Type) && wrapped_by(descriptor, layout) == original)
    wrapped_by(descriptor, layout) = thunk;
  Py_DECREF(descriptor);
}

// True if something was stood in for that was not before.
bool wrap(PyTypeObject* type, bool is_late) {
  BufferSlots* slots = slots_of(type, layout);
  if (slots == nullptr) return false;
  const BufferSlots before = *slots;
  BufferSlots after = before;
  if (before.get != nullptr && !is_thunk(before.get)) after.get = thunk_of(before.get);
  const bool is_compared =
      before.release != nullptr && reinterpret_cast<void*>(before.release) == layout.of_python_release;
  if (before.release != nullptr && !is_compared && !is_thunk(before.release)) after.release = thunk_of(before.release);
  if (after.get == before.get && after.release == before.release) return false;
  if ((before.get != nullptr && after.get == nullptr) || (before.release != nullptr && after.release == nullptr)) {
    tell(kind::missed, type);
    return false;
  }
  if (lies_in(slots, type)) {
    *slots = after;
  } else {
    BufferSlots*& other = replaced()[slots];
    if (other == nullptr) other = new BufferSlots(after);
    slots_of(type, layout) = other;
  }
  if (layout.wrapped != 0) {
    const auto address = [](auto* function) { return reinterpret_cast<void*>(function); };
    if (after.get != before.get) wrap_descriptor(type, "__buffer__", address(before.get), address(after.get));
    if (after.release != before.release)
      wrap_descriptor(type, "__release_buffer__", address(before.release), address(after.release));
  }
  if (is_late) tell(kind::late, type);
  return true;
}

void wrap_all(bool is_late) {
  std::unordered_set<PyObject*> seen;
  std::vector<PyObject*> waiting{Py_NewRef(reinterpret_cast<PyObject*>(&PyBaseObject_Type))};
  while (!waiting.empty()) {
    PyObject* const type = waiting.back();
    waiting.pop_back();
    wrap(reinterpret_cast<PyTypeObject*>(type), is_late);
    PyObject* const below = PyObject_CallFunctionObjArgs(list_subclasses, type, nullptr);
    PyErr_Clear();
    const Py_ssize_t count = below == nullptr ? 0 : PyList_Size(below);
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyObject* const one = PyList_GetItem(below, i);
      if (PyType_Check(one) && seen.insert(one).second) waiting.push_back(Py_NewRef(one));
    }
    Py_XDECREF(below);
    Py_DECREF(type);
  }
  if (Head* const it = head()) it->functions = count_of_thunks();
}

}  // namespace

std::string begin_wrapping() {
  std::string wrong = find_layout(layout);
  if (!wrong.empty()) return wrong;
  list_subclasses = PyObject_GetAttrString(reinterpret_cast<PyObject*>(&PyType_Type), "__subclasses__");
  if (list_subclasses == nullptr) return PyErr_Clear(), "type has no __subclasses__()";
  wrap_new_types(false);
  if (layout.of_python_get != nullptr) wrap_classes_to_come(layout);
  return "";
}

void wrap_new_types(bool is_late) noexcept {
  if (list_subclasses == nullptr || Py_IsInitialized() == 0) return;
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);
  try {
    wrap_all(is_late);
  } catch (const std::bad_alloc&) {
    PyErr_Clear();  // types that were not reached are found when somebody looks again
  }
  PyErr_Restore(type, value, trace);
}

}  // namespace bufspec::recorder
