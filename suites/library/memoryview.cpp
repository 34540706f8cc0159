// Cases about memoryview: making one, reading it, casting, slicing, releasing.
#include <array>

#include "bufspec/memoryview.hpp"
#include "calls.hpp"

namespace bufspec::library {

namespace {

int mode_in(const Tree& given) { return is_write_mode(given) ? flag::WRITE : flag::READ; }

// A memory and a view of it; the view goes first.
struct Viewed {
  Exporter exporter;
  MemoryViewPointer view;

  explicit Viewed(const Tree& layout) {
    build_memory(exporter, layout_in(layout));
    auto made = MemoryView::from_object(exporter);
    if (!made.ok()) throw UnusableCase(std::string("no memoryview: ") + made.reason);
    view = std::move(made.value);
  }
};

std::vector<ssize> elements_of(const MemoryView& view) { return element_numbers(view.buffer()); }

std::vector<ssize> list_of(std::span<const ssize> values) { return {values.begin(), values.end()}; }

Tree shape_of(const MemoryView& view) {
  return Found()
      .put("ndim", view.ndim())
      .put("shape", list_of(view.shape()))
      .put("strides", list_of(view.strides()))
      .put("suboffsets", list_of(view.suboffsets()))
      .put("format", Tree::of(std::string(view.format())))
      .put("itemsize", view.buffer().itemsize)
      .put("readonly", view.readonly())
      .put("len", view.buffer().len)
      .put("obj_null", view.base() == nullptr)
      .value();
}

Tree shape_and_elements_of(const MemoryView& view) {
  Tree found = shape_of(view);
  found.map.push_back(Found().put("elements", elements_of(view)).value().map.front());
  return found;
}

Tree from_memory(const Tree& given, const Terms&) {
  std::string memory(static_cast<std::size_t>(number_in(given, "len")) + 1, '\0');
  const auto view = MemoryView::from_memory(memory.data(), static_cast<ssize>(number_in(given, "len")), mode_in(given));
  return view.ok() ? shape_of(*view.value) : found_error(view.error);
}

// A struct as the case describes it, of more than 64 dimensions too.
Tree from_buffer(const Tree& given, const Terms& terms) {
  std::array<char, 4096> memory{};
  std::vector<ssize> shape = numbers_in(given, "shape");
  std::vector<ssize> strides;
  if (given.find("strides") != nullptr) strides = numbers_in(given, "strides");
  std::string format = text_in(given, "format");
  Exporter owner;
  Buffer buffer{};
  buffer.buf = memory.data();
  buffer.itemsize = static_cast<ssize>(number_in(given, "itemsize"));
  buffer.len = buffer.itemsize;
  for (const ssize extent : shape) buffer.len *= extent;
  buffer.readonly = truth_in(given, "readonly", false) ? 1 : 0;
  buffer.ndim = static_cast<int>(shape.size());
  buffer.format = format.data();
  buffer.shape = shape.empty() ? nullptr : shape.data();
  buffer.strides = strides.empty() ? nullptr : strides.data();
  if (truth_in(given, "obj_set", false)) {
    buffer.obj = static_cast<Object*>(&owner);
    owner.add_reference();
  }
  auto view = MemoryView::from_buffer(buffer, terms.edition);
  return view.ok() ? shape_of(*view.value) : found_error(view.error);
}

Tree contiguous(const Tree& given, const Terms& terms) {
  Exporter exporter;
  build_memory(exporter, layout_in(given));
  const auto view = MemoryView::get_contiguous(exporter, mode_in(given), order_in(given), terms.edition);
  if (!view.ok()) return found_error(view.error);
  // The elements as they lie in the memory that was given: one block in that order.
  const Buffer& full = view.value->buffer();
  const std::string_view block{static_cast<const char*>(full.buf), static_cast<std::size_t>(full.len)};
  return Found()
      .put("copied", view.value->is_copy())
      .put("elements", element_numbers(block, full.itemsize))
      .put("readonly", view.value->readonly())
      .value();
}

Tree cast(const Tree& given, const Terms&) {
  const Viewed viewed(given);
  const std::string& format = text_in(given, "to_format");
  const auto view = given.find("to_shape") != nullptr ? viewed.view->cast(format, numbers_in(given, "to_shape"))
                                                      : viewed.view->cast(format);
  return view.ok() ? shape_of(*view.value) : found_error(view.error);
}

Tree slice(const Tree& given, const Terms&) {
  const Viewed viewed(given);
  Slice bounds;
  if (given.find("start") != nullptr) bounds.start = static_cast<ssize>(number_in(given, "start"));
  if (given.find("stop") != nullptr) bounds.stop = static_cast<ssize>(number_in(given, "stop"));
  bounds.step = static_cast<ssize>(number_in(given, "step", 1));
  const auto view = viewed.view->slice(bounds);
  return view.ok() ? shape_and_elements_of(*view.value) : found_error(view.error);
}

Tree item(const Tree& given, const Terms& terms) {
  const Viewed viewed(given);
  const auto place = viewed.view->item(numbers_in(given, "index"), terms.runtime);
  if (!place.ok()) return found_error(place.error);
  const ssize itemsize = viewed.view->buffer().itemsize;
  const std::string_view element{place.value, static_cast<std::size_t>(itemsize)};
  return Found().put("element", element_numbers(element, itemsize).front()).value();
}

Tree tobytes(const Tree& given, const Terms&) {
  const Viewed viewed(given);
  const auto bytes = viewed.view->tobytes(order_in(given));
  if (!bytes.ok()) return found_error(bytes.error);
  const std::string_view block{bytes.value.data(), bytes.value.size()};
  return Found().put("elements", element_numbers(block, viewed.view->buffer().itemsize)).value();
}

Tree equal(const Tree& given, const Terms& terms) {
  const Viewed one(map_in(given, "left"));
  const Viewed other(map_in(given, "right"));
  const bool found = one.view->equals(*other.view, terms.runtime);
  if (found != other.view->equals(*one.view, terms.runtime)) throw UnusableCase("the answer depends on the side");
  return Found().put("result", found ? 1 : 0).value();
}

Tree release_while_exported(const Tree& given, const Terms&) {
  Tree line = Tree::empty_map();
  line.map.emplace_back("shape", Found().put("shape", std::vector<ssize>{4}).value().map.front().second);
  const Viewed viewed(line);
  std::vector<Buffer> held(static_cast<std::size_t>(number_in(given, "exports")));
  for (Buffer& buffer : held)
    if (!get_buffer(*viewed.view, buffer, flag::SIMPLE).ok()) throw UnusableCase("a SIMPLE request was refused");
  const Status released = viewed.view->release();
  for (Buffer& buffer : held) release(buffer);
  return released.ok() ? Found().value() : found_error(released.error);
}

}  // namespace

void add_memoryview_calls(Calls& calls) {
  calls["memoryview_from_memory"] = from_memory;
  calls["memoryview_from_buffer"] = from_buffer;
  calls["get_contiguous"] = contiguous;
  calls["memoryview_cast"] = cast;
  calls["memoryview_slice"] = slice;
  calls["memoryview_item"] = item;
  calls["memoryview_tobytes"] = tobytes;
  calls["memoryview_equal"] = equal;
  calls["memoryview_release"] = release_while_exported;
}

}  // namespace bufspec::library
