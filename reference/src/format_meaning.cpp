// Do two formats describe the same elements at the same places?
// Walks both lists of members side by side, whole runs at a time; the number of steps is bounded, because a few letters
// can describe more structures than can be counted.
#include <array>

#include "bufspec/format.hpp"

namespace bufspec {

namespace {

constexpr long step_budget = 1'000'000;

// Elements of one kind, one directly behind the other, at a place counted from the start of the whole.
struct Run {
  const FormatItem* item = nullptr;
  ssize offset = 0;
  ssize bit = 0;
  ssize count = 0;
};

// The elements of a list of members in turn, structures unfolded and padding left out.
class Cursor {
 public:
  Cursor(const Format& format, std::size_t first, std::size_t end) noexcept : items_(format.items) {
    frames_[0] = {first, first, end, 1, 0, 0};
  }

  // The next run into `run`; false behind the last one or when `budget` is used up.
  bool next(Run& run, long& budget) noexcept {
    while (budget-- > 0) {
      Frame& frame = frames_[depth_];
      if (frame.at == frame.end) {
        if (--frame.repeats > 0) {
          frame.at = frame.first;
          frame.base += frame.stride;
        } else if (depth_ == 0) {
          return false;
        } else {
          --depth_;
        }
        continue;
      }
      const std::size_t place = frame.at;
      const FormatItem& item = items_[place];
      frame.at = item.end;
      const bool is_nothing =
          item.count == 0 || item.kind == FormatKind::pad || (item.kind == FormatKind::bits && item.size == 0);
      if (is_nothing) continue;
      const ssize offset = frame.base + item.offset;
      if (item.kind == FormatKind::structure) {
        if (item.end == place + 1) continue;
        frames_[++depth_] = {place + 1, place + 1, item.end, item.count, offset, item.stride};
        continue;
      }
      run = {&item, offset, item.bit, item.count};
      return true;
    }
    return false;
  }

  [[nodiscard]] std::size_t place_of(const Run& run) const noexcept {
    return static_cast<std::size_t>(run.item - items_.data());
  }

 private:
  struct Frame {
    std::size_t first = 0;
    std::size_t at = 0;
    std::size_t end = 0;
    ssize repeats = 1;
    ssize base = 0;
    ssize stride = 0;
  };

  const std::vector<FormatItem>& items_;
  std::array<Frame, max_format_depth + 1> frames_{};
  std::size_t depth_ = 0;
};

// Drops the first `count` elements of a run.
void drop(Run& run, ssize count) noexcept {
  run.count -= count;
  if (run.count == 0) return;
  if (run.item->kind == FormatKind::bits)
    run.bit += count * run.item->stride;
  else
    run.offset += count * run.item->stride;
}

// The place of a run in bits, of which each byte has eight.
constexpr ssize bits_a_byte = 8;
struct Place {
  explicit Place(const Run& run) noexcept : byte(run.offset + run.bit / bits_a_byte), bit(run.bit % bits_a_byte) {}
  bool operator==(const Place&) const = default;

  ssize byte;
  ssize bit;
};

bool starts_equal(const Run& left, const Run& right) noexcept {
  const FormatItem& l = *left.item;
  const FormatItem& r = *right.item;
  return l.kind == r.kind && l.size == r.size && l.order == r.order && Place(left) == Place(right);
}

bool elements_equal(const Format& left, Cursor left_cursor, const Format& right, Cursor right_cursor, long& budget) {
  Run l;
  Run r;
  for (;;) {
    const bool has_left = l.count > 0 || left_cursor.next(l, budget);
    const bool has_right = r.count > 0 || right_cursor.next(r, budget);
    if (budget <= 0 || has_left != has_right) return false;
    if (!has_left) return true;
    if (!starts_equal(l, r)) return false;
    if (l.item->kind == FormatKind::pointer) {
      const std::size_t l_place = left_cursor.place_of(l);
      const std::size_t r_place = right_cursor.place_of(r);
      const Cursor l_target(left, l_place + 1, l.item->end);
      const Cursor r_target(right, r_place + 1, r.item->end);
      if (!elements_equal(left, l_target, right, r_target, budget)) return false;
    }
    const ssize count = l.count < r.count ? l.count : r.count;
    drop(l, count);
    drop(r, count);
    --budget;
  }
}

}  // namespace

bool formats_equal(std::string_view left, std::string_view right) {
  if (left == right) return format_size(left).ok();
  const auto l = parse_format(left);
  const auto r = parse_format(right);
  if (!l.ok() || !r.ok() || l.value.whole.size != r.value.whole.size) return false;
  long budget = step_budget;
  return elements_equal(l.value, {l.value, 0, l.value.items.size()}, r.value, {r.value, 0, r.value.items.size()},
                        budget);
}

}  // namespace bufspec
