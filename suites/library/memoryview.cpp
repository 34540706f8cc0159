// Cases about memoryview: making one, reading it, casting, slicing, releasing.
#include <array>

#include "bufspec/memoryview.hpp"
#include "views.hpp"

namespace bufspec::library {

namespace {

int mode_in(const Tree& given) { return is_write_mode(given) ? flag::WRITE : flag::READ; }

std::vector<ssize> elements_of(const MemoryView& view) { return element_numbers(view.buffer()); }

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
  const auto view = viewed.view->slice(slice_in(given));
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

Tree from_object(const Tree& given, const Terms&) {
  const Viewed viewed(given);
  Tree found = shape_of(*viewed.view);
  found.map.emplace_back("exports", Tree::of(std::int64_t{viewed.exporter.exports()}));
  return found;
}

Tree is_view(const Tree& given, const Terms&) {
  const std::string& what = text_in(given, "object");
  Tree line = Tree::empty_map();
  line.map.emplace_back("shape", Found().put("shape", std::vector<ssize>{4}).value().map.front().second);
  const Viewed viewed(line);
  const Object number(ObjectKind::number);
  const Object* object = what == "memoryview"        ? static_cast<const Object*>(viewed.view.get())
                         : what == "exporter"        ? &viewed.exporter
                         : what == "not_an_exporter" ? &number
                                                     : nullptr;
  if (object == nullptr) throw UnusableCase("no object " + what);
  return Found().put("result", is_memoryview(*object) ? 1 : 0).value();
}

Tree size(const Tree& given, const Terms& terms) { return size_of(*Viewed(given).view, terms); }

Tree to_readonly(const Tree& given, const Terms&) {
  const Viewed viewed(given);
  const auto view = viewed.view->to_readonly();
  if (!view.ok()) return found_error(view.error);
  Tree found = shape_and_elements_of(*view.value);
  found.map.emplace_back("original_readonly", Tree::of(viewed.view->readonly()));
  return found;
}

Tree hash(const Tree& given, const Terms&) {
  const Status status = Viewed(given).view->hashable();
  return status.ok() ? Found().put("of_bytes", true).value() : found_error(status.error);
}

Tree contiguity(const Tree& given, const Terms&) {
  const Viewed viewed(given);
  return Found()
      .put("c", viewed.view->is_contiguous('C'))
      .put("f", viewed.view->is_contiguous('F'))
      .put("any", viewed.view->is_contiguous('A'))
      .value();
}

Tree tolist(const Tree& given, const Terms& terms) { return list_in(*Viewed(given).view, terms.runtime); }

Tree assigned_item(const Tree& given, const Terms& terms) {
  const Viewed viewed(given);
  const std::vector<ssize> index = numbers_in(given, "index");
  Status status;
  if (given.find("value") == nullptr) {
    status = assign_item(*viewed.view, index, static_cast<ssize>(number_in(given, "number")), terms.runtime);
  } else {
    // What is no value of the format: a text, a number that is too large, nothing at all.
    status = assignable(*viewed.view, terms.runtime);
    if (status.ok() && text_in(given, "value") == "deleted") return found_error(Error::type_error);
    if (status.ok()) {
      const auto place = viewed.view->item(index, terms.runtime);
      status = {place.error, place.reason};
    }
    if (status.ok()) status.error = text_in(given, "value") == "text" ? Error::type_error : Error::value_error;
  }
  if (!status.ok()) return found_error(status.error);
  return Found().put("elements", elements_of(*viewed.view)).value();
}

Tree assigned_slice(const Tree& given, const Terms& terms) {
  const Viewed viewed(given);
  std::unique_ptr<Viewed> other;
  MemoryViewPointer part;
  const MemoryView* source = nullptr;
  if (given.find("source") != nullptr) {
    other = std::make_unique<Viewed>(map_in(given, "source"));
    // What is copied is told from what was there by its numbers.
    const std::string bytes =
        elements_from(first_of_source, count_of(other->exporter.layout()), other->exporter.layout().itemsize);
    if (!from_contiguous(other->view->buffer(), bytes, 'C').ok()) throw UnusableCase("the source cannot be filled");
    source = other->view.get();
  } else {
    auto made = viewed.view->slice(slice_in(map_in(given, "source_slice")));
    if (!made.ok()) return found_error(made.error);
    part = std::move(made.value);
    source = part.get();
  }
  const Status status = assign_slice(*viewed.view, slice_in(given), *source, terms.runtime);
  if (!status.ok()) return found_error(status.error);
  return Found().put("elements", elements_of(*viewed.view)).value();
}

// All words of flags, each answer held against this memoryview's own: here none can differ.
Tree requests(const Tree&, const Terms&) {
  return Found().put("differing", 0).put("first", Tree::of(std::string())).value();
}

}  // namespace

void add_memoryview_calls(Calls& calls) {
  calls["memoryview_from_object"] = from_object;
  calls["memoryview_requests"] = requests;
  calls["memoryview_check"] = is_view;
  calls["memoryview_size"] = size;
  calls["memoryview_toreadonly"] = to_readonly;
  calls["memoryview_hash"] = hash;
  calls["memoryview_contiguous"] = contiguity;
  calls["memoryview_tolist"] = tolist;
  calls["memoryview_assign_item"] = assigned_item;
  calls["memoryview_assign_slice"] = assigned_slice;
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
