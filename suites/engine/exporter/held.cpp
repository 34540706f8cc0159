// Steps with views that are held: is the struct still what it was, the memory still there, and written truthfully?
#include <algorithm>
#include <array>
#include <cstring>

#include "driver.hpp"
#include "suites/engine/observe/large_memory.hpp"
#include "suites/engine/observe/probe.hpp"
#include "suites/engine/observe/reused_memory.hpp"

namespace bufspec::engine {

namespace {

// An element may be large; so many of its bytes are changed.
constexpr ssize most_written_bytes = 256;

bool same_values(const Extents& left, const Extents& right, int ndim) noexcept {
  const int count = std::clamp(ndim, 0, max_ndim);
  return std::equal(left.begin(), left.begin() + count, right.begin());
}

// How the struct `now`, whose value is `view`, differs from what it was.
void note_changes(const Buffer& now, const View& view, const Buffer& then, const View& was, Reread& reread) {
  const auto compare = [&](bool same, unsigned bit) { reread.changed |= same ? 0U : bit; };
  compare(now.buf == then.buf, field_bit::buf);
  compare(now.obj == then.obj, field_bit::obj);
  compare(now.len == then.len, field_bit::len);
  compare(now.itemsize == then.itemsize, field_bit::itemsize);
  compare(now.readonly == then.readonly, field_bit::readonly);
  compare(now.ndim == then.ndim, field_bit::ndim);
  compare(now.internal == then.internal, field_bit::internal);
  // The values of an array that was not read are nobody's: they are not looked at.
  const auto compare_array = [&](const ssize* array, const ssize* before, Pointer state, Pointer state_before,
                                 const Extents& values, const Extents& values_before, unsigned bit) {
    if (state == Pointer::unreadable && state_before == Pointer::readable) {
      reread.unreadable |= bit;
    } else {
      compare(array == before && state == state_before &&
                  (state != Pointer::readable || same_values(values, values_before, was.ndim)),
              bit);
    }
  };
  compare_array(now.shape, then.shape, view.shape, was.shape, view.shape_values, was.shape_values, field_bit::shape);
  compare_array(now.strides, then.strides, view.strides, was.strides, view.strides_values, was.strides_values,
                field_bit::strides);
  compare_array(now.suboffsets, then.suboffsets, view.suboffsets, was.suboffsets, view.suboffsets_values,
                was.suboffsets_values, field_bit::suboffsets);
  if (view.format == Pointer::unreadable && was.format == Pointer::readable) {
    reread.unreadable |= field_bit::format;
  } else {
    compare(now.format == then.format && view.format == was.format &&
                (view.format != Pointer::readable || view.format_text.text() == was.format_text.text()),
            field_bit::format);
  }
}

}  // namespace

// Whether something happened since the last look at the memory that may have made the object free it.
bool ExporterDriver::may_have_lost_memory(const Slot& slot) const noexcept {
  return slot.looked_at + 1 < events_ && slot.seen.readable == true && slot.seen.bytes > 0;
}

// Whether memory of the slot, which shows `seen`, was handed out again as one of these.
bool ExporterDriver::is_handed_out(const Slot& slot, FreshBlocks& blocks, const SeenMemory& seen) const {
  const auto stretch = stretch_of(slot.view, slot.acquired.buf);
  if (!stretch || seen.readable != true) return false;
  if (blocks.have(stretch->first, stretch->last)) return true;
  if (!stretch->has_pointers || !seen.complete || is_volatile()) return false;
  // Where the elements lie in many blocks, it is seen by what they show.
  blocks.write();
  SeenMemory again;
  look_at_memory(slot.view, slot.acquired.buf, again);
  return again.elements != seen.elements;
}

void ExporterDriver::read(Slot& slot, StepRecord& record) {
  if (!slot.is_held) return;
  slot.has_lost_memory = slot.has_lost_memory || slot.watched.was_freed();
  // First of all, before an allocation of ours gets what the object may have freed.
  std::optional<FreshBlocks> blocks;
  if (!slot.has_lost_memory && may_have_lost_memory(slot))
    blocks.emplace(static_cast<std::size_t>(slot.seen.bytes), exported_.object_size(), exported_.allocators());

  Reread& reread = record.reread.emplace();
  const Buffer& now = slot.held.view();
  View view;
  copy_view(now, owner_of(now.obj), richest_buf_, true, view);
  note_changes(now, view, slot.acquired, slot.view, reread);

  constexpr std::array bits{field_bit::format, field_bit::shape, field_bit::strides, field_bit::suboffsets};
  for (std::size_t number = 0; number < bits.size(); ++number)
    if (slot.watched_arrays[number].was_freed()) reread.freed |= bits[number];

  // The memory is looked at where the view said it is.
  SeenMemory seen;
  look_at_memory(slot.view, slot.acquired.buf, seen, slot.seen.digest ? Look::whole : Look::sample);
  if (blocks) slot.has_lost_memory = is_handed_out(slot, *blocks, seen);
  slot.looked_at = events_;
  reread.memory_reused = slot.has_lost_memory;
  // What could not be read when it was acquired is no news.
  reread.memory_readable = slot.seen.readable != true || seen.readable.value_or(true);
  reread.elements = compare(seen, slot.seen);
  slot.seen.digest.reset();  // one look at the whole is enough
  if (has_made_another_ && (reread.memory_reused || !reread.memory_readable)) record.reread.reset();
}

void ExporterDriver::write(Slot& slot, StepRecord& record) {
  if (!slot.is_held) return;
  Written& written = record.written.emplace();
  slot.has_lost_memory = slot.has_lost_memory || slot.watched.was_freed();
  if (slot.view.readonly != 0 || slot.seen.readable != true || slot.has_lost_memory) return;
  // Memory of which somebody says that it never changes is not ours to write.
  if (exported_.is_declared_readonly() || unchanging_of(slot) != Unchanging::no) return;
  if (may_have_lost_memory(slot)) {
    // Freed memory belongs to the allocator: to write there would be a fault of ours.
    FreshBlocks blocks(static_cast<std::size_t>(slot.seen.bytes), exported_.object_size(), exported_.allocators());
    SeenMemory seen;
    look_at_memory(slot.view, slot.acquired.buf, seen);
    slot.has_lost_memory = is_handed_out(slot, blocks, seen);
    if (slot.has_lost_memory) return;
  }
  const auto corners = corner_elements(slot.view, slot.acquired.buf);
  for (std::size_t number = 0; number < corners.size() && written.possible; ++number)
    write_element(slot, corners[number], number, written);
}

// Complements the bytes of an element, the first or (number 1) the last, looks, and puts them back.
void ExporterDriver::write_element(Slot& slot, char* element, std::size_t number, Written& written) {
  // Without extents the memory is bytes, as it is for look_at_memory().
  const bool has_extents = slot.view.shape == Pointer::readable && slot.view.ndim > 0;
  const ssize itemsize = has_extents ? slot.view.itemsize : 1;
  const auto size = static_cast<std::size_t>(std::clamp<ssize>(itemsize, 1, most_written_bytes));
  std::string original(size, '\0');
  if (read_safely(element, original) != size) return;
  std::string changed = original;
  for (char& byte : changed) byte = static_cast<char>(~byte);

  SeenMemory before;
  look_at_memory(slot.view, slot.acquired.buf, before);
  struct Other {
    const Slot* slot;
  };
  std::array<Other, max_slots> others{};
  std::size_t other_count = 0;
  for (const Slot& other : slots_) {
    if (&other == &slot || !other.is_held || !before.has_elements()) continue;
    if (other.changes != slot.changes) continue;  // an operation may have moved the memory in between
    SeenMemory seen;
    look_at_memory(other.view, other.acquired.buf, seen);
    // Only a view that shows the same elements before can be expected to show the same ones after.
    if (seen.has_elements() && seen.agrees_with(before)) others[other_count++] = {&other};
  }

  written.tried = true;
  written.possible = write_safely(element, changed);
  if (!written.possible) return;
  SeenMemory after;
  look_at_memory(slot.view, slot.acquired.buf, after);
  const auto step = static_cast<std::size_t>(itemsize);
  // Of large memory the beginning of the last item may not be in the sample.
  const bool is_seen = number == 0 || !after.is_sample || step <= sampled_edge;
  if (after.has_elements() && after.elements.size() >= (number == 0 || !is_seen ? size : step)) {
    const std::size_t at = number == 0 ? 0 : after.elements.size() - step;
    if (is_seen) {
      written.read_back = written.read_back && after.elements.compare(at, size, changed) == 0;
    } else {
      std::string now(size, '\0');
      written.read_back = written.read_back && read_safely(element, now) == size && now == changed;
    }
    for (std::size_t n = 0; n < other_count; ++n) {
      SeenMemory seen;
      look_at_memory(others[n].slot->view, others[n].slot->acquired.buf, seen);
      if (seen.has_elements() && seen.agrees_with(after)) {
        if (written.elsewhere == SameElements::not_compared) written.elsewhere = SameElements::same;
      } else {
        written.elsewhere = SameElements::different;
      }
    }
  }
  SeenMemory restored;
  written.restored = write_safely(element, original) && written.restored;
  look_at_memory(slot.view, slot.acquired.buf, restored);
  if (before.has_elements()) written.restored = written.restored && restored.elements == before.elements;
}

}  // namespace bufspec::engine
