// What the calls about memoryviews share: making one, what it says of itself, and elements by their numbers.  Private to this folder.
#pragma once

#include "calls.hpp"

namespace bufspec::cpython {

// A memoryview of a memory of the layout in `value`; null with an exception set on failure.
[[nodiscard]] Ref memoryview_of(const TableValue& value);

[[nodiscard]] inline Ref attribute(PyObject* object, const char* name) {
  return Ref(PyObject_GetAttrString(object, name));
}
// An attribute that is an integer; -1 with an exception set if it is none.
[[nodiscard]] std::int64_t number_of(PyObject* object, const char* name);
[[nodiscard]] bool truth_of(PyObject* object, const char* name);
// An attribute that is a tuple of integers.
[[nodiscard]] std::vector<ssize> numbers_of(PyObject* object, const char* name);
// An attribute that is a text.
[[nodiscard]] TableValue text_of(PyObject* object, const char* name);

[[nodiscard]] Ref tuple_of(const std::vector<ssize>& numbers);
// An index as indexing takes it: a number for one dimension, else a tuple.
[[nodiscard]] Ref index_of(const std::vector<ssize>& numbers);
// A slice of `start`, `stop` and `step`, each None where `given` has none.
[[nodiscard]] Ref slice_in(const TableValue& given);

// {nbytes, length}, or {nbytes, length_error}.
[[nodiscard]] TableValue size_of(PyObject* view);

// The numbers of the elements in a bytes object.
[[nodiscard]] std::vector<ssize> elements_of_bytes(PyObject* bytes, ssize itemsize);

// Which elements have which values, as the struct module reads a format.
class ElementValues {
 public:
  ElementValues(std::string format, ssize itemsize) : format_(std::move(format)), itemsize_(itemsize) {}

  // The value of element `number`; null with an exception set on failure.
  [[nodiscard]] Ref value(ssize number) const;

  // The number of the element of that value; -1 if none has it, -2 with an exception set on failure.
  [[nodiscard]] ssize number(PyObject* value) const;

  // The same of each value in nested lists; false with an exception set on failure.
  [[nodiscard]] bool numbers(PyObject* values, TableValue& found) const;

 private:
  // A dict of the number of each value, borrowed; null with an exception set on failure.
  [[nodiscard]] PyObject* known() const;

  std::string format_;
  ssize itemsize_;
};

}  // namespace bufspec::cpython
