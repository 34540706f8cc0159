// The C API as this adapter uses it: one include, owned references, and exceptions as values.
// Every call that can fail is turned into a record here or by its caller; no error indicator is left behind.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "bufspec/errors.hpp"
#include "bufspec/view.hpp"
#include "suites/engine/exporter/exported.hpp"

namespace bufspec::cpython {

// The reference's Buffer is the header's Py_buffer: a pointer to one is used as a pointer to the other.
static_assert(sizeof(Buffer) == sizeof(Py_buffer));
static_assert(offsetof(Buffer, buf) == offsetof(Py_buffer, buf));
static_assert(offsetof(Buffer, obj) == offsetof(Py_buffer, obj));
static_assert(offsetof(Buffer, len) == offsetof(Py_buffer, len));
static_assert(offsetof(Buffer, itemsize) == offsetof(Py_buffer, itemsize));
static_assert(offsetof(Buffer, readonly) == offsetof(Py_buffer, readonly));
static_assert(offsetof(Buffer, ndim) == offsetof(Py_buffer, ndim));
static_assert(offsetof(Buffer, format) == offsetof(Py_buffer, format));
static_assert(offsetof(Buffer, shape) == offsetof(Py_buffer, shape));
static_assert(offsetof(Buffer, strides) == offsetof(Py_buffer, strides));
static_assert(offsetof(Buffer, suboffsets) == offsetof(Py_buffer, suboffsets));
static_assert(offsetof(Buffer, internal) == offsetof(Py_buffer, internal));

[[nodiscard]] inline Py_buffer& py_buffer(Buffer& view) noexcept { return reinterpret_cast<Py_buffer&>(view); }
[[nodiscard]] inline const Py_buffer& py_buffer(const Buffer& view) noexcept {
  return reinterpret_cast<const Py_buffer&>(view);
}
[[nodiscard]] inline const Buffer& buffer_from(const Py_buffer& view) noexcept {
  return reinterpret_cast<const Buffer&>(view);
}

// Whether the interpreter counts the references to each object and shows them; where a collector finds what is garbage, the
// counts that its C API has say nothing of the objects.
[[nodiscard]] bool counts_references() noexcept;

// Set when a function of the C API was called that this interpreter does not have.
extern bool function_is_missing;

// An owned reference; null after a failed call.
class Ref {
 public:
  Ref() noexcept = default;
  explicit Ref(PyObject* owned) noexcept : object_(owned) {}
  Ref(Ref&& other) noexcept : object_(other.release()) {}
  Ref& operator=(Ref&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  Ref(const Ref&) = delete;
  Ref& operator=(const Ref&) = delete;
  ~Ref() { Py_XDECREF(object_); }

  static Ref borrowed(PyObject* object) noexcept {
    Py_XINCREF(object);
    return Ref(object);
  }
  [[nodiscard]] PyObject* get() const noexcept { return object_; }
  [[nodiscard]] PyObject* release() noexcept {
    PyObject* object = object_;
    object_ = nullptr;
    return object;
  }
  void reset(PyObject* owned = nullptr) noexcept {
    PyObject* old = object_;
    object_ = owned;
    Py_XDECREF(old);
  }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

// The exception that was set, cleared: its kind and its type's name.
using engine::Raised;
[[nodiscard]] Raised take_exception();

// The exception that was set, cleared, as "ValueError: what it says"; "" if there was none.
[[nodiscard]] std::string take_exception_text();

// The reference count of `object`; absent for immortal objects, whose count does not move.
[[nodiscard]] inline std::optional<long> references_of(PyObject* object) noexcept {
  const auto count = static_cast<std::int32_t>(Py_REFCNT(object));  // immortality shows in the sign since 3.12
  if (count < 0 || count > 0x3ffffffe) return std::nullopt;
  return count;
}

// What `obj`, the field of a struct, holds after a call on `asked`.  Trusts nothing.
[[nodiscard]] Owner owner_of(const void* obj, PyObject* asked) noexcept;

// Sets a Python exception of the kind of `error`.
void raise_error(Error error, const char* reason);

// A UTF-8 copy of a str; "" and an exception if it is not one.
[[nodiscard]] std::string text_from(PyObject* text);

// The first `most` characters of a str that a subject may have made of any length; empty for anything else.
[[nodiscard]] std::string beginning_of(PyObject* text, Py_ssize_t most);
inline constexpr Py_ssize_t longest_name = 200;

}  // namespace bufspec::cpython
