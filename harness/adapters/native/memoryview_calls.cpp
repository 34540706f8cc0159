// The calls whose counterpart is memoryview: its C functions, its methods, and what it answers to a request.
#include <string>
#include <vector>

#include "views.hpp"

namespace bufspec::native {

namespace {

int mode_in(const TableValue& given) { return is_write_mode(given) ? BUFSPEC_WRITE : BUFSPEC_READ; }

TableValue from_memory(const bufspec_functions& functions, const TableValue& given) {
  const auto len = static_cast<ssize>(number_in(given, "len"));
  std::string memory(static_cast<std::size_t>(len) + 1, '\0');
  const View view(functions, functions.memoryview_from_memory(memory.data(), len, mode_in(given)));
  return view ? shape_of(functions, view) : taken_error(functions);
}

TableValue from_buffer(const bufspec_functions& functions, const TableValue& given) {
  std::vector<char> memory(4096);
  std::vector<ssize> shape = numbers_in(given, "shape");
  std::vector<ssize> strides;
  if (given.find("strides") != nullptr) strides = numbers_in(given, "strides");
  std::string format = text_in(given, "format");
  Given owner(functions);
  bufspec_buffer buffer{};
  buffer.buf = memory.data();
  buffer.itemsize = static_cast<ssize>(number_in(given, "itemsize"));
  buffer.len = buffer.itemsize;
  for (const ssize extent : shape) buffer.len *= extent;
  buffer.readonly = truth_in(given, "readonly", false) ? 1 : 0;
  buffer.ndim = static_cast<int>(shape.size());
  buffer.format = format.data();
  buffer.shape = shape.empty() ? nullptr : shape.data();
  buffer.strides = strides.empty() ? nullptr : strides.data();
  if (truth_in(given, "obj_set", false)) buffer.obj = owner.object();
  const View view(functions, functions.memoryview_from_buffer(&buffer));
  return view ? shape_of(functions, view) : taken_error(functions);
}

// Of a memoryview, where the library has one; else of the object that it is given.
TableValue get_buffer(const bufspec_functions& functions, const TableValue& given) {
  Given exporter(functions, layout_in(given));
  const bool has_views = functions.memoryview_from_object != nullptr && functions.drop != nullptr;
  const View view(functions, has_views ? functions.memoryview_from_object(exporter.object()) : nullptr);
  if (has_views && !view) return taken_error(functions);
  bufspec_buffer filled{};
  const int flags = static_cast<int>(number_in(given, "flags"));
  if (functions.get_buffer(has_views ? view.get() : exporter.object(), &filled, flags) != 0)
    return taken_error(functions);
  TableValue found = Found()
                         .put("granted", true)
                         .put("ndim", filled.ndim)
                         .put("shape", filled.shape != nullptr)
                         .put("strides", filled.strides != nullptr)
                         .put("suboffsets", filled.suboffsets != nullptr)
                         .put("format", filled.format != nullptr)
                         .put("readonly", filled.readonly != 0)
                         .put("itemsize", filled.itemsize)
                         .put("len", filled.len)
                         .value();
  bufspec_release(&filled);
  return found;
}

TableValue get_contiguous(const bufspec_functions& functions, const TableValue& given) {
  Given exporter(functions, layout_in(given));
  const View view(functions, functions.memoryview_get_contiguous(exporter.object(), mode_in(given), order_in(given)));
  if (!view) return taken_error(functions);
  const bufspec_buffer& full = *functions.memoryview_get_buffer(view.get());
  return Found()
      .put("copied", full.buf != exporter.memory().buf())
      .put("elements", element_numbers(bytes_of(full).value_or(std::string{}), full.itemsize))
      .put("readonly", full.readonly != 0)
      .value();
}

TableValue cast(const bufspec_functions& functions, const TableValue& given) {
  const Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  const std::string format = text_in(given, "to_format");
  const bool has_shape = given.find("to_shape") != nullptr;
  std::vector<ssize> shape = has_shape ? numbers_in(given, "to_shape") : std::vector<ssize>{};
  const int ndim = static_cast<int>(shape.size());
  shape.push_back(0);  // so that there is an array for no dimensions too
  const View view(functions, functions.memoryview_cast(viewed.view.get(), format.c_str(), ndim,
                                                       has_shape ? shape.data() : nullptr));
  return view ? shape_of(functions, view) : taken_error(functions);
}

TableValue slice(const bufspec_functions& functions, const TableValue& given) {
  Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  const View view(functions,
                  functions.memoryview_slice(viewed.view.get(), bound_in(given, "start"), bound_in(given, "stop"),
                                             static_cast<ssize>(number_in(given, "step", 1))));
  if (!view) return taken_error(functions);
  TableValue found = shape_of(functions, view);
  const auto elements = elements_in(*functions.memoryview_get_buffer(view.get()), viewed.exporter.memory().block());
  found.map.push_back(Found().put("elements", elements).value().map.front());
  return found;
}

TableValue item(const bufspec_functions& functions, const TableValue& given) {
  Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  std::vector<ssize> index = numbers_in(given, "index");
  const int count = static_cast<int>(index.size());
  index.push_back(0);
  const char* const place = functions.memoryview_item(viewed.view.get(), count, index.data());
  if (place == nullptr) return taken_error(functions);
  const ssize itemsize = layout_in(given).itemsize;
  const std::span<char> block = viewed.exporter.memory().block();
  if (place < block.data() || place + itemsize > block.data() + block.size()) return Found().put("element", -1).value();
  const std::string_view element{place, static_cast<std::size_t>(itemsize)};
  return Found().put("element", element_numbers(element, itemsize).front()).value();
}

TableValue tobytes(const bufspec_functions& functions, const TableValue& given) {
  const Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  const Layout layout = layout_in(given);
  std::string bytes(static_cast<std::size_t>(count_of(layout) * layout.itemsize), '\xff');
  const int returned = functions.memoryview_tobytes(viewed.view.get(), order_in(given), bytes.data(),
                                                    static_cast<bufspec_ssize>(bytes.size()));
  if (returned != 0) return taken_error(functions);
  return Found().put("elements", element_numbers(bytes, layout.itemsize)).value();
}

TableValue equal(const bufspec_functions& functions, const TableValue& given) {
  const Viewed left(functions, map_in(given, "left"));
  const Viewed right(functions, map_in(given, "right"));
  if (!left.view || !right.view) return taken_error(functions);
  const int found = functions.memoryview_equal(left.view.get(), right.view.get());
  const int turned = functions.memoryview_equal(right.view.get(), left.view.get());
  return Found().put("result", found == turned ? found : -1).value();
}

TableValue release(const bufspec_functions& functions, const TableValue& given) {
  TableValue line = TableValue::empty_map();
  line.map.emplace_back("shape", Found().put("shape", std::vector<ssize>{4}).value().map.front().second);
  const Viewed viewed(functions, line);
  if (!viewed.view) return taken_error(functions);
  std::vector<bufspec_buffer> held(static_cast<std::size_t>(number_in(given, "exports")));
  for (bufspec_buffer& one : held)
    if (bufspec_get_buffer(viewed.view.get(), &one, BUFSPEC_SIMPLE) != 0) one.obj = nullptr;
  static_cast<void>(functions.exception());
  TableValue found = TableValue::empty_map();
  if (functions.memoryview_release(viewed.view.get()) != 0) found = taken_error(functions);
  for (bufspec_buffer& one : held) bufspec_release(&one);
  return found;
}

#define HAS(member) [](const bufspec_functions& has) { return has_views(has) && has.member != nullptr; }

constexpr NativeCall calls[]{
    {"memoryview_from_memory", from_memory, HAS(memoryview_from_memory)},
    {"memoryview_from_buffer", from_buffer, HAS(memoryview_from_buffer)},
    {"get_buffer", get_buffer, [](const bufspec_functions& has) { return has.get_buffer != nullptr; }},
    {"get_contiguous", get_contiguous, HAS(memoryview_get_contiguous)},
    {"memoryview_cast", cast, HAS(memoryview_cast)},
    {"memoryview_slice", slice, HAS(memoryview_slice)},
    {"memoryview_item", item, HAS(memoryview_item)},
    {"memoryview_tobytes", tobytes, HAS(memoryview_tobytes)},
    {"memoryview_equal", equal, HAS(memoryview_equal)},
    {"memoryview_release", release, HAS(memoryview_release)},
};

#undef HAS

}  // namespace

std::span<const NativeCall> memoryview_calls() noexcept { return calls; }

}  // namespace bufspec::native
