#include "views.hpp"

#include <map>

#include "harness/adapters/cpython/consumer/instrumented_exporter.hpp"

namespace bufspec::cpython {

Ref memoryview_of(const TableValue& value) {
  const Ref exporter = plain_exporter_of(layout_in(value));
  return exporter ? Ref(PyMemoryView_FromObject(exporter.get())) : Ref();
}

std::int64_t number_of(PyObject* object, const char* name) {
  const Ref value = attribute(object, name);
  return value ? static_cast<std::int64_t>(PyLong_AsLongLong(value.get())) : -1;
}

bool truth_of(PyObject* object, const char* name) { return attribute(object, name).get() == Py_True; }

std::vector<ssize> numbers_of(PyObject* object, const char* name) {
  std::vector<ssize> numbers;
  const Ref tuple = attribute(object, name);
  const Py_ssize_t size = tuple ? PyTuple_Size(tuple.get()) : 0;
  numbers.reserve(static_cast<std::size_t>(size > 0 ? size : 0));
  for (Py_ssize_t i = 0; i < size; ++i) numbers.push_back(PyLong_AsSsize_t(PyTuple_GetItem(tuple.get(), i)));
  return numbers;
}

TableValue text_of(PyObject* object, const char* name) {
  const Ref value = attribute(object, name);
  return value ? TableValue::of(text_from(value.get())) : TableValue::of_null();
}

Ref tuple_of(const std::vector<ssize>& numbers) {
  Ref tuple(PyTuple_New(static_cast<Py_ssize_t>(numbers.size())));
  for (std::size_t i = 0; tuple && i < numbers.size(); ++i) {
    PyObject* number = PyLong_FromSsize_t(numbers[i]);
    if (number == nullptr || PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i), number) != 0) return {};
  }
  return tuple;
}

Ref index_of(const std::vector<ssize>& numbers) {
  return numbers.size() == 1 ? Ref(PyLong_FromSsize_t(numbers[0])) : tuple_of(numbers);
}

Ref slice_in(const TableValue& given) {
  const auto bound = [&](const char* key) {
    return given.find(key) == nullptr ? Ref::borrowed(Py_None) : Ref(PyLong_FromLongLong(number_in(given, key)));
  };
  const Ref start = bound("start");
  const Ref stop = bound("stop");
  const Ref step = bound("step");
  return Ref(PySlice_New(start.get(), stop.get(), step.get()));
}

TableValue size_of(PyObject* view) {
  const std::int64_t bytes = number_of(view, "nbytes");
  if (PyErr_Occurred() != nullptr) return raised_error();
  Found found;
  found.put("nbytes", static_cast<ssize>(bytes));
  const Py_ssize_t length = PyObject_Size(view);
  if (length >= 0)
    found.put("length", ssize{length});
  else
    found.put("length_error", raised_error().map.front().second);
  return found.value();
}

std::vector<ssize> elements_of_bytes(PyObject* bytes, ssize itemsize) {
  return element_numbers({PyBytes_AsString(bytes), static_cast<std::size_t>(PyBytes_Size(bytes))}, itemsize);
}

Ref ElementValues::value(ssize number) const {
  std::vector<char> bytes(static_cast<std::size_t>(itemsize_));
  element_bytes(number, bytes);
  const Ref module(PyImport_ImportModule("struct"));
  const Ref values(module ? PyObject_CallMethod(module.get(), "unpack", "sy#", format_.c_str(), bytes.data(),
                                                static_cast<Py_ssize_t>(bytes.size()))
                          : nullptr);
  return values ? Ref::borrowed(PyTuple_GetItem(values.get(), 0)) : Ref();
}

PyObject* ElementValues::known() const {
  // As many as case_values.hpp knows; kept for good, for each format once.
  constexpr ssize most_numbers = 1000;
  static std::map<std::pair<std::string, ssize>, PyObject*> of_formats;
  PyObject*& found = of_formats[{format_, itemsize_}];
  if (found != nullptr) return found;
  Ref dict(PyDict_New());
  for (ssize k = 0; dict && k < most_numbers; ++k) {
    const Ref one = value(k);
    const Ref number(one ? PyLong_FromSsize_t(k) : nullptr);
    if (!number) return nullptr;
    const int is_there = PyDict_Contains(dict.get(), one.get());  // several have the same bytes: the lowest counts
    if (is_there < 0 || (is_there == 0 && PyDict_SetItem(dict.get(), one.get(), number.get()) != 0)) return nullptr;
  }
  return found = dict.release();
}

ssize ElementValues::number(PyObject* value) const {
  PyObject* const numbers = known();
  if (numbers == nullptr) return -2;
  PyObject* const found = PyDict_GetItemWithError(numbers, value);
  if (found == nullptr) return PyErr_Occurred() != nullptr ? -2 : -1;
  return PyLong_AsSsize_t(found);
}

bool ElementValues::numbers(PyObject* values, TableValue& found) const {
  if (!PyList_Check(values)) {
    const ssize one = number(values);
    found = TableValue::of(std::int64_t{one});
    return one > -2;
  }
  found = TableValue::empty_list();
  for (Py_ssize_t i = 0; i < PyList_Size(values); ++i)
    if (!numbers(PyList_GetItem(values, i), found.list.emplace_back())) return false;
  return true;
}

}  // namespace bufspec::cpython
