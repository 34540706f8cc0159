#include "handed_memory.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bufspec/misreadings.hpp"
#include "bufspec/trace.hpp"

namespace bufspec::engine {

namespace {

constexpr const char* no_format = "}i{";  // as behaviour::lie_format hands it out

// Adds what was written into a block to what was found; gives what was.
MemoryChange add_change(const PlannedMemory& plan, const GuardedBlock& block, MemoryChange& found) {
  const MemoryChange change = plan.change_of(block.data());
  found.elements = found.elements || change.elements;
  found.gaps = found.gaps || change.gaps || !block.slack_intact();
  return change;
}

// Whether `entries` of the array at `given`, which is ours, hold what they have to; they do afterwards.
bool renew_array(ssize* given, const Extents& expected, std::size_t entries) noexcept {
  if (std::equal(given, given + entries, expected.begin())) return true;
  std::copy_n(expected.begin(), entries, given);
  return false;
}

unsigned changes_of(const HandedView& from, const Buffer& view, const HandedArrays& expected) noexcept {
  const Buffer& handed = from.handed;
  unsigned changed = 0;
  if (view.internal != handed.internal) changed |= field_bit::internal;
  const auto look = [&](ssize* given, ssize* now, const Extents& right, unsigned bit) {
    if (given != now) changed |= bit;
    if (given == nullptr) return;
    const auto entries = static_cast<std::size_t>(std::clamp(handed.ndim, 0, max_ndim));
    const bool in_struct = given == &from.place->len || given == &from.place->itemsize;
    // What lies in the struct itself may be gone with it, where it is released through a copy.
    if (in_struct && &view != from.place) return;
    if (!renew_array(given, right, entries)) changed |= bit;
  };
  look(handed.shape, view.shape, expected.shape, field_bit::shape);
  look(handed.strides, view.strides, expected.strides, field_bit::strides);
  look(handed.suboffsets, view.suboffsets, expected.suboffsets, field_bit::suboffsets);
  if (handed.format != view.format) changed |= field_bit::format;
  if (handed.format != nullptr) {
    const std::size_t length = std::strlen(expected.format) + 1;
    if (std::memcmp(handed.format, expected.format, length) != 0) {
      changed |= field_bit::format;
      std::memcpy(handed.format, expected.format, length);
    }
  }
  return changed;
}

}  // namespace

void HandedView::forget_own() noexcept {
  if (own_memory.is_set()) own_memory = GuardedBlock();
  if (own_arrays.is_set()) own_arrays = GuardedBlock();
}

HandedMemory::HandedMemory(std::shared_ptr<PlannedMemory> plan, std::uint32_t behaviours)
    : plan_(std::move(plan)), behaviours_(behaviours) {
  // A lie about len claims one item more, and every byte that is claimed can be read.
  const std::size_t claimed = has(behaviour::lie_len) ? static_cast<std::size_t>(plan_->described().itemsize) : 0;
  block_ = GuardedBlock(plan_->bytes() + claimed, placement());
  if (!block_.is_set()) return;
  std::memset(block_.data() + plan_->bytes(), slack_byte, claimed);
  plan_->place(block_.data());
  if (plan_->described().readonly) block_.set_readonly(true);
  const Layout& layout = std::as_const(*plan_).model().layout();
  expected_.shape = layout.shape;
  expected_.strides = layout.strides;
  expected_.suboffsets = layout.suboffsets;
  if (!layout.has_suboffsets) expected_.suboffsets.fill(-1);
  const char* const format = has(behaviour::lie_format) ? no_format : layout.format.c_str();
  std::memcpy(expected_.format, format, std::strlen(format) + 1);
  arrays_ = expected_;
}

Placement HandedMemory::placement() const noexcept {
  if (has(behaviour::ends_at_page)) return Placement::ends_at_page;
  return has(behaviour::begins_at_page) ? Placement::begins_at_page : Placement::anywhere;
}

bool HandedMemory::hand_out(int flags, bool plainly, HandedView& to, Buffer& view) {
  to.memory = block_.data();
  HandedArrays* arrays = &arrays_;
  if (!plainly) {
    if (has(behaviour::fresh_block) && !give_own_memory(to)) return false;
    if (has(behaviour::own_arrays)) {
      if (!give_own_arrays(to)) return false;
      arrays = reinterpret_cast<HandedArrays*>(to.own_arrays.data());
    }
  }
  view.buf = plan_->buf_at(to.memory);
  if (view.format != nullptr) view.format = arrays->format;
  if (view.shape != nullptr) view.shape = arrays->shape.data();
  if (view.strides != nullptr) view.strides = arrays->strides.data();
  if (view.suboffsets != nullptr) view.suboffsets = arrays->suboffsets.data();
  if (!plainly) bend(flags, *arrays, view);
  return true;
}

bool HandedMemory::give_own_memory(HandedView& to) const {
  Placement where = placement();
  if (where == Placement::anywhere && has(behaviour::withdrawn)) where = Placement::begins_at_page;
  to.own_memory = GuardedBlock(block_.size(), where);
  if (!to.own_memory.is_set()) return false;
  char* const data = to.own_memory.data();
  std::memcpy(data, block_.data(), block_.size());
  plan_->place(data);
  plan_->copy_elements(block_.data(), data);
  if (plan_->described().readonly) to.own_memory.set_readonly(true);
  to.memory = data;
  return true;
}

bool HandedMemory::give_own_arrays(HandedView& to) const {
  to.own_arrays =
      GuardedBlock(sizeof(HandedArrays), has(behaviour::withdrawn) ? Placement::begins_at_page : Placement::anywhere);
  if (!to.own_arrays.is_set()) return false;
  std::memcpy(to.own_arrays.data(), &expected_, sizeof expected_);
  return true;
}

// What lie_format says is in the arrays from the start.
void HandedMemory::bend(int flags, HandedArrays& arrays, Buffer& view) const noexcept {
  // Where shape would be &len, a lie about len would be one about the shape, and nothing would show.
  if (has(behaviour::lie_len)) view.len += view.itemsize;
  // As PyBuffer_FillInfo does: where the struct already holds the number, the array is the struct.
  if (has(behaviour::self_referential) && view.ndim == 1) {
    if (view.shape != nullptr && arrays.shape[0] == view.len) view.shape = &view.len;
    if (view.strides != nullptr && arrays.strides[0] == view.itemsize) view.strides = &view.itemsize;
  }
  if (has(behaviour::lie_readonly) && bufspec::has(flags, flag::WRITABLE)) view.readonly = 1;
  if (has(behaviour::lie_suboffsets) && bufspec::has(flags, flag::INDIRECT) && view.suboffsets == nullptr &&
      view.ndim > 0)
    view.suboffsets = arrays.suboffsets.data();
  if (has(behaviour::null_if_empty) && view.len == 0 && view.suboffsets == nullptr) view.buf = nullptr;
}

unsigned HandedMemory::take_back(HandedView& from, const Buffer& view) {
  const unsigned changed = changes_of(from, view, expected_);
  if (from.own_memory.is_set()) {
    const MemoryChange change = add_change(*plan_, from.own_memory, noted_);
    if (change.elements && !plan_->described().readonly) plan_->copy_elements(from.own_memory.data(), block_.data());
  }
  give_up(from.own_memory);
  give_up(from.own_arrays);
  return changed;
}

void HandedMemory::give_up(GuardedBlock& own) const noexcept {
  if (!own.is_set()) return;
  if (has(behaviour::withdrawn)) return own.withdraw();
  if (!has(behaviour::poisoned)) return;
  own.set_readonly(false);
  std::memset(own.data(), released_byte, own.size());
}

MemoryChange HandedMemory::change() const {
  MemoryChange found = noted_;
  add_change(*plan_, block_, found);
  return found;
}

void HandedMemory::add_change_of(const HandedView& held, MemoryChange& found) const {
  if (held.own_memory.is_set()) add_change(*plan_, held.own_memory, found);
}

void HandedMemory::renew() {
  noted_ = {};
  if (plan_->described().readonly && block_.has_pages()) return;  // nobody can have written there
  const MemoryChange change = plan_->change_of(block_.data());
  if (change.elements || change.gaps) plan_->place(block_.data());
  if (!block_.slack_intact()) block_.renew_slack();
}

}  // namespace bufspec::engine
