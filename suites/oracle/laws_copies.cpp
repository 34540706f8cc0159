// Laws of the functions that copy, walk and describe memory, as properties of the reference.
// Each is named by the rules that it shows (key `law` of the tables).
#include <cstring>

#include "oracle.hpp"
#include "properties.hpp"
#include "suites/library/calls.hpp"

namespace bufspec::oracle {
namespace {

Layout writable(Layout layout) {
  layout.readonly = false;
  return layout;
}

std::string contiguous_bytes(const Buffer& view, char order) {
  std::string bytes(static_cast<std::size_t>(view.len), '\0');
  const Status copied = to_contiguous(bytes, view, order);
  RC_ASSERT(copied.ok());
  return bytes;
}

RC_GTEST_PROP(Laws, FromContiguousUndoesToContiguous, ()) {
  const Layout layout = writable(*layouts(true));
  const char order = *rc::gen::element('C', 'F', 'A');
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const library::FullView full(exporter);
  const std::vector<ssize> before = element_numbers(full.view);
  const std::string bytes = contiguous_bytes(full.view, order);
  erase_elements(full.view);
  RC_ASSERT(from_contiguous(full.view, bytes, order).ok());
  RC_ASSERT(element_numbers(full.view) == before);
}

RC_GTEST_PROP(Laws, ToContiguousTakesElementsInOrder, ()) {
  const Layout layout = *layouts();
  const bool fortran = *rc::gen::arbitrary<bool>();
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const library::FullView full(exporter, false);
  const std::string bytes = contiguous_bytes(full.view, fortran ? 'F' : 'C');
  const auto n = static_cast<std::size_t>(layout.ndim);
  const auto count = element_count({layout.shape.data(), n});
  Extents index{};
  std::string expected;
  for (ssize k = 0; k < count.value; ++k) {
    const Result<char*> place = get_pointer(full.view, {index.data(), n});
    RC_ASSERT(place.ok());
    expected.append(place.value, static_cast<std::size_t>(layout.itemsize));
    // Fortran order is C order of the dimensions in reverse.
    for (std::size_t turned = 0; turned < n; ++turned) {
      const std::size_t i = fortran ? turned : n - 1 - turned;
      if (++index[i] < layout.shape[i]) break;
      index[i] = 0;
    }
  }
  RC_ASSERT(bytes == expected);
}

RC_GTEST_PROP(Laws, AShorterSourceFillsTheFirstElements, ()) {
  const Layout layout = writable(*direct_layouts(true));
  const char order = *rc::gen::element('C', 'F');
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const library::FullView full(exporter);
  const ssize count = full.view.itemsize > 0 ? full.view.len / full.view.itemsize : 0;
  const ssize fewer = *rc::gen::inRange<ssize>(0, count + 1);
  erase_elements(full.view);
  std::string source = elements_from(0, fewer, layout.itemsize);
  RC_ASSERT(from_contiguous(full.view, source, order).ok());
  source.resize(static_cast<std::size_t>(full.view.len), static_cast<char>(0xff));
  RC_ASSERT(contiguous_bytes(full.view, order) == source);
}

RC_GTEST_PROP(Laws, CopyDataKeepsEveryElement, ()) {
  const Layout from = *layouts(true);
  Layout to = writable(*layouts(true));
  // The same extents in another memory: that of `to` as far as it goes, else C order.
  Layout same = from;
  same.has_suboffsets = false;
  same.has_strides = false;
  same.readonly = false;
  same.offset = 0;
  same.block = from.itemsize;
  for (std::size_t i = 0; i < static_cast<std::size_t>(from.ndim); ++i) same.block *= from.shape[i];
  same.block = std::max(same.block, from.itemsize);
  if (to.ndim != from.ndim || to.itemsize != from.itemsize || to.shape != from.shape) to = same;
  if (*rc::gen::arbitrary<bool>()) {
    if (const auto strides = strides_by_products(same, true)) {
      to = same;
      to.has_strides = true;
      to.strides = *strides;
    }
  }
  Exporter source;
  Exporter destination;
  RC_ASSERT(source.build(from).ok() && destination.build(to).ok());
  const library::FullView read(source, false);
  const library::FullView written(destination, false);
  erase_elements(written.view);
  RC_ASSERT(copy_data(destination, source).ok());
  RC_ASSERT(element_numbers(written.view) == element_numbers(read.view));
}

RC_GTEST_PROP(Laws, FilledStridesAreContiguous, ()) {
  Layout layout = *direct_layouts();
  const char order = *rc::gen::element('C', 'F');
  const auto n = static_cast<std::size_t>(layout.ndim);
  layout.has_strides = true;
  RC_ASSERT(fill_contiguous_strides({layout.shape.data(), n}, layout.itemsize, order, {layout.strides.data(), n}).ok());
  RC_ASSERT(is_contiguous(geometry_of(layout), order));
  RC_ASSERT(is_contiguous(geometry_of(layout), 'A'));
  RC_ASSERT(enumerates_contiguously(layout, order));
}

RC_GTEST_PROP(Laws, ContiguousMemoryIsItsOwnCopy, ()) {
  const Layout layout = *layouts();
  const char order = *rc::gen::element('C', 'F', 'A');
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const library::FullView full(exporter, false);
  if (is_contiguous(full.view, order))
    RC_ASSERT(contiguous_bytes(full.view, order) ==
              std::string(static_cast<const char*>(full.view.buf), static_cast<std::size_t>(full.view.len)));
}

RC_GTEST_PROP(Laws, FillInfoAnswersAsAnExporterOfBytes, ()) {
  const ssize length = *rc::gen::inRange<ssize>(0, 20);
  const bool readonly = *rc::gen::arbitrary<bool>();
  const int word = *flag_words();
  Layout layout;
  layout.shape[0] = length;
  layout.has_strides = false;
  layout.block = length + 1;
  layout.readonly = readonly;
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  Buffer owed{};
  Buffer found{};
  const Status answered = get_buffer(exporter, owed, word);
  const Status filled = fill_info(&found, &exporter, exporter.buf(), length, readonly, word);
  // FORMAT without ND is the one word that it answers and memoryview does not.
  if ((word & flag::FORMAT) != 0 && (word & flag::ND) == 0) {
    release(found);
    return;
  }
  RC_ASSERT(filled.ok() == answered.ok());
  RC_ASSERT(filled.error == answered.error);
  if (!filled.ok()) return;
  RC_ASSERT(found.len == owed.len && found.itemsize == owed.itemsize && found.ndim == owed.ndim);
  RC_ASSERT(found.readonly == owed.readonly && found.buf == owed.buf && found.obj == owed.obj);
  RC_ASSERT((found.shape == nullptr) == (owed.shape == nullptr) &&
            (found.strides == nullptr) == (owed.strides == nullptr));
  RC_ASSERT((found.format == nullptr) == (owed.format == nullptr) && found.suboffsets == nullptr);
  release(found);
  release(owed);
  RC_ASSERT(exporter.references() == 1);
}

RC_GTEST_PROP(Laws, EveryRequestIsGivenBack, ()) {
  const Layout layout = *layouts();
  const auto words = *rc::gen::container<std::vector<int>>(flag_words());
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  std::vector<Buffer> held(words.size());
  long granted = 0;
  for (std::size_t i = 0; i < words.size(); ++i) granted += get_buffer(exporter, held[i], words[i]).ok() ? 1 : 0;
  RC_ASSERT(exporter.exports() == granted && exporter.references() == 1 + granted);
  if (granted > 0) RC_ASSERT(exporter.resize(1).error == Error::buffer_error);
  for (Buffer& view : held) {
    release(view);
    RC_ASSERT((view.obj == nullptr));
    release(view);
  }
  RC_ASSERT(exporter.exports() == 0 && exporter.references() == 1);
}

}  // namespace
}  // namespace bufspec::oracle
