// What do the bytes of an input say, one decision after another?  Total: every byte string is a valid test, and where bytes
// are missing they are 0.  A memory is one byte that says how many bytes spell it, and those bytes; what follows the
// memories is taken in records of `record_bytes`, so that a mutator can move whole decisions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "bufspec/scenario.hpp"

namespace bufspec::fuzz {

inline constexpr std::size_t record_bytes = 4;

class Drawn {
 public:
  explicit Drawn(std::span<const std::uint8_t> bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] bool is_done() const noexcept { return at_ >= bytes_.size(); }

  std::uint8_t byte() noexcept { return is_done() ? std::uint8_t{0} : bytes_[at_++]; }
  bool truth() noexcept { return (byte() & 1) != 0; }
  // 0 to count - 1.  Requires: 0 < count <= 256.
  std::size_t below(std::size_t count) noexcept { return byte() % count; }
  // -128 to 127.
  ssize small() noexcept { return static_cast<std::int8_t>(byte()); }

  // Mostly a small number; at times one of the ends of what a number can be, or any.
  std::int64_t number() noexcept {
    constexpr std::int64_t ends[]{std::numeric_limits<std::int64_t>::max(),
                                  std::numeric_limits<std::int64_t>::min(),
                                  std::numeric_limits<std::int32_t>::max(),
                                  std::int64_t{1} << 32,
                                  65536,
                                  -129};
    const std::uint8_t mark = byte();
    if (mark < 0xe0) return static_cast<std::int64_t>(mark) - 96;
    if (mark - 0xe0U < std::size(ends)) return ends[mark - 0xe0U];
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits |= std::uint64_t{byte()} << (8 * i);
    return static_cast<std::int64_t>(bits);
  }

  // So many bytes, or as many as there are.
  std::span<const std::uint8_t> take(std::size_t count) noexcept {
    const auto taken = bytes_.subspan(std::min(at_, bytes_.size()), std::min(count, bytes_.size() - at_));
    at_ += taken.size();
    return taken;
  }
  std::span<const std::uint8_t> rest() noexcept { return take(bytes_.size()); }

  // A memory that can exist.
  Layout layout() { return decode_layout(take(byte())); }

  // The next record; false at the end.
  bool record(std::span<const std::uint8_t>& record) noexcept {
    if (is_done()) return false;
    record = take(record_bytes);
    return true;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace bufspec::fuzz
