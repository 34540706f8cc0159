// What is known of objects by their addresses, for as long as they live?  A weak reference of ours forgets an entry when its
// object dies, for another may be made at that address.
#pragma once

#include <new>
#include <unordered_map>

#include "record_file.hpp"
#include "slot_layout.hpp"

namespace bufspec::recorder {

template <typename Value>
class WeaklyKnown {
 public:
  // Wants the lock.  Null for an object that is not watched.
  [[nodiscard]] Value* find(PyObject* object) noexcept {
    if (object == last_object_) return last_value_;
    const auto found = known_.find(object);
    if (found == known_.end()) return nullptr;
    last_object_ = object;
    return last_value_ = &found->second.value;
  }

  // Wants the interpreter's lock and not ours, and no exception to be set.  False for an object that cannot be watched.
  bool watch(PyObject* object) {
    {
      const Locked locked;
      if (find(object) != nullptr) return true;
    }
    static PyMethodDef on_death{"forget", forget, METH_O, nullptr};
    PyObject* const address = PyLong_FromVoidPtr(object);
    PyObject* const callback = address == nullptr ? nullptr : PyCFunction_NewEx(&on_death, address, nullptr);
    PyObject* const reference = callback == nullptr ? nullptr : PyWeakref_NewRef(object, callback);
    Py_XDECREF(address);
    Py_XDECREF(callback);
    PyErr_Clear();
    if (reference == nullptr) return false;
    const Locked locked;
    known_[object].reference = reference;
    self_ = this;
    return true;
  }

  // Wants the lock.  The objects stay watched.
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
    {
      const Locked locked;
      const auto found = self_->known_.find(object);
      if (found != self_->known_.end() && found->second.reference == reference) {
        self_->known_.erase(found);
        self_->last_object_ = nullptr;
      } else {
        reference = nullptr;
      }
    }
    Py_XDECREF(reference);
    return Py_NewRef(Py_None);
  }

  static inline WeaklyKnown* self_ = nullptr;
  std::unordered_map<PyObject*, Entry> known_;
  PyObject* last_object_ = nullptr;
  Value* last_value_ = nullptr;
};

}  // namespace bufspec::recorder
