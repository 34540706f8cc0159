// Which function of ours stands in for which function of a type?  Each original has a function of its own, so that what to call
// never depends on the type of the object: an exporter that calls the slot of its base class gets there.
#pragma once

#include "slot_layout.hpp"

namespace bufspec::recorder {

// How many functions of each of the two slots can be stood in for.
inline constexpr std::size_t most_thunks = 1024;

// What to call when number `index` was called, and what to call for it.
GetBuffer original_get(std::size_t index) noexcept;
ReleaseBuffer original_release(std::size_t index) noexcept;

// The function that stands in for `original`, the same for each call; null if there are none left.
[[nodiscard]] GetBuffer thunk_of(GetBuffer original) noexcept;
[[nodiscard]] ReleaseBuffer thunk_of(ReleaseBuffer original) noexcept;

// Whether a function is one that stands in for another.
[[nodiscard]] bool is_thunk(GetBuffer function) noexcept;
[[nodiscard]] bool is_thunk(ReleaseBuffer function) noexcept;

// How many functions are stood in for.
[[nodiscard]] std::size_t count_of_thunks() noexcept;

}  // namespace bufspec::recorder
