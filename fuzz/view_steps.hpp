// Which operations does an input make on memoryviews?  One record is one operation on one of the views that exist; the
// target over a plain model and the one over a live interpreter draw them alike.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "bufspec/memoryview.hpp"
#include "drawn.hpp"

namespace bufspec::fuzz {

enum class ViewStep : std::uint8_t {
  slice,
  cast,
  cast_shaped,
  toreadonly,
  again,
  item,
  tobytes,
  equals,
  request,
  release
};
inline constexpr std::size_t view_steps = 10;
inline constexpr std::size_t most_views = 12;
inline constexpr int most_operations = 40;

struct ViewOperation {
  ViewStep step = ViewStep::slice;
  std::size_t view = 0;  // on which of those that exist
  std::size_t other = 0;  // of equals: and which other
  Slice slice;
  std::string_view format;
  std::vector<ssize> shape;
  std::vector<ssize> index;
  char order = 'C';
  int flags = 0;
};

inline std::optional<ssize> bound_from(std::uint8_t nibble) {
  return nibble % 16 == 15 ? std::nullopt : std::optional<ssize>(nibble % 16 - 7);
}

// The operation that a record spells on one of `views` views, of which `ndim_of(k)` says the dimensions.
template <typename Dimensions>
[[nodiscard]] ViewOperation operation_from(std::span<const std::uint8_t> record, std::size_t views,
                                           Dimensions ndim_of) {
  constexpr std::array<std::string_view, 19> formats{"B", "b",  "c",  "?",  "h", "H",  "i", "I", "l", "q",
                                                     "Q", "@B", "@q", "<i", "f", "3s", "",  "N", "d"};
  constexpr std::array<ssize, 6> steps{1, 2, 3, -1, -2, 0};
  Drawn drawn(record);
  ViewOperation made;
  made.step = static_cast<ViewStep>(drawn.below(view_steps));
  made.view = drawn.below(views);
  const std::uint8_t first = drawn.byte();
  const std::uint8_t second = drawn.byte();
  made.other = first % views;
  made.slice = {bound_from(first), bound_from(first / 16), steps[second % steps.size()]};
  made.format = formats[first % formats.size()];
  for (int bits = second; bits > 0; bits /= 8) made.shape.push_back(bits % 8);
  made.order = "CFAx"[first % 4];
  made.flags = first | (second & 3) << 8;
  const int ndim = ndim_of(made.view);
  for (int d = 0; d < ndim - (second % 16 == 15 ? 1 : 0); ++d)
    made.index.push_back((first >> d % 4 * 2) % 4 - (second >> d % 8 & 1));
  return made;
}

}  // namespace bufspec::fuzz
