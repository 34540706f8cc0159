// Steps with one view: acquired through the library's function or the type's slot, given back, or given back through a
// copy of its struct.
#include <algorithm>
#include <cstring>
#include <utility>

#include "driver.hpp"
#include "suites/engine/observe/digest.hpp"
#include "suites/engine/observe/probe.hpp"
#include "suites/engine/observe/reused_memory.hpp"

namespace bufspec::engine {

namespace {

// The fields that still hold what the struct was filled with; internal may.
unsigned fields_unwritten(const Buffer& view) noexcept {
  unsigned fields = 0;
  const auto look = [&](auto value, unsigned bit) { fields |= is_poison(value) ? bit : 0U; };
  look(view.buf, field_bit::buf);
  look(view.obj, field_bit::obj);
  look(view.len, field_bit::len);
  look(view.itemsize, field_bit::itemsize);
  look(view.format, field_bit::format);
  look(view.shape, field_bit::shape);
  look(view.strides, field_bit::strides);
  look(view.suboffsets, field_bit::suboffsets);
  // Two fields share a word of poison.
  constexpr std::size_t half = sizeof(int);
  std::array<unsigned char, 2 * half> poison;
  static_assert(sizeof poison == sizeof poison_word);
  std::memcpy(poison.data(), &poison_word, sizeof poison);
  static_assert(offsetof(Buffer, readonly) % sizeof poison == 0 &&
                offsetof(Buffer, ndim) == offsetof(Buffer, readonly) + half);
  if (std::memcmp(&view.readonly, poison.data(), half) == 0) fields |= field_bit::readonly;
  if (std::memcmp(&view.ndim, poison.data() + half, half) == 0) fields |= field_bit::ndim;
  return fields;
}

}  // namespace

bool ExporterDriver::shows_elements_in_order(const View& view) const noexcept {
  return view.shape == Pointer::readable || view.ndim == 0 || is_c_contiguous_;
}

SameElements ExporterDriver::compare(const SeenMemory& seen, const SeenMemory& other) const noexcept {
  if (!seen.has_elements() || !other.has_elements() || seen.readable != true || is_volatile())
    return SameElements::not_compared;
  return seen.agrees_with(other) ? SameElements::same : SameElements::different;
}

SameElements ExporterDriver::compare_with_expected(const Slot& slot, std::string_view elements) {
  const SeenMemory& seen = slot.seen;
  if (!seen.has_elements() || seen.readable != true || is_volatile()) return SameElements::not_compared;
  bool is_same = seen.agrees_with(elements);
  Places places;
  if (is_same && seen.digest && find_places(slot.view, places)) {
    std::vector<ssize> order = digested_order(places);
    if (!expected_digest_ || expected_digest_->order != order)
      expected_digest_ = {digest_owed(places, elements), std::move(order)};
    is_same = *seen.digest == expected_digest_->digest;
  }
  return is_same ? SameElements::same : SameElements::different;
}

// Called before anything else is allocated, which might get the block.
bool ExporterDriver::is_freed_already(const Buffer& view) const noexcept {
  if (is_poison(view.buf) || view.buf == nullptr || view.len <= 0) return false;
  const auto at = reinterpret_cast<std::uintptr_t>(view.buf);
  const auto freed = RecentFrees::size_of_block_with(at);
  // Small blocks of an allocator with pools are freed unseen; it is tried once whether this object shows such.
  if (!freed && !is_unasked_ && !is_stale_) return false;
  if (is_barred_by_sanitizer(view.buf)) return true;
  char byte = 0;
  if (freed && read_safely(view.buf, {&byte, 1}) != 1) return true;
  const FreshBlocks blocks(freed.value_or(static_cast<std::size_t>(view.len)), freed ? 0 : exported_.object_size(),
                           exported_.allocators());
  return blocks.have(at, at);
}

// The memory of a view as it is when it is acquired.
void ExporterDriver::look_at_acquired(Slot& slot) {
  look_at_memory(slot.view, slot.acquired.buf, slot.seen, looks_at_whole_ ? Look::whole : Look::sample);
  if (slot.seen.is_sample) looks_at_whole_ = false;
  if (!is_watching_) return;
  watch_arrays(slot);
  if (const auto stretch = stretch_of(slot.view, slot.acquired.buf)) slot.watched.begin(stretch->first, stretch->last);
}

void ExporterDriver::watch_arrays(Slot& slot) {
  const Buffer& struct_of = slot.acquired;
  const View& view = slot.view;
  const auto watch = [](WatchedMemory& watched, const void* at, Pointer state, std::size_t size) {
    const auto first = reinterpret_cast<std::uintptr_t>(at);
    if (state == Pointer::readable && size > 0) watched.begin(first, first + size - 1);
  };
  const auto extents = static_cast<std::size_t>(std::clamp(view.ndim, 0, max_ndim)) * sizeof(ssize);
  auto& [format, shape, strides, suboffsets] = slot.watched_arrays;
  watch(format, struct_of.format, view.format, view.format_text.text().size() + 1);
  watch(shape, struct_of.shape, view.shape, extents);
  watch(strides, struct_of.strides, view.strides, extents);
  watch(suboffsets, struct_of.suboffsets, view.suboffsets, extents);
}

void ExporterDriver::end_watch(Slot& slot) noexcept {
  slot.watched.end();
  for (WatchedMemory& watched : slot.watched_arrays) watched.end();
}

void ExporterDriver::acquire(int flags, Slot& slot, Answer& answer) {
  static_cast<void>(acquire_by(Route::library, flags, slot, answer));
}

Owner ExporterDriver::owner_of(const void* obj) const noexcept {
  if (obj == nullptr) return Owner::null;
  return is_poison(obj) ? Owner::untouched : exported_.owner(obj);
}

// False, and nothing done, where the object has no such way.
bool ExporterDriver::acquire_by(Route route, int flags, Slot& slot, Answer& answer) {
  exported_.forget_exception();
  const auto before = exported_.references();
  slot.held.poison();
  end_watch(slot);
  Buffer& view = slot.held.view();
  // What was freed while the object was made counts for its first answer.
  const bool watches = !built_layout_;
  if (watches && !is_unasked_) RecentFrees::begin();
  const auto status = exported_.ask(view, flags, route);
  RecentFrees::end();
  const Owner owner = owner_of(view.obj);
  slot.is_held = status == 0 && can_be_released(owner);
  slot.owner_is_asked = false;
  slot.gained = 0;
  slot.has_lost_memory = watches && status == 0 && is_freed_already(view);
  is_stale_ = is_stale_ || (is_unasked_ && slot.has_lost_memory);
  is_unasked_ = is_unasked_ && status != 0;
  if (!status) return false;
  answer.status = *status;
  answer.granted = answer.status == 0;
  Raised raised = exported_.exception();
  answer.exception_set = raised.is_set;
  answer.error = raised.error;
  answer.exception_name = std::move(raised.name);
  answer.canaries_intact = slot.held.canaries_intact();
  copy_view(view, owner, is_changed_ ? nullptr : richest_buf_, answer.granted, answer.view);
  const auto after = before && !answer.granted ? references_but_for_garbage(*before) : exported_.references();
  // Only the object that was asked was counted before; a redirected owner is not known until it answers.
  const bool counts = before && after && (!answer.granted || answer.view.obj == Owner::exporter);
  if (counts) answer.references_gained = *after - *before;
  // What a refusal keeps is a fault of its own, and none of the releases after it.
  if (counts && !answer.granted && references_at_begin_) *references_at_begin_ += *answer.references_gained;

  slot.was_granted = answer.granted;
  slot.owner_is_asked = slot.is_held && answer.view.obj == Owner::exporter;
  // A view may come with more than one reference, as long as it goes with them.
  slot.gained = slot.owner_is_asked ? answer.references_gained.value_or(1) : 0;
  held_references_ += slot.gained;
  if (!answer.granted) return true;

  answer.unwritten = fields_unwritten(view);
  slot.acquired = view;
  slot.view = answer.view;
  slot.looked_at = events_;
  slot.changes = changes_;
  if (answer.view.buf == Pointer::untouched) {
    slot.seen = {};
    return true;
  }
  look_at_acquired(slot);
  if (slot.has_lost_memory) return true;  // reported where the view is read: neither bounds nor contents are at fault
  answer.memory_readable = slot.seen.readable;
  if (is_changed_) {
    most_size_ = answer.view.len;
    if (says_ != Says::nothing) compare_with_content(slot, answer);
    return true;
  }
  if (richest_buf_ == nullptr && built_layout_) {
    richest_buf_ = view.buf;
    richest_elements_ = slot.seen;
  }
  compare_answer(slot, answer);
  return true;
}

void ExporterDriver::note_differing(Slot& slot, std::optional<long> gained, Answer& answer) {
  Buffer& view = slot.held.view();
  const Owner owner = owner_of(view.obj);
  answer.granted = true;
  Raised raised = exported_.exception();
  answer.exception_set = raised.is_set;
  answer.exception_name = std::move(raised.name);
  answer.canaries_intact = slot.held.canaries_intact();
  copy_view(view, owner, richest_buf_, true, answer.view);
  if (owner == Owner::exporter) answer.references_gained = gained;
  slot.is_held = can_be_released(owner);
  slot.owner_is_asked = false;
}

void ExporterDriver::acquire_direct(int flags, Slot& slot, StepRecord& record) {
  if (!acquire_by(Route::slot, flags, slot, record.answer.emplace())) record.answer.reset();
}

// What a release came to, `view` being the struct that was handed to it.
void ExporterDriver::note_release(Slot& slot, Buffer& view, Released& released) {
  slot.is_held = false;
  released.unraisable = exported_.unraisable();
  released.exception_set = exported_.exception().is_set;
  released.obj = view.obj == nullptr                     ? Owner::null
                 : owner_of(view.obj) == Owner::exporter ? Owner::exporter
                                                         : Owner::other;
  if (!slot.owner_is_asked) return;
  held_references_ -= slot.gained;
  if (!references_at_begin_) return;
  const long owed = *references_at_begin_ + held_references_;
  if (const auto after = references_but_for_garbage(owed)) released.references_kept = *after - owed;
}

std::optional<long> ExporterDriver::references_but_for_garbage(long owed) {
  // Collecting takes long: not for each of very many references that nobody gives back.
  constexpr int most_in_vain = 50;
  auto found = exported_.references();
  if (!found || *found == owed || collected_in_vain_ == most_in_vain) return found;
  exported_.collect();
  found = exported_.references();
  if (found && *found != owed) ++collected_in_vain_;
  return found;
}

void ExporterDriver::release(Slot& slot, StepRecord& record, bool is_raising) {
  if (!slot.is_held) return;
  exported_.forget_exception();
  Buffer& view = slot.held.view();
  end_watch(slot);
  const auto before = exported_.references();
  const bool is_raised = is_raising && exported_.raise();
  exported_.release(view);
  Released& released = record.released.emplace();
  if (is_raised) released.live_exception_lost = !exported_.takes_back();
  note_release(slot, view, released);
  released.canaries_intact = slot.held.canaries_intact();
  const auto after = exported_.references();
  if (slot.owner_is_asked && before && after) usual_change_ = *after - *before;
}

void ExporterDriver::release_copy(Slot& slot, StepRecord& record) {
  if (!slot.is_held) return;
  exported_.forget_exception();
  // Shape and strides may lie inside the first struct, as PyBuffer_FillInfo makes them; nobody reads them any more.
  PoisonedView elsewhere;
  Buffer& copy = elsewhere.view();
  copy = slot.held.view();
  slot.held.poison();
  end_watch(slot);
  const auto before = exported_.references();
  exported_.release(copy);
  Released& released = record.released.emplace();
  note_release(slot, copy, released);
  // Beside a release through the struct itself: what is wrong with every release has nothing to do with the copy.
  const auto after = exported_.references();
  if (released.references_kept && before && after) released.references_kept = *after - *before - usual_change_;
  released.canaries_intact = elsewhere.canaries_intact() && slot.held.canaries_intact();
}

}  // namespace bufspec::engine
