// Which code runs, and at which instruction, without an object being made for the frame?  That object costs more than all else that is
// recorded of a request.
//
// Where the interpreter keeps this is found by trial, for it is no interface: the trial compares what it finds with what the interface
// says, in several frames.  What is found later is a key and nothing more: the first time that it is seen, the interface says
// which place it stands for.
#pragma once

#include "slot_layout.hpp"

namespace bufspec::recorder {

// What tells a place of the code from others; zeros where it is not known.
struct FrameKey {
  const void* code = nullptr;
  const void* instruction = nullptr;
};

[[nodiscard]] FrameKey innermost_key() noexcept;

// Finds where to look; without it innermost_key() knows nothing.  Leaves no exception.
void find_frames() noexcept;

}  // namespace bufspec::recorder
