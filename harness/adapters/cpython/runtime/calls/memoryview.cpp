// The calls whose counterpart is memoryview: its C functions, its methods, and what it answers to a request.
#include <algorithm>

#include "harness/adapters/cpython/consumer/instrumented_exporter.hpp"
#include "harness/adapters/cpython/runtime/functions.hpp"
#include "views.hpp"

namespace bufspec::cpython {

namespace {

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

TableValue slice(const TableValue& given) {
  const Ref view = memoryview_of(given);
  const Ref range = slice_in(given);
  const Ref result(view && range ? PyObject_GetItem(view.get(), range.get()) : nullptr);
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
  const Ref key = index_of(numbers_in(given, "index"));
  const Ref value(view && key ? PyObject_GetItem(view.get(), key.get()) : nullptr);
  if (!value) return raised_error();
  const ssize number = ElementValues(layout.format, layout.itemsize).number(value.get());
  return number == -2 ? raised_error() : Found().put("element", number).value();
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

TableValue from_object(const TableValue& given) {
  const Ref exporter = plain_exporter_of(layout_in(given));
  const Ref view(exporter ? PyMemoryView_FromObject(exporter.get()) : nullptr);
  if (!view) return raised_error();
  ssize held = 0;
  for (const Consumed::Request& one : requests_of(exporter.get())) held += one.granted ? 1 - one.releases : 0;
  return Found()
      .put("ndim", number_of(view.get(), "ndim"))
      .put("shape", numbers_of(view.get(), "shape"))
      .put("strides", numbers_of(view.get(), "strides"))
      .put("suboffsets", numbers_of(view.get(), "suboffsets"))
      .put("format", text_of(view.get(), "format"))
      .put("itemsize", number_of(view.get(), "itemsize"))
      .put("readonly", truth_of(view.get(), "readonly"))
      .put("obj_null", attribute(view.get(), "obj").get() == Py_None)
      .put("exports", held)
      .value();
}

TableValue is_view(const TableValue& given) {
  const std::string& what = text_in(given, "object");
  const Ref exporter = plain_exporter_of(Layout{.itemsize = 1, .shape = {4}, .has_strides = false, .block = 4});
  Ref object;
  if (what == "memoryview" && exporter) object = Ref(PyMemoryView_FromObject(exporter.get()));
  if (what == "exporter") object = Ref::borrowed(exporter.get());
  if (what == "not_an_exporter") object = Ref(PyLong_FromLong(1));
  if (!object) throw UnusableCase("no object " + what);
  return Found().put("result", PyMemoryView_Check(object.get()) ? 1 : 0).value();
}

TableValue size(const TableValue& given) {
  const Ref view = memoryview_of(given);
  return view ? size_of(view.get()) : raised_error();
}

TableValue to_readonly(const TableValue& given) {
  const Ref view = memoryview_of(given);
  const Ref part(view ? PyObject_CallMethod(view.get(), "toreadonly", nullptr) : nullptr);
  const Ref bytes(part ? PyObject_CallMethod(part.get(), "tobytes", nullptr) : nullptr);
  if (!bytes) return raised_error();
  return Found()
      .put("shape", numbers_of(part.get(), "shape"))
      .put("readonly", truth_of(part.get(), "readonly"))
      .put("elements", elements_of_bytes(bytes.get(), layout_in(given).itemsize))
      .put("original_readonly", truth_of(view.get(), "readonly"))
      .value();
}

TableValue hash(const TableValue& given) {
  const Ref view = memoryview_of(given);
  const Py_hash_t found = view ? PyObject_Hash(view.get()) : -1;
  const Ref bytes(found != -1 ? PyObject_CallMethod(view.get(), "tobytes", nullptr) : nullptr);
  if (!bytes) return raised_error();
  return Found().put("of_bytes", found == PyObject_Hash(bytes.get())).value();
}

TableValue contiguity(const TableValue& given) {
  const Ref view = memoryview_of(given);
  if (!view) return raised_error();
  return Found()
      .put("c", truth_of(view.get(), "c_contiguous"))
      .put("f", truth_of(view.get(), "f_contiguous"))
      .put("any", truth_of(view.get(), "contiguous"))
      .value();
}

TableValue tolist(const TableValue& given) {
  const Layout layout = layout_in(given);
  const Ref view = memoryview_of(given);
  const Ref list(view ? PyObject_CallMethod(view.get(), "tolist", nullptr) : nullptr);
  if (!list) return raised_error();
  TableValue found;
  const ElementValues values(layout.format, layout.itemsize);
  if (!values.numbers(list.get(), found)) return raised_error();
  return Found().put("elements", std::move(found)).value();
}

constexpr CaseCall calls[]{
    {"memoryview_from_object", from_object},
    {"memoryview_check", is_view},
    {"memoryview_size", size},
    {"memoryview_toreadonly", to_readonly},
    {"memoryview_hash", hash},
    {"memoryview_contiguous", contiguity},
    {"memoryview_tolist", tolist},
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
