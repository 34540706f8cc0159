// Which exception does the interpreter see when C++ throws one?  Every function that the interpreter calls goes through here, so
// that none passes through C, which would end the process.
#pragma once

#include <concepts>
#include <type_traits>

#include "python_api.hpp"

namespace bufspec::cpython {

// Sets the Python exception for the C++ exception that is being handled: MemoryError, OSError with its number, else
// SystemError with what it says.  One that Python has set already is lost.
void raise_caught() noexcept;

// Whether a request to an object of ours failed in this thread, since the last question, for a reason of ours: the exception
// that it left is no answer of the subject's.
[[nodiscard]] bool take_failed_request() noexcept;
void note_failed_request() noexcept;

template <auto function>
struct Guarded;

template <typename Result, typename... Arguments, Result (*function)(Arguments...)>
struct Guarded<function> {
  static Result call(Arguments... arguments) noexcept {
    try {
      return function(arguments...);
    } catch (...) {
      raise_caught();
    }
    if constexpr (std::same_as<Result (*)(Arguments...), int (*)(PyObject*, Py_buffer*, int)>)
      end_request(arguments...);
    if constexpr (std::is_void_v<Result>)
      PyErr_WriteUnraisable(nullptr);
    else if constexpr (std::is_pointer_v<Result>)
      return nullptr;
    else
      return -1;
  }

 private:
  // A request that fails leaves no owner.
  static void end_request(PyObject* /*exporter*/, Py_buffer* view, int /*flags*/) noexcept {
    note_failed_request();
    if (view != nullptr) view->obj = nullptr;
  }
};

// The function that the interpreter is given for `function`.
template <auto function>
inline constexpr auto* guarded = &Guarded<function>::call;

// The same as an entry of a table of slots.
template <auto function>
[[nodiscard]] void* guarded_slot() noexcept {
  return reinterpret_cast<void*>(guarded<function>);
}

}  // namespace bufspec::cpython
