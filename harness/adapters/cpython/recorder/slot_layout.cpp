#include "slot_layout.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <cstring>

#include "thunks.hpp"

namespace bufspec::recorder {

namespace {

int refuse(PyObject*, Py_buffer* view, int) {
  view->obj = nullptr;
  PyErr_SetString(PyExc_BufferError, "exports nothing");
  return -1;
}
void forget(PyObject*, Py_buffer*) {}

// The offset of the pointer `value` in the first `size` bytes of an object, from `first` on; 0 if it is not there.
std::size_t offset_of(const void* object, std::size_t size, const void* value, std::size_t first) noexcept {
  const char* const bytes = static_cast<const char*>(object);
  for (std::size_t at = first; at + sizeof(void*) <= size; at += sizeof(void*)) {
    const void* found = nullptr;
    std::memcpy(&found, bytes + at, sizeof found);
    if (found == value) return at;
  }
  return 0;
}

// What sizes an object of this type has; 0 with no exception left where nobody says.
std::size_t size_of_objects(PyTypeObject* type) noexcept {
  PyObject* const number = PyObject_GetAttrString(reinterpret_cast<PyObject*>(type), "__basicsize__");
  const Py_ssize_t size = number == nullptr ? 0 : PyLong_AsSsize_t(number);
  Py_XDECREF(number);
  PyErr_Clear();
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

// How the interpreter defines a special method, as far as we use it; a descriptor points at it right before its function.
struct Definition {
  const char* name;
  int offset;
  void* function;
};

template <typename T>
T& as(void* object, std::size_t offset) noexcept {
  return *reinterpret_cast<T*>(static_cast<char*>(object) + offset);
}

template <typename Function>
const void* address(Function* function) noexcept {
  return reinterpret_cast<const void*>(function);
}

bool agrees(PyTypeObject* type, const SlotLayout& layout) noexcept {
  const void* const get = PyType_GetSlot(type, Py_bf_getbuffer);
  const void* const release = PyType_GetSlot(type, Py_bf_releasebuffer);
  PyErr_Clear();
  const BufferSlots* const slots = slots_of(type, layout);
  if (slots == nullptr) return get == nullptr && release == nullptr;
  return address(slots->get) == get && address(slots->release) == release;
}

// Since 3.12 a type with these slots has descriptors that call them, and a class in Python fills the slots.
std::string find_descriptors(PyTypeObject* own, SlotLayout& layout) {
  PyObject* const names = PyObject_GetAttrString(reinterpret_cast<PyObject*>(own), "__dict__");
  PyObject* const descriptor = names == nullptr ? nullptr : PyMapping_GetItemString(names, "__buffer__");
  Py_XDECREF(names);
  PyErr_Clear();
  if (descriptor == nullptr) return Py_Version < 0x030c0000 ? "" : "types with slots have no __buffer__";
  layout.wrapped = offset_of(descriptor, size_of_objects(Py_TYPE(descriptor)), address(refuse), sizeof(PyObject));
  const Definition* const defined = layout.wrapped == 0 ? nullptr : (&as<Definition*>(descriptor, layout.wrapped))[-1];
  Py_DECREF(descriptor);
  if (layout.wrapped == 0) return "the descriptor of __buffer__ does not hold its function";

  static constexpr const char* const text =
      "type('Both', (), {'__buffer__': lambda self, flags: None, '__release_buffer__': lambda self, view: None})";
  PyObject* const globals = PyDict_New();
  PyObject* const code = Py_CompileString(text, "<bufspec>", Py_eval_input);
  PyObject* const both = globals == nullptr || code == nullptr ? nullptr : PyEval_EvalCode(code, globals, globals);
  Py_XDECREF(code);
  Py_XDECREF(globals);
  if (both != nullptr) {
    layout.of_python_get = PyType_GetSlot(reinterpret_cast<PyTypeObject*>(both), Py_bf_getbuffer);
    layout.of_python_release = PyType_GetSlot(reinterpret_cast<PyTypeObject*>(both), Py_bf_releasebuffer);
    if (defined->function == layout.of_python_get) layout.source_of_python_get = const_cast<void**>(&defined->function);
  }
  Py_XDECREF(both);
  PyErr_Clear();
  return layout.of_python_release == nullptr ? "a class in Python with __release_buffer__ has no slot for it" : "";
}

}  // namespace

BufferSlots*& slots_of(PyTypeObject* type, const SlotLayout& layout) noexcept {
  return as<BufferSlots*>(type, layout.as_buffer);
}

void*& wrapped_by(PyObject* descriptor, const SlotLayout& layout) noexcept {
  return as<void*>(descriptor, layout.wrapped);
}

void wrap_classes_to_come(const SlotLayout& layout) noexcept {
  if (layout.source_of_python_get == nullptr) return;
  GetBuffer thunk = thunk_of(reinterpret_cast<GetBuffer>(layout.of_python_get));
  if (thunk == nullptr) return;
  // Written so that a definition that cannot be written to stays as it is.
  const iovec from{&thunk, sizeof thunk};
  const iovec to{layout.source_of_python_get, sizeof thunk};
  [[maybe_unused]] const ssize_t written = process_vm_writev(getpid(), &from, 1, &to, 1, 0);
}

std::string find_layout(SlotLayout& layout) {
  PyType_Slot slots[]{{Py_bf_getbuffer, reinterpret_cast<void*>(refuse)},
                      {Py_bf_releasebuffer, reinterpret_cast<void*>(forget)},
                      {0, nullptr}};
  PyType_Spec spec{"bufspec._recorder.Shown", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
  PyObject* const made = PyType_FromSpec(&spec);
  if (made == nullptr) {
    PyErr_Clear();
    return "no type can be made";
  }
  auto* const own = reinterpret_cast<PyTypeObject*>(made);
  // A type that was made holds both functions, one after the other, and points at them.
  const std::size_t size = size_of_objects(Py_TYPE(made));
  const std::size_t held = offset_of(made, size, address(refuse), sizeof(PyObject));
  std::string wrong;
  if (held == 0 || offset_of(made, size, address(forget), held) != held + sizeof(void*))
    wrong = "a type does not hold its slots one after the other";
  if (wrong.empty()) {
    layout.as_buffer = offset_of(made, size, reinterpret_cast<char*>(made) + held, sizeof(PyObject));
    if (layout.as_buffer == 0 || layout.as_buffer > held) wrong = "a type does not point at its slots";
  }
  for (PyTypeObject* const known : {own, &PyBytes_Type, &PyByteArray_Type, &PyMemoryView_Type, &PyLong_Type})
    if (wrong.empty() && !agrees(known, layout)) wrong = "PyType_GetSlot() does not agree with the slots found";
  if (wrong.empty()) wrong = find_descriptors(own, layout);
  Py_DECREF(made);
  return wrong;
}

}  // namespace bufspec::recorder
