// Laws of memoryview, as properties of the reference.
#include <algorithm>

#include "bufspec/functions.hpp"
#include "bufspec/memoryview.hpp"
#include "case_values.hpp"
#include "layout_sweep.hpp"
#include "oracle.hpp"
#include "properties.hpp"
#include "slice_indices.hpp"

namespace bufspec::oracle {
namespace {

MemoryViewPointer view_of(Object& object) {
  auto made = MemoryView::from_object(object);
  RC_ASSERT(made.ok());
  return std::move(made.value);
}

// A bound of a slice, or none.
std::optional<ssize> slice_bound() {
  const rc::Maybe<ssize> drawn = *rc::gen::maybe(rc::gen::inRange<ssize>(-6, 7));
  return drawn ? std::optional<ssize>(*drawn) : std::nullopt;
}

// Every element of the slice is the element of the whole at the index that the slice counts to.
void check_slice(const MemoryView& whole, const MemoryView& part, std::size_t dimension,
                 const std::vector<ssize>& indices) {
  RC_ASSERT(part.shape()[dimension] == static_cast<ssize>(indices.size()));
  const auto n = static_cast<std::size_t>(part.ndim());
  const auto count = element_count(part.shape());
  Extents at{};
  for (ssize k = 0; k < count.value; ++k) {
    Extents from = at;
    from[dimension] = indices[static_cast<std::size_t>(at[dimension])];
    const auto sliced = get_pointer(part.buffer(), {at.data(), n});
    const auto direct = get_pointer(whole.buffer(), {from.data(), n});
    RC_ASSERT(sliced.ok() && direct.ok());
    RC_ASSERT((sliced.value == direct.value));
    (void)advance_index({at.data(), n}, part.shape(), false);
  }
}

RC_GTEST_PROP(Laws, SlicingCommutesWithItemAccess, ()) {
  const Layout layout = *layouts();
  RC_PRE(layout.ndim > 0);
  const auto dimension = *rc::gen::inRange<std::size_t>(0, static_cast<std::size_t>(layout.ndim));
  const Slice slice{slice_bound(), slice_bound(), *rc::gen::element<ssize>(1, 2, 3, -1, -2, -3)};
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const MemoryViewPointer whole = view_of(exporter);
  auto part = dimension == 0 ? whole->slice(slice) : whole->slice_dimension(static_cast<int>(dimension), slice);
  if (!part.ok()) {
    // Behind a pointer the suboffset moves, and a negative one would say that there is no pointer.
    RC_ASSERT(part.error == Error::value_error && layout.has_suboffsets && dimension > 0);
    return;
  }
  check_slice(*whole, *part.value, dimension, slice_indices(slice, layout.shape[dimension]));
}

RC_GTEST_PROP(Laws, ASliceOfASliceIsASlice, ()) {
  const Layout layout = *layouts();
  RC_PRE(layout.ndim > 0);
  const Slice first{slice_bound(), slice_bound(), *rc::gen::element<ssize>(1, 2, -1)};
  const Slice second{slice_bound(), slice_bound(), *rc::gen::element<ssize>(1, 2, -1)};
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const MemoryViewPointer whole = view_of(exporter);
  auto once = whole->slice(first);
  RC_ASSERT(once.ok());
  auto twice = once.value->slice(second);
  RC_ASSERT(twice.ok());
  const std::vector<ssize> outer = slice_indices(first, layout.shape[0]);
  std::vector<ssize> indices;
  for (const ssize i : slice_indices(second, static_cast<ssize>(outer.size())))
    indices.push_back(outer[static_cast<std::size_t>(i)]);
  check_slice(*whole, *twice.value, 0, indices);
}

// An empty line whose stride is not the itemsize is the known exception (AMB-16).
RC_GTEST_PROP(Laws, AMemoryviewAnswersAsItsExporter, ()) {
  const Layout layout = *layouts();
  const int word = *flag_words();
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  RC_PRE(!exporter.facts().ambiguous_empty);
  const MemoryViewPointer view = view_of(exporter);
  Buffer owed{};
  Buffer found{};
  const Status answered = get_buffer(exporter, owed, word);
  const Status answered_again = get_buffer(*view, found, word);
  RC_ASSERT(answered.error == answered_again.error);
  if (!answered.ok()) return;
  RC_ASSERT((found.obj == static_cast<Object*>(view.get())));
  RC_ASSERT(found.len == owed.len && found.itemsize == owed.itemsize && found.buf == owed.buf);
  RC_ASSERT(found.readonly == owed.readonly && found.ndim == owed.ndim);
  const auto same = [&](const ssize* one, const ssize* other) {
    return (one == nullptr) == (other == nullptr) && (one == nullptr || std::equal(one, one + layout.ndim, other));
  };
  RC_ASSERT(same(found.shape, owed.shape) && same(found.strides, owed.strides) &&
            same(found.suboffsets, owed.suboffsets));
  RC_ASSERT((found.format == nullptr) == (owed.format == nullptr));
  if (found.format != nullptr) RC_ASSERT(std::string(found.format) == owed.format);
  release(found);
  release(owed);
}

RC_GTEST_PROP(Laws, AChainOfMemoryviewsGivesEverythingBack, ()) {
  const Layout layout = *layouts();
  const auto kinds = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 4));
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  {
    std::vector<MemoryViewPointer> chain;
    chain.push_back(view_of(exporter));
    for (const int kind : kinds) {
      MemoryView& last = *chain.back();
      auto next = kind == 0 || layout.ndim == 0 ? MemoryView::from_object(last)
                  : kind == 1                   ? last.slice({{}, {}, -1})
                                                : last.to_readonly();
      RC_ASSERT(next.ok());
      chain.push_back(std::move(next.value));
    }
    // However long the chain, the exporter was asked once.
    RC_ASSERT(exporter.exports() == 1);
    Buffer held{};
    RC_ASSERT(get_buffer(*chain.back(), held, flag::FULL_RO).ok());
    RC_ASSERT(chain.back()->release().error == Error::buffer_error);
    RC_ASSERT(!chain.back()->is_released());
    release(held);
    for (const MemoryViewPointer& view : chain) {
      RC_ASSERT(view->exports() == 0);
      RC_ASSERT(exporter.exports() == 1);
      RC_ASSERT(view->release().ok() && view->is_released());
      RC_ASSERT(view->release().ok());
    }
    RC_ASSERT(exporter.exports() == 0);
  }
  RC_ASSERT(exporter.references() == 1);
}

RC_GTEST_PROP(Laws, AReleasedMemoryviewRefuses, ()) {
  const Layout layout = *layouts();
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const MemoryViewPointer view = view_of(exporter);
  RC_ASSERT(view->release().ok());
  Buffer held{};
  RC_ASSERT(get_buffer(*view, held, *flag_words() & ~0x300).error == Error::value_error);
  RC_ASSERT((held.obj == nullptr));
  RC_ASSERT(view->tobytes().error == Error::value_error);
  RC_ASSERT(view->slice({}).error == Error::value_error);
  RC_ASSERT(view->cast("B").error == Error::value_error);
  RC_ASSERT(view->to_readonly().error == Error::value_error);
  RC_ASSERT(view->hashable().error == Error::value_error);
  RC_ASSERT(view->item(std::vector<ssize>(static_cast<std::size_t>(layout.ndim))).error == Error::value_error);
  RC_ASSERT(view->equals(*view));
}

RC_GTEST_PROP(Laws, CastingToBytesAndBackChangesNothing, ()) {
  Layout layout = *direct_layouts();
  layout.has_strides = false;
  layout.offset = 0;
  layout.format = sweep_format(layout.itemsize);
  RC_PRE(layout.itemsize != 3 && layout.ndim > 0);
  const auto n = static_cast<std::size_t>(layout.ndim);
  const auto count = element_count({layout.shape.data(), n});
  RC_PRE(count.value > 0);
  layout.block = count.value * layout.itemsize;
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const MemoryViewPointer view = view_of(exporter);
  const auto bytes = view->cast("B");
  RC_ASSERT(bytes.ok() && bytes.value->ndim() == 1 && bytes.value->shape()[0] == count.value * layout.itemsize);
  const auto back = bytes.value->cast(layout.format, view->shape());
  RC_ASSERT(back.ok());
  RC_ASSERT(std::equal(back.value->shape().begin(), back.value->shape().end(), view->shape().begin()));
  RC_ASSERT(element_numbers(back.value->buffer()) == element_numbers(view->buffer()));
  RC_ASSERT(back.value->equals(*view));
}

RC_GTEST_PROP(Laws, TobytesIsToContiguous, ()) {
  const Layout layout = *layouts();
  const char order = *rc::gen::element('C', 'F', 'A');
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const MemoryViewPointer view = view_of(exporter);
  const auto bytes = view->tobytes(order);
  RC_ASSERT(bytes.ok());
  std::vector<char> owed(static_cast<std::size_t>(exporter.length()));
  RC_ASSERT(to_contiguous(owed, view->buffer(), order).ok());
  RC_ASSERT(bytes.value == owed);
}

RC_GTEST_PROP(Laws, GetContiguousShowsTheSameElementsInOneBlock, ()) {
  const Layout layout = *layouts();
  const char order = *rc::gen::element('C', 'F', 'A');
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const MemoryViewPointer view = view_of(exporter);
  const auto made = MemoryView::get_contiguous(exporter, flag::READ, order);
  RC_ASSERT(made.ok());
  RC_ASSERT(made.value->is_contiguous(order));
  RC_ASSERT(element_numbers(made.value->buffer()) == element_numbers(view->buffer()));
  RC_ASSERT(made.value->is_copy() != view->is_contiguous(order));
  if (!made.value->is_copy()) RC_ASSERT((made.value->buffer().buf == view->buffer().buf));
}

RC_GTEST_PROP(Laws, AMemoryviewEqualsItsCopies, ()) {
  Layout layout = *layouts();
  layout.format = layout.itemsize == 3 ? "3s" : sweep_format(layout.itemsize);
  Exporter exporter;
  RC_ASSERT(exporter.build(layout).ok());
  const MemoryViewPointer view = view_of(exporter);
  const auto readonly = view->to_readonly();
  const auto copy = MemoryView::get_contiguous(exporter, flag::READ, 'C');
  RC_ASSERT(readonly.ok() && copy.ok());
  RC_ASSERT(readonly.value->readonly());
  RC_ASSERT(view->equals(*view) && view->equals(*readonly.value) && view->equals(*copy.value) &&
            copy.value->equals(*view));
  Buffer held{};
  RC_ASSERT(get_buffer(*readonly.value, held, flag::FULL).error == Error::buffer_error);
}

}  // namespace
}  // namespace bufspec::oracle
