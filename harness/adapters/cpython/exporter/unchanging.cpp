#include "unchanging.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace bufspec::cpython {

namespace {

// More bytes are not hashed, and more objects not looked at.
constexpr std::uintptr_t most_hashed_bytes = std::uintptr_t{1} << 20;
constexpr std::size_t most_objects = 1000;

bool has_hash_of_its_own(PyObject* object) {
  const auto hash = PyType_GetSlot(Py_TYPE(object), Py_tp_hash);
  return hash != nullptr && hash != PyType_GetSlot(&PyBaseObject_Type, Py_tp_hash) &&
         hash != reinterpret_cast<void*>(PyObject_HashNotImplemented);
}

bool is_hash_that_of_its_bytes(PyObject* object) {
  if (!has_hash_of_its_own(object)) return false;
  const Py_hash_t own = PyObject_Hash(object);
  if (own == -1) return false;
  const Ref bytes(PyObject_CallFunctionObjArgs(reinterpret_cast<PyObject*>(&PyBytes_Type), object, nullptr));
  return bytes && PyBytes_Check(bytes.get()) != 0 && PyObject_Hash(bytes.get()) == own;
}

// Where the characters of a text lie: within its own block, whose header ends at or after `header` bytes.
bool lies_in_text(PyObject* text, std::uintptr_t first, std::uintptr_t end) {
  constexpr std::uintptr_t header = sizeof(PyObject) + 2 * sizeof(Py_ssize_t);
  const auto at = reinterpret_cast<std::uintptr_t>(text);
  const Py_ssize_t length = PyUnicode_GetLength(text);
  // At most four bytes for each character; then it is looked at what they are.
  if (length <= 0 || first < at + header || end - first > 4 * static_cast<std::uintptr_t>(length)) return false;
  std::uintptr_t width = 1;
  for (Py_ssize_t i = 0; i < length && width < 4; ++i) {
    const Py_UCS4 one = PyUnicode_ReadChar(text, i);
    width = std::max<std::uintptr_t>(width, one > 0xffff ? 4 : one > 0xff ? 2 : 1);
  }
  constexpr std::uintptr_t longest_header = 80;
  return end <= at + longest_header + width * static_cast<std::uintptr_t>(length);
}

bool lies_in_payload(PyObject* object, std::uintptr_t first, std::uintptr_t end) {
  if (PyUnicode_Check(object) != 0) return lies_in_text(object, first, end);
  if (PyBytes_Check(object) == 0) return false;
  const auto payload = reinterpret_cast<std::uintptr_t>(PyBytes_AsString(object));
  return first >= payload && end <= payload + static_cast<std::uintptr_t>(PyBytes_Size(object));
}

// Types and modules refer to everything.  What io.BytesIO keeps in a bytes object is its own, and getbuffer() documented to
// write there.
bool is_followed(PyObject* object) {
  if (PyType_Check(object) != 0 || PyModule_Check(object) != 0) return false;
  static PyObject* bytes_io = nullptr;
  if (bytes_io == nullptr) {
    const Ref io(PyImport_ImportModule("io"));
    bytes_io = io ? PyObject_GetAttrString(io.get(), "BytesIO") : nullptr;
  }
  return bytes_io == nullptr || PyObject_IsInstance(object, bytes_io) == 0;
}

bool is_memory_of_unchanging(PyObject* object, std::uintptr_t first, std::uintptr_t end) {
  const Ref collector(PyImport_ImportModule("gc"));
  const Ref referents(collector ? PyObject_GetAttrString(collector.get(), "get_referents") : nullptr);
  if (!referents) return false;
  std::vector<Ref> reached;
  std::unordered_set<PyObject*> known{object};
  reached.push_back(Ref::borrowed(object));
  for (std::size_t next = 0; next < reached.size(); ++next) {
    if (!is_followed(reached[next].get())) continue;
    const Ref list(PyObject_CallFunctionObjArgs(referents.get(), reached[next].get(), nullptr));
    const Py_ssize_t count = list ? PyList_Size(list.get()) : 0;
    for (Py_ssize_t i = 0; i < count && reached.size() < most_objects; ++i) {
      PyObject* one = PyList_GetItem(list.get(), i);
      if (lies_in_payload(one, first, end)) return true;
      if (known.insert(one).second) reached.push_back(Ref::borrowed(one));
    }
  }
  return false;
}

}  // namespace

Unchanging unchanging_of(PyObject* object, std::uintptr_t first, std::uintptr_t end) {
  Unchanging found = Unchanging::no;
  if (end - first <= most_hashed_bytes && is_hash_that_of_its_bytes(object))
    found = Unchanging::hash;
  else if (PyErr_Clear(); is_memory_of_unchanging(object, first, end))
    found = Unchanging::payload;
  PyErr_Clear();
  return found;
}

}  // namespace bufspec::cpython
