#include "views.hpp"

#include <cstring>

#include "bufspec/format.hpp"

namespace bufspec::library {

namespace {

std::vector<ssize> list_of(std::span<const ssize> values) { return {values.begin(), values.end()}; }

// Of dimension `dimension` of the elements `numbers`, from number `next` on.
Tree nested(const std::vector<ssize>& numbers, std::size_t& next, std::span<const ssize> shape, std::size_t dimension) {
  if (dimension == shape.size()) return Tree::of(std::int64_t{numbers[next++]});
  Tree made = Tree::empty_list();
  for (ssize i = 0; i < shape[dimension]; ++i) made.list.push_back(nested(numbers, next, shape, dimension + 1));
  return made;
}

std::string_view without_mark(std::string_view format) {
  if (format.starts_with('@')) format.remove_prefix(1);
  return format;
}

// Whether one may be copied to the other: format, itemsize and extents agree, up to and with a first extent of 0.
bool same_structure(const MemoryView& left, const MemoryView& right) {
  if (without_mark(left.format()) != without_mark(right.format()) ||
      left.buffer().itemsize != right.buffer().itemsize || left.ndim() != right.ndim())
    return false;
  for (std::size_t d = 0; d < left.shape().size(); ++d) {
    if (left.shape()[d] != right.shape()[d]) return false;
    if (left.shape()[d] == 0) break;
  }
  return true;
}

}  // namespace

Viewed::Viewed(const Tree& layout) {
  build_memory(exporter, layout_in(layout));
  auto made = MemoryView::from_object(exporter);
  if (!made.ok()) throw UnusableCase(std::string("no memoryview: ") + made.reason);
  view = std::move(made.value);
}

Slice slice_in(const Tree& given) {
  Slice bounds;
  if (given.find("start") != nullptr) bounds.start = static_cast<ssize>(number_in(given, "start"));
  if (given.find("stop") != nullptr) bounds.stop = static_cast<ssize>(number_in(given, "stop"));
  bounds.step = static_cast<ssize>(number_in(given, "step", 1));
  return bounds;
}

Status assignable(const MemoryView& view, std::uint32_t runtime) {
  if (view.is_released()) return {Error::value_error, "the memoryview was released"};
  if (!is_native_single(view.format(), runtime)) return {Error::not_implemented_error, "the format is not one code"};
  if (view.readonly()) return {Error::type_error, "the memory is read-only"};
  return {};
}

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

Tree list_in(const MemoryView& view, std::uint32_t runtime) {
  if (view.is_released()) return found_error(Error::value_error);
  if (!is_native_single(view.format(), runtime)) return found_error(Error::not_implemented_error);
  const std::vector<ssize> numbers = element_numbers(view.buffer());
  std::size_t next = 0;
  return Found().put("elements", nested(numbers, next, view.shape(), 0)).value();
}

Tree size_of(const MemoryView& view, const Terms& terms) {
  if (view.is_released()) return found_error(Error::value_error);
  Found found;
  found.put("nbytes", view.buffer().len);
  const Result<ssize> length = view.length(terms.edition, terms.runtime);
  if (length.ok())
    found.put("length", length.value);
  else
    found.put("length_error", Tree::of(std::string(error_name(length.error))));
  return found.value();
}

Status assign_item(const MemoryView& view, std::span<const ssize> index, ssize number, std::uint32_t runtime) {
  if (const Status status = assignable(view, runtime); !status.ok()) return status;
  const auto place = view.item(index, runtime);
  if (!place.ok()) return {place.error, place.reason};
  // The memory is ours, and may be written: the view says so.
  element_bytes(number, {const_cast<char*>(place.value), static_cast<std::size_t>(view.buffer().itemsize)});
  return {};
}

Status assign_slice(const MemoryView& view, const Slice& bounds, const MemoryView& source, std::uint32_t runtime) {
  if (const Status status = assignable(view, runtime); !status.ok()) return status;
  if (view.ndim() == 0) return {Error::type_error, "no dimension to slice"};
  if (view.ndim() > 1) return {Error::not_implemented_error, "slices of several dimensions are not assigned"};
  if (source.is_released()) return {Error::value_error, "the source was released"};
  const auto part = view.slice(bounds);
  if (!part.ok()) return {part.error, part.reason};
  if (!same_structure(*part.value, source)) return {Error::value_error, "other format, itemsize or extent"};
  const auto bytes = source.tobytes('C');
  if (!bytes.ok()) return {bytes.error, bytes.reason};
  return from_contiguous(part.value->buffer(), bytes.value, 'C');
}

}  // namespace bufspec::library
