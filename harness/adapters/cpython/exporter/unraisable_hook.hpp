// What did a release that is written in Python raise?  A slot has no way to say so: the interpreter hands it to
// sys.unraisablehook.
#pragma once

#include <string>

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// Whether views of objects of `type` are released by a method `__release_buffer__`; false before CPython 3.12.
[[nodiscard]] bool has_release_in_python(PyTypeObject* type);

// Stands in for sys.unraisablehook from install() on, as long as it lives.
class UnraisableHook {
 public:
  UnraisableHook() = default;
  UnraisableHook(const UnraisableHook&) = delete;
  UnraisableHook& operator=(const UnraisableHook&) = delete;
  ~UnraisableHook();

  void install();
  // The type of the first exception since the last call that was reported of `object`, or of nobody as 3.13 does; empty if
  // none was.
  [[nodiscard]] std::string take(const void* object);

 private:
  Ref usual_;
  Ref seen_;  // a list of (type, address of the object)
};

}  // namespace bufspec::cpython
