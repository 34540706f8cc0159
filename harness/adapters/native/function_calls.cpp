// The calls that are one function each: PyBuffer_*, PyObject_*, and the flags of the header.
#include <algorithm>
#include <cstring>

#include "calls.hpp"

namespace bufspec::native {

namespace {

TableValue compound_value(const bufspec_functions& functions, const TableValue& given) {
  return Found().put("result", functions.constant(text_in(given, "name").c_str())).value();
}

TableValue has_flag(const bufspec_functions& functions, const TableValue& given) {
  const TableValue* const named = given.find("flag");
  const int flag = named != nullptr && named->is_integer() ? static_cast<int>(named->integer)
                                                           : functions.constant(text_in(given, "flag").c_str());
  return Found().put("result", (number_in(given, "flags") & flag) == flag ? 1 : 0).value();
}

TableValue is_contiguous(const bufspec_functions& functions, const TableValue& given) {
  Layout layout = layout_in(given);
  static char memory;  // never read
  bufspec_buffer view{};
  view.buf = &memory;
  view.itemsize = layout.itemsize;
  view.len = count_of(layout) * layout.itemsize;
  view.ndim = layout.ndim;
  if (layout.ndim > 0) {
    view.shape = layout.shape.data();
    view.strides = layout.has_strides ? layout.strides.data() : nullptr;
    view.suboffsets = layout.has_suboffsets ? layout.suboffsets.data() : nullptr;
  }
  return Found().put("result", functions.is_contiguous(&view, order_in(given))).value();
}

TableValue fill_contiguous_strides(const bufspec_functions& functions, const TableValue& given) {
  Layout layout = layout_in(given);
  std::vector<ssize> strides(static_cast<std::size_t>(layout.ndim) + 1, -1);
  functions.fill_contiguous_strides(layout.ndim, layout.shape.data(), strides.data(), static_cast<int>(layout.itemsize),
                                    order_in(given));
  if (strides.back() == -1) strides.pop_back();  // else it wrote behind the last dimension, and the answer is longer
  return Found().put("strides", strides).value();
}

TableValue size_from_format(const bufspec_functions& functions, const TableValue& given) {
  const bufspec_ssize size = functions.size_from_format(text_in(given, "format").c_str());
  return size < 0 ? taken_error(functions) : Found().put("result", size).value();
}

TableValue fill_info(const bufspec_functions& functions, const TableValue& given) {
  static char memory;  // never read
  Given exporter(functions);
  bufspec_buffer view{};
  const int returned =
      functions.fill_info(&view, exporter.object(), &memory, static_cast<ssize>(number_in(given, "len")),
                          truth_in(given, "readonly", false) ? 1 : 0, static_cast<int>(number_in(given, "flags")));
  if (returned != 0) return taken_error(functions);
  const bool is_owned = view.obj == exporter.object() && exporter.references_kept() == 1;
  return Found()
      .put("ndim", view.ndim)
      .put("itemsize", view.itemsize)
      .put("len", view.len)
      .put("readonly", view.readonly != 0)
      .put("format", view.format)
      .put("shape", is_owned && view.shape != nullptr && view.shape[0] == view.len)
      .put("strides", is_owned && view.strides != nullptr && view.strides[0] == 1)
      .value();
}

// The same, for what becomes of obj and of its references.
TableValue fill_info_owner(const bufspec_functions& functions, const TableValue& given) {
  static char memory;  // never read
  Given exporter(functions);
  bufspec_buffer view{};
  const int returned = functions.fill_info(
      truth_in(given, "view", true) ? &view : nullptr, truth_in(given, "exporter", true) ? exporter.object() : nullptr,
      &memory, static_cast<ssize>(number_in(given, "len")), truth_in(given, "readonly", false) ? 1 : 0,
      static_cast<int>(number_in(given, "flags")));
  Found found;
  if (returned != 0)
    found.put("error", taken_error(functions).map.front().second);
  else
    found.put("obj", view.obj == nullptr ? nullptr : view.obj == exporter.object() ? "exporter" : "another object");
  return found.put("references", exporter.references_kept()).value();
}

TableValue get_pointer(const bufspec_functions& functions, const TableValue& given) {
  const Layout layout = layout_in(given);
  Exporter memory;
  build_memory(memory, layout);
  Layout strided = layout;
  strided.has_strides = true;  // the function needs strides; the exporter has filled them in
  const bufspec_buffer view = struct_of(memory, strided);
  std::vector<ssize> index = numbers_in(given, "index");
  index.push_back(0);  // so that there is an array for no dimensions too
  const char* const found = static_cast<const char*>(functions.get_pointer(&view, index.data()));
  const std::span<char> block = memory.block();
  const bool is_inside = found >= block.data() && found + layout.itemsize <= block.data() + block.size();
  if (!is_inside) return Found().put("element", -1).value();
  const std::string_view element{found, static_cast<std::size_t>(layout.itemsize)};
  return Found().put("element", element_numbers(element, layout.itemsize).front()).value();
}

TableValue to_contiguous(const bufspec_functions& functions, const TableValue& given) {
  const Layout layout = layout_in(given);
  Exporter memory;
  build_memory(memory, layout);
  const bufspec_buffer view = struct_of(memory, layout);
  const auto length = static_cast<ssize>(number_in(given, "length", view.len));
  std::string bytes(static_cast<std::size_t>(std::max(length, view.len)) + 1, '\xff');  // no element is like this
  if (functions.to_contiguous(bytes.data(), &view, length, order_in(given)) != 0) return taken_error(functions);
  bytes.resize(static_cast<std::size_t>(length));
  return Found().put("elements", element_numbers(bytes, layout.itemsize)).value();
}

TableValue from_contiguous(const bufspec_functions& functions, const TableValue& given) {
  const Layout layout = layout_in(given);
  Exporter memory;
  build_memory(memory, layout);
  const bufspec_buffer view = struct_of(memory, layout);
  const auto length = static_cast<ssize>(number_in(given, "length", view.len));
  const ssize sources = items_in(length, layout.itemsize) + 1;
  const std::string bytes = elements_from(first_of_source, sources, layout.itemsize);
  if (functions.from_contiguous(&view, bytes.data(), length, order_in(given)) != 0) return taken_error(functions);
  const auto held = element_numbers(memory.buf(), geometry_of(memory.layout()));
  return Found().put("elements", destinations(held, sources)).value();
}

TableValue copy_data(const bufspec_functions& functions, const TableValue& given) {
  Given source(functions, layout_in(map_in(given, "source")));
  Given destination(functions, layout_in(map_in(given, "destination")));
  Exporter& memory = destination.memory();
  erase_elements(memory.buf(), geometry_of(memory.layout()));
  if (functions.copy_data(destination.object(), source.object()) != 0) return taken_error(functions);
  return Found().put("elements", element_numbers(memory.buf(), geometry_of(memory.layout()))).value();
}

TableValue check_buffer(const bufspec_functions& functions, const TableValue& given) {
  Given exporter(functions, line_of_four());
  Given other(functions);
  Given& asked = text_in(given, "object") == "exporter" ? exporter : other;
  return Found().put("result", functions.check_buffer(asked.object())).value();
}

// What a successful request leaves in obj, and the error for what is no exporter.
TableValue get_buffer_from(const bufspec_functions& functions, const TableValue& given) {
  Given exporter(functions, line_of_four());
  Given other(functions);
  Given& asked = text_in(given, "object") == "exporter" ? exporter : other;
  bufspec_buffer view{};
  if (functions.get_buffer(asked.object(), &view, BUFSPEC_SIMPLE) != 0) return taken_error(functions);
  TableValue found = Found()
                         .put("obj", view.obj == asked.object() ? "exporter" : "another object")
                         .put("references", asked.references_kept())
                         .put("len", view.len)
                         .value();
  if (view.obj == asked.object()) bufspec_release(&view);
  return found;
}

TableValue release_twice(const bufspec_functions& functions, const TableValue&) {
  Given exporter(functions, line_of_four());
  bufspec_buffer view{};
  if (functions.get_buffer(exporter.object(), &view, BUFSPEC_SIMPLE) != 0) return taken_error(functions);
  functions.release(&view);
  const bool is_null = view.obj == nullptr;
  functions.release(&view);
  return Found().put("releases", exporter.releases()).put("obj_null", is_null && view.obj == nullptr).value();
}

#define HAS(...) [](const bufspec_functions& has) { return __VA_ARGS__; }

constexpr NativeCall calls[]{
    {"compound_value", compound_value, HAS(has.constant != nullptr)},
    {"has_flag", has_flag, HAS(has.constant != nullptr)},
    {"is_contiguous", is_contiguous, HAS(has.is_contiguous != nullptr)},
    {"fill_contiguous_strides", fill_contiguous_strides, HAS(has.fill_contiguous_strides != nullptr)},
    {"size_from_format", size_from_format, HAS(has.size_from_format != nullptr)},
    {"fill_info", fill_info, HAS(has.fill_info != nullptr)},
    {"fill_info_owner", fill_info_owner, HAS(has.fill_info != nullptr)},
    {"get_pointer", get_pointer, HAS(has.get_pointer != nullptr)},
    {"to_contiguous", to_contiguous, HAS(has.to_contiguous != nullptr)},
    {"from_contiguous", from_contiguous, HAS(has.from_contiguous != nullptr)},
    {"copy_data", copy_data, HAS(has.copy_data != nullptr)},
    {"check_buffer", check_buffer, HAS(has.check_buffer != nullptr)},
    {"get_buffer_from", get_buffer_from, HAS(has.get_buffer != nullptr)},
    {"release_twice", release_twice, HAS(has.get_buffer != nullptr && has.release != nullptr)},
};

#undef HAS

}  // namespace

std::span<const NativeCall> function_calls() noexcept { return calls; }

}  // namespace bufspec::native
