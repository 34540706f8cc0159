#include "thunks.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "events.hpp"

namespace bufspec::recorder {

namespace {

template <std::size_t index>
int get_by_number(PyObject* exporter, Py_buffer* view, int word) {
  return recorded_get(index, exporter, view, word);
}
template <std::size_t index>
void release_by_number(PyObject* exporter, Py_buffer* view) {
  recorded_release(index, exporter, view);
}

template <std::size_t... index>
constexpr std::array<GetBuffer, sizeof...(index)> all_gets(std::index_sequence<index...>) {
  return {get_by_number<index>...};
}
template <std::size_t... index>
constexpr std::array<ReleaseBuffer, sizeof...(index)> all_releases(std::index_sequence<index...>) {
  return {release_by_number<index>...};
}

// The originals, in the order in which they were seen, each with its stand-in.  Only the interpreter's lock is held when one is
// added, and a number is used by nobody before its thunk is in a slot.
template <typename Function>
struct Pool {
  std::array<Function, most_thunks> thunks;
  std::array<Function, most_thunks> originals{};
  std::size_t used = 0;

  [[nodiscard]] Function of(Function original) noexcept {
    const auto end = originals.begin() + static_cast<std::ptrdiff_t>(used);
    const auto found = std::find(originals.begin(), end, original);
    if (found != end) return thunks[static_cast<std::size_t>(found - originals.begin())];
    if (used == most_thunks) return nullptr;
    originals[used] = original;
    return thunks[used++];
  }
  [[nodiscard]] bool has(Function function) const noexcept {
    const auto end = thunks.begin() + static_cast<std::ptrdiff_t>(used);
    return std::find(thunks.begin(), end, function) != end;
  }
};

Pool<GetBuffer> gets{all_gets(std::make_index_sequence<most_thunks>{})};
Pool<ReleaseBuffer> releases{all_releases(std::make_index_sequence<most_thunks>{})};

}  // namespace

GetBuffer original_get(std::size_t index) noexcept { return gets.originals[index]; }
ReleaseBuffer original_release(std::size_t index) noexcept { return releases.originals[index]; }
GetBuffer thunk_of(GetBuffer original) noexcept { return gets.of(original); }
ReleaseBuffer thunk_of(ReleaseBuffer original) noexcept { return releases.of(original); }
bool is_thunk(GetBuffer function) noexcept { return gets.has(function); }
bool is_thunk(ReleaseBuffer function) noexcept { return releases.has(function); }
std::size_t count_of_thunks() noexcept { return gets.used + releases.used; }

}  // namespace bufspec::recorder
