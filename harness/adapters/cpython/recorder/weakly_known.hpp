// What is known of objects by their addresses, for as long as they live?  A weak reference of ours forgets an entry when its
// object dies, for another may be made at that address.
#pragma once

#include <new>
#include <unordered_map>

#include "slot_layout.hpp"

namespace bufspec::recorder {

// Value::forget(object) is called when an object died.
template <typename Value>
class WeaklyKnown {
 public:
  // Null for an object that is not watched.
  [[nodiscard]] Value* find(PyObject* object) noexcept {
    const auto found = known_.find(object);
    return found == known_.end() ? nullptr : &found->second.value;
  }

  // Wants no exception to be set.  False for an object that cannot be watched.
  bool watch(PyObject* object) {
    if (find(object) != nullptr) return true;
    static PyMethodDef on_death{"forget", forget, METH_O, nullptr};
    PyObject* const address = PyLong_FromVoidPtr(object);
    PyObject* const callback = address == nullptr ? nullptr : PyCFunction_NewEx(&on_death, address, nullptr);
    PyObject* const reference = callback == nullptr ? nullptr : PyWeakref_NewRef(object, callback);
    Py_XDECREF(address);
    Py_XDECREF(callback);
    PyErr_Clear();
    if (reference == nullptr) return false;
    known_[object].reference = reference;
    the_only = this;
    return true;
  }

  // The objects stay watched.
  void forget_values() noexcept {
    for (auto& [object, entry] : known_) entry.value = Value{};
  }

 private:
  struct Entry {
    Value value{};
    PyObject* reference = nullptr;
  };

  static PyObject* forget(PyObject* address, PyObject* reference) {
    auto* const object = static_cast<PyObject*>(PyLong_AsVoidPtr(address));
    const auto found = the_only->known_.find(object);
    if (found != the_only->known_.end() && found->second.reference == reference) {
      the_only->known_.erase(found);
      Value::forget(object);
      Py_DECREF(reference);
    }
    return Py_NewRef(Py_None);
  }

  static inline WeaklyKnown* the_only = nullptr;
  std::unordered_map<PyObject*, Entry> known_;
};

}  // namespace bufspec::recorder
