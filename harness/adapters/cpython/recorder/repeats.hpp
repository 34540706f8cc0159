// Which events are like one that was recorded before?  Of those a byte or less is written: most requests and releases of a loop are.
//
// Some events are kept, each in a numbered slot, with what followed it last time.  The reader keeps the same: what is written is
// whether the expected one came, or the slot of another one.
#pragma once

#include <cstdint>

#include "definitions.hpp"
#include "frames.hpp"

namespace bufspec::recorder {

// What a request or a release is compared by before its answer is.
struct Call {
  FrameKey place;
  const PyTypeObject* type;
  const PyObject* exporter;
  const Py_buffer* view;
  std::uint64_t function;  // which function of a type stands for the original, and the flags of a request

  friend bool operator==(const Call&, const Call&) = default;
};
[[nodiscard]] inline std::uint64_t function_of_request(std::size_t index, int word) noexcept {
  return std::uint64_t{index} << 33 | static_cast<std::uint32_t>(word);
}
[[nodiscard]] inline std::uint64_t function_of_release(std::size_t index) noexcept {
  return std::uint64_t{index} << 33 | std::uint64_t{1} << 32;
}

using SlotNumber = std::uint32_t;
inline constexpr SlotNumber slot_count = 4096;
inline constexpr SlotNumber no_slot = slot_count;

// A slot with the same request and the same answer; no_slot if none has.
[[nodiscard]] SlotNumber slot_with(const Call& call, const Py_buffer& answer) noexcept;

// A slot with the same release of the same memory, and what to write if that slot is lost before the release has happened.
struct KeptRelease {
  SlotNumber slot = no_slot;
  std::uint64_t kept = 0;  // which of all events that were ever kept
  std::uint64_t type = 0, place = 0;
};
[[nodiscard]] KeptRelease release_with(const Call& call, const void* memory) noexcept;
[[nodiscard]] bool is_kept_still(const KeptRelease& release) noexcept;

// Writes that the event of a slot came again; false if there is no room.
[[nodiscard]] bool write_again(SlotNumber slot) noexcept;

// Whether one with the same call was seen not long ago: what comes once is not kept.
[[nodiscard]] bool was_seen(const Call& call) noexcept;

// The slot of a new event, for the caller to write: it is kept there from now on.  What an answer has in its arrays and its format is
// compared as far as `read` says, and if it is too long for a slot there is none.
[[nodiscard]] SlotNumber keep_request(const Call& call, const Py_buffer& answer, std::uint8_t read) noexcept;
[[nodiscard]] SlotNumber keep_release(const Call& call, const void* memory, std::uint64_t type,
                                      std::uint64_t place) noexcept;

// An object died whose address stands for it: code, or a type.
void forget_calls_of(const void* dead) noexcept;
void forget_repeats() noexcept;

}  // namespace bufspec::recorder
