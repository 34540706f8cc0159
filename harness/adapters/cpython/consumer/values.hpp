// Values of Python objects, compared: buffers by their bytes, numbers by ==, NaN equal to NaN.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bufspec/view.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::cpython {

// The bytes of an object with a buffer, its elements in C order; nothing if it has none or refuses.  Clears exceptions.
[[nodiscard]] std::optional<std::string> bytes_of(PyObject* object);

// Whether both are equal: by ==, lists and tuples entry by entry, NaN equal to NaN.  Clears exceptions: what cannot be
// compared is not equal.
[[nodiscard]] bool are_equal(PyObject* left, PyObject* right);

// Whether both are of one type, and equal; what has a buffer is compared by its bytes.
[[nodiscard]] bool are_alike(PyObject* left, PyObject* right);

// Whether == says something of it: not where only an object itself is equal to it.
[[nodiscard]] bool can_compare(PyObject* object);

// Whether most of the entries of `given` that are not those of `expected` are those of `other`, of values in lists of one
// shape.
[[nodiscard]] bool is_mostly(PyObject* given, PyObject* expected, PyObject* other);

// The first value of nested lists that is not as expected, and which one it is in C order.
struct DifferentValue {
  std::size_t number = 0;
  Ref given;
};
// Nothing where there is none, or where `given` is not lists of this shape.
[[nodiscard]] std::optional<DifferentValue> first_difference(PyObject* given, PyObject* expected, const ssize* shape,
                                                             int ndim);

// The values of `bytes` as the struct module reads items of `format`, a flat list: a value for an item of one value, a
// tuple for others.  Null, without an exception, where it cannot read them or an item is not `itemsize` long.
[[nodiscard]] Ref values_of(std::string_view bytes, const std::string& format, ssize itemsize);

// The values of a flat list as nested lists of this shape, as tolist() gives them; without dimensions the one value.
// Null if they do not fit.
[[nodiscard]] Ref nested(PyObject* flat, const ssize* shape, int ndim);

// An object in a few words: what it prints as, if that is short and shows no address, else its type.
[[nodiscard]] std::string shown(PyObject* object);

}  // namespace bufspec::cpython
