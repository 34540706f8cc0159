// What our exporter hands out to consumers: its memory, that of all or a copy for the view, and arrays.  Whatever its behaviours do to
// either is here, and so is what consumers have written; objects, references and requests are the adapters'.
#pragma once

#include <cstdint>
#include <memory>

#include "bufspec/view.hpp"
#include "guarded_memory.hpp"
#include "planned_memory.hpp"

namespace bufspec::engine {

// The arrays of a view, as they lie in memory.
struct HandedArrays {
  Extents shape;
  Extents strides;
  Extents suboffsets;
  char format[FormatText::capacity + 1];
};

// What one view was given.
struct HandedView {
  const Buffer* place = nullptr;  // where the struct was
  Buffer handed{};  // what it held
  char* memory = nullptr;  // where its memory begins
  GuardedBlock own_memory;  // a copy for this view, if it has one
  GuardedBlock own_arrays;  // room for its arrays, if they are its own

  // The blocks of its own are given back.
  void forget_own() noexcept;
};

// Not for two threads at once.
class HandedMemory {
 public:
  // is_set() says whether there was room.
  HandedMemory(std::shared_ptr<PlannedMemory> plan, std::uint32_t behaviours);

  [[nodiscard]] bool is_set() const noexcept { return block_.is_set(); }
  [[nodiscard]] PlannedMemory& plan() noexcept { return *plan_; }
  [[nodiscard]] const PlannedMemory& plan() const noexcept { return *plan_; }
  // The memory of all views that have none of their own.
  [[nodiscard]] char* data() const noexcept { return block_.data(); }

  // Leads `view`, which the model has answered, to memory and arrays, and bends it as the behaviours have it; `plainly`: to those
  // of all, and as it is.  False where there is no room.
  [[nodiscard]] bool hand_out(int flags, bool plainly, HandedView& to, Buffer& view);
  // field_bit::* of what `view` no longer holds as it was handed out; what was changed in place is put right.  What was written into memory
  // of its own is noted, and goes to that of all; the memory is then given up as the behaviours have it.
  [[nodiscard]] unsigned take_back(HandedView& from, const Buffer& view);

  // What consumers have written since renew(): as far as it was noted, and in the memory of all.
  [[nodiscard]] MemoryChange change() const;
  // Adds what was written into the memory of a view that is held.
  void add_change_of(const HandedView& held, MemoryChange& found) const;
  [[nodiscard]] const MemoryChange& noted() const noexcept { return noted_; }
  // Writes the memory anew, where it was changed.  Not while a view is held.
  void renew();

 private:
  [[nodiscard]] bool has(std::uint32_t behaviour) const noexcept { return (behaviours_ & behaviour) != 0; }
  [[nodiscard]] Placement placement() const noexcept;
  [[nodiscard]] bool give_own_memory(HandedView& to) const;
  [[nodiscard]] bool give_own_arrays(HandedView& to) const;
  void bend(int flags, HandedArrays& arrays, Buffer& view) const noexcept;
  void give_up(GuardedBlock& own) const noexcept;

  std::shared_ptr<PlannedMemory> plan_;
  std::uint32_t behaviours_;
  GuardedBlock block_;
  HandedArrays expected_;  // what the arrays of each view have to hold
  HandedArrays arrays_;  // those of views without their own
  MemoryChange noted_;  // in memory that views had to themselves
};

}  // namespace bufspec::engine
