// Cases about the library's functions: requests, release, copies, fill-info.
#include <algorithm>
#include <array>

#include "calls.hpp"

namespace bufspec::library {

namespace {

Tree answer_to_request(const Tree& given, const Terms& terms) {
  Exporter exporter;
  build_memory(exporter, layout_in(given));
  Buffer view{};
  const Status answered =
      get_buffer(exporter, view, static_cast<int>(number_in(given, "flags")), terms.edition, terms.runtime);
  if (!answered.ok()) return found_error(answered.error);
  Found found;
  found.put("granted", true)
      .put("ndim", view.ndim)
      .put("shape", view.shape != nullptr)
      .put("strides", view.strides != nullptr)
      .put("suboffsets", view.suboffsets != nullptr)
      .put("format", view.format != nullptr)
      .put("readonly", view.readonly != 0)
      .put("itemsize", view.itemsize)
      .put("len", view.len);
  release(view);
  return found.value();
}

Tree pointer_to_element(const Tree& given, const Terms&) {
  Exporter exporter;
  build_memory(exporter, layout_in(given));
  const FullView full(exporter, false);
  const Result<char*> place = get_pointer(full.view, numbers_in(given, "index"));
  if (!place.ok()) return found_error(place.error);
  const std::string_view element{place.value, static_cast<std::size_t>(full.view.itemsize)};
  return Found().put("element", element_numbers(element, full.view.itemsize).front()).value();
}

Tree copied_out(const Tree& given, const Terms&) {
  Exporter exporter;
  build_memory(exporter, layout_in(given));
  const FullView full(exporter, false);
  std::string bytes(static_cast<std::size_t>(number_in(given, "length", full.view.len)), '\0');
  const Status copied = to_contiguous(bytes, full.view, order_in(given));
  if (!copied.ok()) return found_error(copied.error);
  return Found().put("elements", element_numbers(bytes, full.view.itemsize)).value();
}

// The first `length` bytes of as many source elements as the memory has, or as many more as are asked for.
std::string source_for(const Tree& given, const Exporter& exporter) {
  const ssize length = static_cast<ssize>(number_in(given, "length", exporter.length()));
  const ssize itemsize = exporter.layout().itemsize;
  std::string bytes = elements_from(first_of_source, items_in(length, itemsize) + 1, itemsize);
  bytes.resize(static_cast<std::size_t>(length));
  return bytes;
}

ssize sources_in(const std::string& source, const Buffer& view) {
  return items_in(static_cast<ssize>(source.size()), view.itemsize);
}

Tree copied_in(const Tree& given, const Terms&) {
  Exporter exporter;
  build_memory(exporter, layout_in(given));
  const FullView full(exporter, false);
  const std::string source = source_for(given, exporter);
  const Status copied = from_contiguous(full.view, source, order_in(given));
  if (!copied.ok()) return found_error(copied.error);
  return Found().put("elements", destinations(element_numbers(full.view), sources_in(source, full.view))).value();
}

Tree copied_to_object(const Tree& given, const Terms&) {
  Exporter exporter;
  build_memory(exporter, layout_in(given));
  const std::string source = source_for(given, exporter);
  const Status copied = copy_to_object(exporter, source, order_in(given));
  if (!copied.ok()) return found_error(copied.error);
  const FullView full(exporter, false);
  return Found().put("elements", destinations(element_numbers(full.view), sources_in(source, full.view))).value();
}

Tree copied_data(const Tree& given, const Terms&) {
  Exporter source;
  Exporter destination;
  build_memory(source, layout_in(map_in(given, "source")));
  build_memory(destination, layout_in(map_in(given, "destination")));
  const FullView full(destination, false);
  erase_elements(full.view);
  const Status copied = copy_data(destination, source);
  if (!copied.ok()) return found_error(copied.error);
  return Found().put("elements", element_numbers(full.view)).value();
}

Tree filled_info(const Tree& given, const Terms& terms) {
  std::array<char, 1> memory{};
  Buffer view{};
  Object exporter(ObjectKind::other);
  const bool has_exporter = truth_in(given, "exporter", true);
  const Status filled =
      fill_info(truth_in(given, "view", true) ? &view : nullptr, has_exporter ? &exporter : nullptr, memory.data(),
                static_cast<ssize>(number_in(given, "len")), truth_in(given, "readonly", false),
                static_cast<int>(number_in(given, "flags")), terms.edition, terms.runtime);
  const ssize references = exporter.references() - 1;
  if (!filled.ok()) {
    Tree failed = found_error(filled.error);
    failed.map.emplace_back("references", Tree::of(std::int64_t{references}));
    return failed;
  }
  if (view.buf != memory.data()) throw UnusableCase("buf is not what was passed");
  const bool shape = view.shape != nullptr && view.shape[0] == view.len;
  const bool strides = view.strides != nullptr && view.strides[0] == 1;
  return Found()
      .put("ndim", view.ndim)
      .put("itemsize", view.itemsize)
      .put("len", view.len)
      .put("readonly", view.readonly != 0)
      .put("format", view.format)
      .put("shape", shape)
      .put("strides", strides)
      .put("obj", view.obj == nullptr     ? nullptr
                  : view.obj == &exporter ? "exporter"
                                          : "another object")
      .put("references", references)
      .value();
}

// What a successful request leaves in obj, and what is raised for what is no exporter.
Tree got_from(const Tree& given, const Terms& terms) {
  const std::string& what = text_in(given, "object");
  if (what != "exporter" && what != "not_an_exporter") throw UnusableCase("no object " + what);
  Exporter exporter;
  Layout layout;
  layout.shape[0] = 4;
  layout.has_strides = false;
  layout.block = 4;
  build_memory(exporter, layout);
  Object number(ObjectKind::number);
  Object& object = what == "exporter" ? static_cast<Object&>(exporter) : number;
  Buffer view{};
  const long before = object.references();
  const Status status = get_buffer(object, view, flag::SIMPLE, terms.edition, terms.runtime);
  if (!status.ok()) return found_error(status.error);
  const ssize references = object.references() - before;
  const bool is_exporter = view.obj == &object;
  Tree found = Found()
                   .put("obj", is_exporter ? "exporter" : "another object")
                   .put("references", references)
                   .put("len", view.len)
                   .value();
  release(view);
  return found;
}

Tree is_exporter(const Tree& given, const Terms&) {
  const std::string& object = text_in(given, "object");
  if (object != "exporter" && object != "not_an_exporter") throw UnusableCase("no object " + object);
  Exporter exporter;
  Object other(ObjectKind::number);
  return Found()
      .put("result", check_buffer(object == "exporter" ? static_cast<Object&>(exporter) : other) ? 1 : 0)
      .value();
}

Tree released_twice(const Tree&, const Terms&) {
  Exporter exporter;
  Layout layout;
  layout.shape[0] = 3;
  layout.has_strides = false;
  layout.block = 3;
  build_memory(exporter, layout);
  Buffer view{};
  Buffer other{};
  if (!get_buffer(exporter, view, flag::SIMPLE).ok() || !get_buffer(exporter, other, flag::SIMPLE).ok())
    throw UnusableCase("a SIMPLE request was refused");
  const long before = exporter.exports();
  release(view);
  release(view);
  const ssize releases = before - exporter.exports();
  const bool null = view.obj == nullptr;
  release(other);
  return Found().put("releases", releases).put("obj_null", null).value();
}

}  // namespace

void add_function_calls(Calls& calls) {
  calls["get_buffer"] = answer_to_request;
  calls["get_pointer"] = pointer_to_element;
  calls["to_contiguous"] = copied_out;
  calls["from_contiguous"] = copied_in;
  calls["copy_to_object"] = copied_to_object;
  calls["copy_data"] = copied_data;
  calls["fill_info"] = filled_info;
  calls["fill_info_owner"] = filled_info;
  calls["check_buffer"] = is_exporter;
  calls["get_buffer_from"] = got_from;
  calls["release_twice"] = released_twice;
}

}  // namespace bufspec::library
