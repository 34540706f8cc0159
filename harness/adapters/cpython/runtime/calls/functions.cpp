// The calls whose counterparts are the functions PyBuffer_*, PyObject_* and the argument codes, and the flags of the header.
#include <algorithm>
#include <cstring>
#include <optional>

#include "bufspec/layout.hpp"
#include "calls.hpp"
#include "harness/adapters/cpython/consumer/instrumented_exporter.hpp"
#include "harness/adapters/cpython/runtime/functions.hpp"

namespace bufspec::cpython {

namespace {

struct NamedFlag {
  std::string_view name;
  int value;
};
constexpr NamedFlag header_flags[]{
    {"SIMPLE", PyBUF_SIMPLE},
    {"WRITABLE", PyBUF_WRITABLE},
#ifndef Py_LIMITED_API
    {"WRITEABLE", PyBUF_WRITEABLE},
#endif
    {"FORMAT", PyBUF_FORMAT},
    {"ND", PyBUF_ND},
    {"STRIDES", PyBUF_STRIDES},
    {"C_CONTIGUOUS", PyBUF_C_CONTIGUOUS},
    {"F_CONTIGUOUS", PyBUF_F_CONTIGUOUS},
    {"ANY_CONTIGUOUS", PyBUF_ANY_CONTIGUOUS},
    {"INDIRECT", PyBUF_INDIRECT},
    {"CONTIG", PyBUF_CONTIG},
    {"CONTIG_RO", PyBUF_CONTIG_RO},
    {"STRIDED", PyBUF_STRIDED},
    {"STRIDED_RO", PyBUF_STRIDED_RO},
    {"RECORDS", PyBUF_RECORDS},
    {"RECORDS_RO", PyBUF_RECORDS_RO},
    {"FULL", PyBUF_FULL},
    {"FULL_RO", PyBUF_FULL_RO},
    {"READ", PyBUF_READ},
    {"WRITE", PyBUF_WRITE},
};

std::vector<ssize> numbers_in_memory(const Exporter& exporter) {
  return element_numbers(exporter.buf(), geometry_of(exporter.layout()));
}

// The header's value, or -1 for a name that it does not have.
int header_flag(std::string_view name) noexcept {
  for (const NamedFlag& one : header_flags)
    if (one.name == name) return one.value;
  return -1;
}

TableValue compound_value(const TableValue& given) {
  const int value = header_flag(text_in(given, "name"));
  return value < 0 ? TableValue::of_null() : Found().put("result", value).value();
}

TableValue has_flag(const TableValue& given) {
  const TableValue* named = given.find("flag");
  const int flag =
      named != nullptr && named->is_integer() ? static_cast<int>(named->integer) : header_flag(text_in(given, "flag"));
  return Found().put("result", (number_in(given, "flags") & flag) == flag ? 1 : 0).value();
}

TableValue is_contiguous_call(const TableValue& given) {
  Layout layout = layout_in(given);
  static char memory;  // never read
  Py_buffer view{};
  view.buf = &memory;
  view.itemsize = layout.itemsize;
  view.len = count_of(layout) * layout.itemsize;
  view.ndim = layout.ndim;
  if (layout.ndim > 0) {
    view.shape = layout.shape.data();
    view.strides = layout.has_strides ? layout.strides.data() : nullptr;
    view.suboffsets = layout.has_suboffsets ? layout.suboffsets.data() : nullptr;
  }
  return Found().put("result", PyBuffer_IsContiguous(&view, order_in(given))).value();
}

TableValue fill_contiguous_strides_call(const TableValue& given) {
  Layout layout = layout_in(given);
  std::vector<ssize> strides(static_cast<std::size_t>(layout.ndim) + 1, -1);
  PyBuffer_FillContiguousStrides(layout.ndim, layout.shape.data(), strides.data(), static_cast<int>(layout.itemsize),
                                 order_in(given));
  if (strides.back() == -1) strides.pop_back();  // else it wrote behind the last dimension, and the answer is longer
  return Found().put("strides", strides).value();
}

TableValue size_from_format_call(const TableValue& given) {
  const Py_ssize_t size = PyBuffer_SizeFromFormat(text_in(given, "format").c_str());
  if (PyErr_Occurred() != nullptr) return raised_error();
  // The struct module has a door of its own, which must not come to another size.
  static PyObject* const calcsize = [] {
    const Ref module(PyImport_ImportModule("struct"));
    return module ? PyObject_GetAttrString(module.get(), "calcsize") : nullptr;
  }();
  const Ref direct(calcsize != nullptr ? PyObject_CallFunction(calcsize, "s", text_in(given, "format").c_str())
                                       : nullptr);
  if (!direct) return raised_error();
  return Found().put("result", size).put("as_struct", PyLong_AsSsize_t(direct.get()) == size).value();
}

TableValue fill_info(const TableValue& given) {
  static char memory;  // never read
  const Ref exporter(PyList_New(0));
  const std::optional<long> before = references_of(exporter.get());
  Py_buffer view{};
  const int returned = PyBuffer_FillInfo(
      truth_in(given, "view", true) ? &view : nullptr, truth_in(given, "exporter", true) ? exporter.get() : nullptr,
      &memory, static_cast<Py_ssize_t>(number_in(given, "len")), truth_in(given, "readonly", false) ? 1 : 0,
      static_cast<int>(number_in(given, "flags")));
  const auto references = static_cast<ssize>(references_of(exporter.get()).value_or(0) - before.value_or(0));
  if (returned != 0) {
    TableValue failed = raised_error();
    failed.map.emplace_back("references", TableValue::of(std::int64_t{references}));
    return failed;
  }
  TableValue found = Found()
                         .put("ndim", view.ndim)
                         .put("itemsize", view.itemsize)
                         .put("len", view.len)
                         .put("readonly", view.readonly != 0)
                         .put("format", view.format)
                         .put("shape", view.shape != nullptr)
                         .put("strides", view.strides != nullptr)
                         .put("obj", view.obj == nullptr          ? nullptr
                                     : view.obj == exporter.get() ? "exporter"
                                                                  : "another object")
                         .put("references", references)
                         .value();
  PyBuffer_Release(&view);
  return found;
}

// What a successful request leaves in obj, and what is raised for what is no exporter.
TableValue get_buffer_from(const TableValue& given) {
  const Ref object = text_in(given, "object") == "exporter"
                         ? plain_exporter_of(Layout{.itemsize = 1, .shape = {4}, .has_strides = false, .block = 4})
                         : Ref(PyLong_FromLong(1));
  if (!object) return raised_error();
  const std::optional<long> before = references_of(object.get());
  Py_buffer view{};
  if (PyObject_GetBuffer(object.get(), &view, PyBUF_SIMPLE) != 0) return raised_error();
  TableValue found =
      Found()
          .put("obj", view.obj == object.get() ? "exporter" : "another object")
          .put("references", static_cast<ssize>(references_of(object.get()).value_or(0) - before.value_or(0)))
          .put("len", ssize{view.len})
          .value();
  PyBuffer_Release(&view);
  return found;
}

TableValue get_pointer(const TableValue& given) {
  const Layout layout = layout_in(given);
  Exporter exporter;
  build_memory(exporter, layout);
  Layout strided = layout;
  strided.has_strides = true;  // the function needs strides; the exporter has filled them in
  const Py_buffer view = struct_of(exporter, strided);
  std::vector<ssize> index = numbers_in(given, "index");
  index.push_back(0);  // so that there is an array for no dimensions too
  const auto* found = static_cast<const char*>(PyBuffer_GetPointer(&view, index.data()));
  const std::string_view element{found, static_cast<std::size_t>(layout.itemsize)};
  return Found().put("element", element_numbers(element, layout.itemsize).front()).value();
}

TableValue to_contiguous(const TableValue& given) {
  const Layout layout = layout_in(given);
  Exporter exporter;
  build_memory(exporter, layout);
  const Py_buffer view = struct_of(exporter, layout);
  const auto length = static_cast<Py_ssize_t>(number_in(given, "length", view.len));
  std::string bytes(static_cast<std::size_t>(std::max(length, view.len)) + 1, '\0');
  if (PyBuffer_ToContiguous(bytes.data(), &view, length, order_in(given)) != 0) return raised_error();
  bytes.resize(static_cast<std::size_t>(length));
  return Found().put("elements", element_numbers(bytes, layout.itemsize)).value();
}

TableValue from_contiguous(const TableValue& given) {
  const Layout layout = layout_in(given);
  Exporter exporter;
  build_memory(exporter, layout);
  Py_buffer view = struct_of(exporter, layout);
  const auto length = static_cast<Py_ssize_t>(number_in(given, "length", view.len));
  const ssize sources = items_in(length, layout.itemsize) + 1;
  const std::string bytes = elements_from(first_of_source, sources, layout.itemsize);
  if (PyBuffer_FromContiguous(&view, bytes.data(), length, order_in(given)) != 0) return raised_error();
  return Found().put("elements", destinations(numbers_in_memory(exporter), sources)).value();
}

TableValue copy_data(const TableValue& given) {
  const Layout source_layout = layout_in(map_in(given, "source"));
  const Layout destination_layout = layout_in(map_in(given, "destination"));
  Exporter source;
  Exporter destination;
  build_memory(source, source_layout);
  build_memory(destination, destination_layout);
  erase_elements(destination.buf(), geometry_of(destination.layout()));
  const Py_buffer source_view = struct_of(source, source_layout);
  const Py_buffer destination_view = struct_of(destination, destination_layout);
  const Ref from(PyMemoryView_FromBuffer(&source_view));
  const Ref to(PyMemoryView_FromBuffer(&destination_view));
  if (!from || !to) return raised_error();
  if (PyObject_CopyData(to.get(), from.get()) != 0) return raised_error();
  return Found().put("elements", numbers_in_memory(destination)).value();
}

TableValue check_buffer(const TableValue& given) {
  const Ref object(text_in(given, "object") == "exporter" ? PyBytes_FromStringAndSize("x", 1) : PyLong_FromLong(1));
  if (!object) return raised_error();
  return Found().put("result", PyObject_CheckBuffer(object.get())).value();
}

TableValue release_twice(const TableValue&) {
  const Ref exporter = plain_exporter_of(Layout{.itemsize = 1, .shape = {4}, .has_strides = false, .block = 4});
  Py_buffer view{};
  if (!exporter || PyObject_GetBuffer(exporter.get(), &view, PyBUF_SIMPLE) != 0) return raised_error();
  PyBuffer_Release(&view);
  PyBuffer_Release(&view);
  return Found()
      .put("releases", requests_of(exporter.get()).front().releases)
      .put("obj_null", view.obj == nullptr)
      .value();
}

constexpr CaseCall calls[]{
    {"compound_value", compound_value},
    {"has_flag", has_flag},
    {"is_contiguous", is_contiguous_call},
    {"fill_contiguous_strides", fill_contiguous_strides_call},
    {"size_from_format", size_from_format_call},
    {"fill_info", fill_info},
    {"fill_info_owner", fill_info},
    {"get_pointer", get_pointer},
    {"to_contiguous", to_contiguous},
    {"from_contiguous", from_contiguous},
    {"copy_data", copy_data},
    {"check_buffer", check_buffer},
    {"get_buffer_from", get_buffer_from},
    {"release_twice", release_twice},
};

}  // namespace

std::span<const CaseCall> function_calls() noexcept { return calls; }

}  // namespace bufspec::cpython
