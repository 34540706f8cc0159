// Where do the elements of an answer lie, and which of them are not what they must be?
#include <algorithm>

#include "bufspec/judge.hpp"
#include "driver.hpp"

namespace bufspec::engine {

namespace {

// So many items around buf are tried as the place where the elements begin.
constexpr ssize tried_shifts = 8;
// So many bytes of a wrong element are kept.
constexpr ssize shown_bytes = 64;

bool overlap(const SeenMemory& one, const SeenMemory& other) noexcept {
  return one.first < other.end && other.first < one.end;
}

// The index of element number `k`, in C order, of a view.
std::vector<ssize> index_of(const View& view, ssize k) {
  std::vector<ssize> index;
  if (view.shape != Pointer::readable) return {k};
  index.resize(static_cast<std::size_t>(std::clamp(view.ndim, 0, max_ndim)));
  for (std::size_t d = index.size(); d-- > 0;) {
    const ssize extent = std::max<ssize>(view.shape_values[d], 1);
    index[d] = k % extent;
    k /= extent;
  }
  return index;
}

// From buf to where the elements of a dimension that runs backwards would begin if buf were the lowest address.
ssize to_logical_start(const View& view) noexcept {
  ssize bytes = 0;
  if (view.shape != Pointer::readable || view.strides != Pointer::readable) return 0;
  for (std::size_t d = 0; d < static_cast<std::size_t>(std::clamp(view.ndim, 0, max_ndim)); ++d) {
    ssize reach = 0;
    if (view.strides_values[d] >= 0 || view.shape_values[d] < 2) continue;
    if (__builtin_mul_overflow(-view.strides_values[d], view.shape_values[d] - 1, &reach) ||
        __builtin_add_overflow(bytes, reach, &bytes))
      return 0;
  }
  return bytes;
}

// Whether `part` lies in `whole`, or in two of them one after the other.
bool has_within(std::string_view whole, std::string_view part) {
  return part.size() <= whole.size() && (std::string(whole) + std::string(whole)).find(part) != std::string::npos;
}

// The elements of a view that has a shape, the first index counting fastest.
std::string in_fortran_order(const View& view, std::string_view elements) {
  const auto size = static_cast<std::size_t>(std::max<ssize>(view.itemsize, 1));
  const std::size_t count = elements.size() / size;
  const auto ndim = static_cast<std::size_t>(std::clamp(view.ndim, 0, max_ndim));
  std::string turned(elements);
  for (std::size_t k = 0; k < count; ++k) {
    std::size_t rest = k;
    std::size_t from = 0;
    // The index of element k in this order gives its number in C order.
    std::size_t row = count;
    for (std::size_t d = 0; d < ndim; ++d) {
      const auto extent = static_cast<std::size_t>(std::max<ssize>(view.shape_values[d], 1));
      row /= extent;
      from += (rest % extent) * row;
      rest /= extent;
    }
    if ((from + 1) * size > elements.size()) return {};  // a shape of other memory
    turned.replace(k * size, size, elements.substr(from * size, size));
  }
  return turned;
}

bool is_in_fortran_order(const SeenMemory& seen, const View& view, std::string_view said) {
  return view.ndim > 1 && view.shape == Pointer::readable && seen.elements.size() == said.size() &&
         in_fortran_order(view, seen.elements) == said;
}

}  // namespace

// Which element of `slot` is the first that is not as in `owed`, and whether it is buf that is wrong: then all elements are
// right from another address on.
void ExporterDriver::find_wrong(const Slot& slot, std::string_view owed, Answer& answer) const {
  const std::string_view found = slot.seen.elements;
  const auto [one, other] = std::mismatch(found.begin(), found.end(), owed.begin(), owed.end());
  // Where an answer has no shape, the richest one's says which element a byte belongs to.
  const auto has_items = [](const View& view) { return view.shape == Pointer::readable && view.itemsize > 0; };
  const View& shown = !has_items(slot.view) && richest_ && has_items(richest_->view) ? richest_->view : slot.view;
  const ssize size = has_items(shown) ? shown.itemsize : 1;
  const ssize number = (one - found.begin()) / size;
  const auto element = [&](std::string_view elements) {
    const auto at = static_cast<std::size_t>(number * size);
    return std::string(
        elements.substr(std::min(at, elements.size()), static_cast<std::size_t>(std::min(size, shown_bytes))));
  };
  answer.wrong = WrongElement{index_of(shown, number), element(owed), element(found)};
  if (owed.size() != found.size() || static_cast<ssize>(owed.size()) < 2 * size) return;
  std::vector<ssize> shifts{to_logical_start(slot.view)};
  // No further than the view is long: what lies beyond may be another block that has the same elements.
  for (ssize items = 1; items <= tried_shifts && items * size < slot.view.len; ++items)
    shifts.insert(shifts.end(), {items * size, -items * size});
  for (const ssize shift : shifts) {
    if (shift == 0) continue;
    SeenMemory seen;
    look_at_memory(slot.view, static_cast<const char*>(slot.acquired.buf) + shift, seen);
    if (seen.complete && seen.readable == true && seen.elements == owed) {
      answer.right_from = shift;
      return;
    }
  }
}

// Whether all elements of a view, of which there is more than one, are alike.
bool ExporterDriver::is_of_one_element(const Slot& slot) {
  const std::string& elements = slot.seen.elements;
  const auto size = static_cast<std::size_t>(std::max<ssize>(slot.view.itemsize, 1));
  return slot.seen.complete && elements.size() > size &&
         std::equal(elements.begin() + static_cast<std::ptrdiff_t>(size), elements.end(), elements.begin());
}

// Whether the object says that the memory of `slot` never changes.
Unchanging ExporterDriver::unchanging_of(const Slot& slot) {
  if (slot.view.len <= 0 || slot.seen.readable != true || slot.seen.first >= slot.seen.end) return Unchanging::no;
  if (!unchanging_) unchanging_ = exported_.unchanging(slot.seen.first, slot.seen.end);
  return *unchanging_;
}

void ExporterDriver::compare_answer(Slot& slot, Answer& answer) {
  const auto& richest = richest_elements_;
  if (richest_buf_ != nullptr && slot.seen.first < slot.seen.end && richest.first < richest.end)
    answer.block = overlap(slot.seen, richest) ? Block::same : Block::other;
  if (answer.view.readonly == 0) answer.unchanging = unchanging_of(slot);
  // What has no shape lies in C order: so do the elements of memory in C order, and those of a copy.
  if (answer.block == Block::other) answer.is_order_open = is_of_one_element(slot);
  const bool is_in_order = shows_elements_in_order(answer.view) || answer.block == Block::other;
  if (!is_in_order) return;
  if (richest_buf_ != nullptr && slot.acquired.buf != richest_buf_ && richest.has_elements())
    answer.elements = compare(slot.seen, richest);
  const auto expected = exported_.expected();
  if (expected) answer.declared = compare_with_expected(slot, *expected);
  if (!slot.seen.complete) return;
  if (expected && answer.declared == SameElements::different)
    find_wrong(slot, *expected, answer);
  else if (answer.elements == SameElements::different && answer.block == Block::other)
    find_wrong(slot, richest.elements, answer);
}

// An answer of an object that was changed.  What the object says may be its buffer itself, which then agrees.
void ExporterDriver::compare_with_content(Slot& slot, Answer& answer) {
  // Without a shape it is open in which order the elements lie.
  const bool is_in_order = slot.view.shape == Pointer::readable || (slot.view.ndim <= 1 && is_c_contiguous_);
  if (!is_in_order || !slot.seen.complete || slot.seen.readable != true || is_volatile()) return;
  const auto content = exported_.content();
  exported_.forget_exception();
  if (!content) return;
  const std::string& said = *content;
  const auto agrees = [&](const SeenMemory& seen) {
    return says_ == Says::values ? seen.elements == said : seen.elements.size() == said.size();
  };
  // To be asked may have been what brought the memory up to date.
  if (!agrees(slot.seen)) look_at_memory(slot.view, slot.acquired.buf, slot.seen);
  if (!slot.seen.complete || slot.seen.readable != true) return;
  const bool is_right = agrees(slot.seen);
  // What an object says may be a part of what its buffer shows: of one with room to spare, a ring, what is left to be read.  And
  // no clause says in which order.
  if (!is_right && (has_within(slot.seen.elements, said) || is_in_fortran_order(slot.seen, slot.view, said))) return;
  answer.declared = is_right ? SameElements::same : SameElements::different;
  if (!is_right) find_wrong(slot, said, answer);
}

}  // namespace bufspec::engine
