// The calls whose counterpart is memoryview: its C functions, its methods, and what it answers to a request.
#include <algorithm>

#include "harness/adapters/cpython/consumer/instrumented_exporter.hpp"
#include "harness/adapters/cpython/runtime/functions.hpp"
#include "table_cases.hpp"

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

// The elements in a bytes object, of memory with `count` of them.
std::vector<ssize> elements_of_bytes(PyObject* bytes, const Layout& layout) {
  const auto size = static_cast<std::size_t>(PyBytes_Size(bytes));
  return elements_of({PyBytes_AsString(bytes), size}, layout.itemsize, count_of(layout));
}

TableValue from_memory(const TableValue& given) {
  static char memory[4096];
  const auto len = static_cast<Py_ssize_t>(number_in(given, "len"));
  const Ref view(PyMemoryView_FromMemory(memory, std::min<Py_ssize_t>(len, sizeof memory),
                                         text_in(given, "mode") == "WRITE" ? PyBUF_WRITE : PyBUF_READ));
  if (!view) return raised_error();
  return FoundAnswer()
      .number("ndim", number_of(view.get(), "ndim"))
      .put("format", text_of(view.get(), "format"))
      .number("itemsize", number_of(view.get(), "itemsize"))
      .truth("readonly", truth_of(view.get(), "readonly"))
      .truth("obj_null", attribute(view.get(), "obj").get() == Py_None)
      .take();
}

TableValue from_buffer(const TableValue& given) {
  Layout layout = layout_in(given);
  Exporter exporter;
  Py_buffer view{};
  std::vector<ssize> many = numbers_in(given, "shape");
  if (layout.ndim <= max_ndim) {
    if (const Status status = exporter.build(layout); !status.ok()) return failed(status);
    view = struct_of(exporter, layout);
  } else {  // no memory has so many; the function looks at ndim before anything else
    view.buf = many.data();
    view.len = view.itemsize = layout.itemsize;
    view.ndim = static_cast<int>(many.size());
    view.shape = view.strides = many.data();
  }
  const Ref owner(PyBytes_FromStringAndSize("owner", 5));
  if (truth_in(given, "obj_set")) view.obj = owner.get();
  const Ref memory_view(PyMemoryView_FromBuffer(&view));
  if (!memory_view) return raised_error();
  return FoundAnswer()
      .number("ndim", number_of(memory_view.get(), "ndim"))
      .numbers("shape", numbers_of(memory_view.get(), "shape"))
      .numbers("strides", numbers_of(memory_view.get(), "strides"))
      .put("format", text_of(memory_view.get(), "format"))
      .number("itemsize", number_of(memory_view.get(), "itemsize"))
      .truth("readonly", truth_of(memory_view.get(), "readonly"))
      .truth("obj_null", attribute(memory_view.get(), "obj").get() == Py_None)
      .take();
}

TableValue get_buffer(const TableValue& given) {
  const Ref memory_view = memoryview_of(given);
  if (!memory_view) return raised_error();
  Py_buffer view{};
  if (PyObject_GetBuffer(memory_view.get(), &view, static_cast<int>(number_in(given, "flags"))) != 0)
    return raised_error();
  TableValue found = FoundAnswer()
                         .truth("granted", true)
                         .number("ndim", view.ndim)
                         .truth("shape", view.shape != nullptr)
                         .truth("strides", view.strides != nullptr)
                         .truth("suboffsets", view.suboffsets != nullptr)
                         .truth("format", view.format != nullptr)
                         .take();
  PyBuffer_Release(&view);
  return found;
}

TableValue get_contiguous(const TableValue& given) {
  const Layout layout = layout_in(given);
  const Ref original = memoryview_of(given);
  const int mode = text_in(given, "mode") == "WRITE" ? PyBUF_WRITE : PyBUF_READ;
  const Ref result(original ? PyMemoryView_GetContiguous(original.get(), mode, order_in(given)) : nullptr);
  Py_buffer before{};
  Py_buffer after{};
  if (!result || PyObject_GetBuffer(original.get(), &before, PyBUF_FULL_RO) != 0) return raised_error();
  if (PyObject_GetBuffer(result.get(), &after, PyBUF_FULL_RO) != 0) {
    PyBuffer_Release(&before);
    return raised_error();
  }
  TableValue found =
      FoundAnswer()
          .truth("copied", after.buf != before.buf)
          .numbers("elements", elements_of({static_cast<const char*>(after.buf), static_cast<std::size_t>(after.len)},
                                           layout.itemsize, count_of(layout)))
          .truth("readonly", after.readonly != 0)
          .take();
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
  const Ref shape = tuple_of(numbers_in(given, "to_shape"));
  const Ref result(has_shape ? PyObject_CallMethod(view.get(), "cast", "sO", format.c_str(), shape.get())
                             : PyObject_CallMethod(view.get(), "cast", "s", format.c_str()));
  if (!result) return raised_error();
  return FoundAnswer()
      .numbers("shape", numbers_of(result.get(), "shape"))
      .numbers("strides", numbers_of(result.get(), "strides"))
      .put("format", text_of(result.get(), "format"))
      .take();
}

// A bound of a slice: a number, or None if `given` has none.
Ref bound_of(const TableValue& given, const char* key) {
  const TableValue* value = given.find(key);
  return value == nullptr ? Ref::borrowed(Py_None) : Ref(PyLong_FromLongLong(value->integer));
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
  return FoundAnswer()
      .numbers("shape", numbers_of(result.get(), "shape"))
      .numbers("strides", numbers_of(result.get(), "strides"))
      .numbers("elements", elements_of_bytes(bytes.get(), layout_in(given)))
      .take();
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
    if (same == 1) return FoundAnswer().number("element", k).take();
  }
  return module ? FoundAnswer().number("element", -1).take() : raised_error();
}

TableValue tobytes(const TableValue& given) {
  const Ref view = memoryview_of(given);
  const std::string order = text_in(given, "order");
  const Ref bytes(view ? PyObject_CallMethod(view.get(), "tobytes", "s", order.empty() ? "C" : order.c_str())
                       : nullptr);
  if (!bytes) return raised_error();
  return FoundAnswer().numbers("elements", elements_of_bytes(bytes.get(), layout_in(given))).take();
}

TableValue equal(const TableValue& given) {
  const TableValue none = TableValue::empty_map();
  const TableValue* left_value = given.find("left");
  const TableValue* right_value = given.find("right");
  const Ref left = memoryview_of(left_value != nullptr ? *left_value : none);
  const Ref right = left ? memoryview_of(right_value != nullptr ? *right_value : none) : Ref();
  const int same = right ? PyObject_RichCompareBool(left.get(), right.get(), Py_EQ) : -1;
  if (same < 0) return raised_error();
  return FoundAnswer().number("result", same).take();
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
