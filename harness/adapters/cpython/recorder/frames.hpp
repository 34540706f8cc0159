// Which code runs, at which instruction, and is an exception set?  Asked of the interface, the frame is made an object, which costs more
// than all else that is recorded of a request.
//
// Where the interpreter keeps this is found by trial, for it is no interface: the trial compares what it finds with what the interface
// says, in several frames.  What is found later is a key and nothing more: the first time that it is seen, the interface says
// which place it stands for.
#pragma once

#include <cstdint>
#include <cstring>

#include "slot_layout.hpp"

namespace bufspec::recorder {

// What tells a place of the code from others; zeros where it is not known.
struct FrameKey {
  const void* code = nullptr;
  const void* instruction = nullptr;

  friend bool operator==(const FrameKey&, const FrameKey&) = default;
};

// Where a thread state has what is looked for, as offsets; 0 where it was not found, for the first word is none of it.
struct Way {
  std::size_t in_thread = 0;  // a pointer to the frame, or to what points at it
  std::size_t in_between = 0;
  bool is_indirect = false;
  std::size_t code = 0;  // in the frame
  std::size_t instruction = 0;

  friend bool operator==(const Way&, const Way&) = default;
};
struct Offsets {
  bool is_frame_known = false;
  Way frame;
  std::size_t interpreter = 0;
  std::size_t exception = 0;  // null as long as none is set
};
inline Offsets offsets;
inline constexpr std::uintptr_t tag_bits = 3;  // since 3.14 a frame marks in its pointer to the code who owns it

// The thread that runs.
class RunningThread {
 public:
  [[nodiscard]] bool is_of(const PyInterpreterState* interpreter) const noexcept {
    if (offsets.interpreter == 0) [[unlikely]]
      return PyInterpreterState_Get() == interpreter;
    return address_at(state_, offsets.interpreter) == interpreter;
  }
  [[nodiscard]] bool has_exception() const noexcept {
    if (offsets.exception == 0) [[unlikely]]
      return PyErr_Occurred() != nullptr;
    return address_at(state_, offsets.exception) != nullptr;
  }
  [[nodiscard]] FrameKey innermost() const noexcept {
    const Way& way = offsets.frame;
    if (!offsets.is_frame_known) return {};
    const void* frame = address_at(state_, way.in_thread);
    if (way.is_indirect && frame != nullptr) frame = address_at(frame, way.in_between);
    if (frame == nullptr) return {};
    const auto code = reinterpret_cast<std::uintptr_t>(address_at(frame, way.code)) & ~tag_bits;
    return {reinterpret_cast<const void*>(code), address_at(frame, way.instruction)};
  }

 private:
  static const void* address_at(const void* object, std::size_t offset) noexcept {
    const void* found = nullptr;
    std::memcpy(&found, static_cast<const char*>(object) + offset, sizeof found);
    return found;
  }

  const void* state_ = PyThreadState_Get();
};

// Finds where to look; what is not found is asked of the interface.  Leaves no exception.
void find_offsets() noexcept;

}  // namespace bufspec::recorder
