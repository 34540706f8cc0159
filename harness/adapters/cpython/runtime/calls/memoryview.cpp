// The calls whose counterpart is memoryview: its C functions, its methods, and what it answers to a request.
#include <algorithm>

#include "calls.hpp"
#include "harness/adapters/cpython/consumer/instrumented_exporter.hpp"
#include "harness/adapters/cpython/runtime/functions.hpp"

namespace bufspec::cpython {

namespace {

// A memoryview of a memory of the layout in `value`; null with an exception set on failure.
Ref memoryview_of(const TableValue& value) {
  const Ref exporter = plain_exporter_of(layout_in(value));
  return exporter ? Ref(PyMemoryView_FromObject(exporter.get())) : Ref();
}

Ref attribute(PyObject* object, const char* name) { return Ref(PyObject_GetAttrString(object, name)); }

// An attribute that is an integer; -1 with an exception set if it is none.
std::int64_t number_of(PyObject* object, const char* name) {
  const Ref value = attribute(object, name);
  return value ? static_cast<std::int64_t>(PyLong_AsLongLong(value.get())) : -1;
}

bool truth_of(PyObject* object, const char* name) {
  const Ref value = attribute(object, name);
  return value.get() == Py_True;
}

// An attribute that is a tuple of integers.
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

// The numbers of the elements in a bytes object.
std::vector<ssize> elements_of_bytes(PyObject* bytes, ssize itemsize) {
  return element_numbers({PyBytes_AsString(bytes), static_cast<std::size_t>(PyBytes_Size(bytes))}, itemsize);
}

TableValue from_memory(const TableValue& given) {
  static char memory[4096];
  const auto len = static_cast<Py_ssize_t>(number_in(given, "len"));
  const Ref view(PyMemoryView_FromMemory(memory, std::min<Py_ssize_t>(len, sizeof memory),
                                         is_write_mode(given) ? PyBUF_WRITE : PyBUF_READ));
  if (!view) return raised_error();
  return Found()
      .put("ndim", number_of(view.get(), "ndim"))
      .put("format", text_of(view.get(), "format"))
      .put("itemsize", number_of(view.get(), "itemsize"))
      .put("readonly", truth_of(view.get(), "readonly"))
      .put("obj_null", attribute(view.get(), "obj").get() == Py_None)
      .value();
}

TableValue from_buffer(const TableValue& given) {
  Layout layout = layout_in(given);
  Exporter exporter;
  Py_buffer view{};
  std::vector<ssize> many = numbers_in(given, "shape");
  if (layout.ndim <= max_ndim) {
    build_memory(exporter, layout);
    view = struct_of(exporter, layout);
  } else {  // no memory has so many; the function looks at ndim before anything else
    view.buf = many.data();
    view.len = view.itemsize = layout.itemsize;
    view.ndim = static_cast<int>(many.size());
    view.shape = view.strides = many.data();
  }
  const Ref owner(PyBytes_FromStringAndSize("owner", 5));
  if (truth_in(given, "obj_set", false)) view.obj = owner.get();
  const Ref memory_view(PyMemoryView_FromBuffer(&view));
  if (!memory_view) return raised_error();
  return Found()
      .put("ndim", number_of(memory_view.get(), "ndim"))
      .put("shape", numbers_of(memory_view.get(), "shape"))
      .put("strides", numbers_of(memory_view.get(), "strides"))
      .put("format", text_of(memory_view.get(), "format"))
      .put("itemsize", number_of(memory_view.get(), "itemsize"))
      .put("readonly", truth_of(memory_view.get(), "readonly"))
      .put("obj_null", attribute(memory_view.get(), "obj").get() == Py_None)
      .value();
}

TableValue get_buffer(const TableValue& given) {
  const Ref memory_view = memoryview_of(given);
  if (!memory_view) return raised_error();
  Py_buffer view{};
  if (PyObject_GetBuffer(memory_view.get(), &view, static_cast<int>(number_in(given, "flags"))) != 0)
    return raised_error();
  TableValue found = Found()
                         .put("granted", true)
                         .put("ndim", view.ndim)
                         .put("shape", view.shape != nullptr)
                         .put("strides", view.strides != nullptr)
                         .put("suboffsets", view.suboffsets != nullptr)
                         .put("format", view.format != nullptr)
                         .value();
  PyBuffer_Release(&view);
  return found;
}

TableValue get_contiguous(const TableValue& given) {
  const Layout layout = layout_in(given);
  const Ref original = memoryview_of(given);
  const int mode = is_write_mode(given) ? PyBUF_WRITE : PyBUF_READ;
  const Ref result(original ? PyMemoryView_GetContiguous(original.get(), mode, order_in(given)) : nullptr);
  Py_buffer before{};
  Py_buffer after{};
  if (!result || PyObject_GetBuffer(original.get(), &before, PyBUF_FULL_RO) != 0) return raised_error();
  if (PyObject_GetBuffer(result.get(), &after, PyBUF_FULL_RO) != 0) {
    PyBuffer_Release(&before);
    return raised_error();
  }
  TableValue found =
      Found()
          .put("copied", after.buf != before.buf)
          .put("elements", element_numbers({static_cast<const char*>(after.buf), static_cast<std::size_t>(after.len)},
                                           layout.itemsize))
          .put("readonly", after.readonly != 0)
          .value();
  PyBuffer_Release(&after);
  PyBuffer_Release(&before);
  return found;
}

Ref tuple_of(const std::vector<ssize>& numbers) {
  Ref tuple(PyTuple_New(static_cast<Py_ssize_t>(numbers.size())));
  for (std::size_t i = 0; tuple && i < numbers.size(); ++i) {
    PyObject* number = PyLong_FromSsize_t(numbers[i]);
    if (number == nullptr || PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i), number) != 0) return {};
  }
  return tuple;
}

TableValue cast(const TableValue& given) {
  const Ref view = memoryview_of(given);
  if (!view) return raised_error();
  const std::string format = text_in(given, "to_format");
  const bool has_shape = given.find("to_shape") != nullptr;
  const Ref shape = has_shape ? tuple_of(numbers_in(given, "to_shape")) : Ref();
  const Ref result(has_shape ? PyObject_CallMethod(view.get(), "cast", "sO", format.c_str(), shape.get())
                             : PyObject_CallMethod(view.get(), "cast", "s", format.c_str()));
  if (!result) return raised_error();
  return Found()
      .put("shape", numbers_of(result.get(), "shape"))
      .put("strides", numbers_of(result.get(), "strides"))
      .put("format", text_of(result.get(), "format"))
      .value();
}

// A bound of a slice: a number, or None if `given` has none.
Ref bound_of(const TableValue& given, const char* key) {
  return given.find(key) == nullptr ? Ref::borrowed(Py_None) : Ref(PyLong_FromLongLong(number_in(given, key)));
}

TableValue slice(const TableValue& given) {
  const Ref view = memoryview_of(given);
  const Ref start = bound_of(given, "start");
  const Ref stop = bound_of(given, "stop");
  const Ref step = bound_of(given, "step");
  const Ref range(view ? PySlice_New(start.get(), stop.get(), step.get()) : nullptr);
  const Ref result(range ? PyObject_GetItem(view.get(), range.get()) : nullptr);
  const Ref bytes(result ? PyObject_CallMethod(result.get(), "tobytes", nullptr) : nullptr);
  if (!bytes) return raised_error();
  return Found()
      .put("shape", numbers_of(result.get(), "shape"))
      .put("strides", numbers_of(result.get(), "strides"))
      .put("elements", elements_of_bytes(bytes.get(), layout_in(given).itemsize))
      .value();
}

TableValue item(const TableValue& given) {
  const Layout layout = layout_in(given);
  const Ref view = memoryview_of(given);
  const std::vector<ssize> index = numbers_in(given, "index");
  const Ref key(index.size() == 1 ? PyLong_FromSsize_t(index[0]) : tuple_of(index).release());
  const Ref value(view && key ? PyObject_GetItem(view.get(), key.get()) : nullptr);
  if (!value) return raised_error();
  // Which element has that value, as the struct module reads it.
  const Ref module(PyImport_ImportModule("struct"));
  for (ssize k = 0; module && k < count_of(layout); ++k) {
    std::vector<char> bytes(static_cast<std::size_t>(layout.itemsize));
    element_bytes(k, bytes);
    const Ref values(PyObject_CallMethod(module.get(), "unpack", "sy#", layout.format.c_str(), bytes.data(),
                                         static_cast<Py_ssize_t>(bytes.size())));
    if (!values) return raised_error();
    const int same = PyObject_RichCompareBool(PyTuple_GetItem(values.get(), 0), value.get(), Py_EQ);
    if (same < 0) return raised_error();
    if (same == 1) return Found().put("element", k).value();
  }
  return module ? Found().put("element", -1).value() : raised_error();
}

TableValue tobytes(const TableValue& given) {
  const Ref view = memoryview_of(given);
  const Ref bytes(view ? PyObject_CallMethod(view.get(), "tobytes", "s", text_in(given, "order").c_str()) : nullptr);
  if (!bytes) return raised_error();
  return Found().put("elements", elements_of_bytes(bytes.get(), layout_in(given).itemsize)).value();
}

TableValue equal(const TableValue& given) {
  const Ref left = memoryview_of(map_in(given, "left"));
  const Ref right = left ? memoryview_of(map_in(given, "right")) : Ref();
  const int same = right ? PyObject_RichCompareBool(left.get(), right.get(), Py_EQ) : -1;
  if (same < 0) return raised_error();
  return Found().put("result", same).value();
}

TableValue release(const TableValue& given) {
  const Ref exporter = plain_exporter_of(Layout{.itemsize = 1, .shape = {4}, .has_strides = false, .block = 4});
  const Ref view(exporter ? PyMemoryView_FromObject(exporter.get()) : nullptr);
  if (!view) return raised_error();
  std::vector<Py_buffer> held(static_cast<std::size_t>(number_in(given, "exports")));
  for (Py_buffer& one : held)
    if (PyObject_GetBuffer(view.get(), &one, PyBUF_SIMPLE) != 0) one.obj = nullptr;
  TableValue found = TableValue::empty_map();
  {
    const Ref released(PyObject_CallMethod(view.get(), "release", nullptr));
    if (!released) found = raised_error();
  }
  for (Py_buffer& one : held) PyBuffer_Release(&one);
  return found;
}

constexpr CaseCall calls[]{
    {"memoryview_from_memory", from_memory},
    {"memoryview_from_buffer", from_buffer},
    {"get_buffer", get_buffer},
    {"get_contiguous", get_contiguous},
    {"memoryview_cast", cast},
    {"memoryview_slice", slice},
    {"memoryview_item", item},
    {"memoryview_tobytes", tobytes},
    {"memoryview_equal", equal},
    {"memoryview_release", release},
};

}  // namespace

std::span<const CaseCall> memoryview_calls() noexcept { return calls; }

}  // namespace bufspec::cpython
