// Numbers that only look random: the same from the same seed on every machine.
// Knows nothing of what they decide.
#pragma once

#include <cstdint>

namespace bufspec::engine {

// splitmix64: each number follows from the seed alone.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t bits = state_ += 0x9e3779b97f4a7c15ULL;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
    return bits ^ (bits >> 31);
  }

  // A number from 0 on and below `bound`.  Requires: bound > 0.
  std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }

  // True once in `bound` times.  Requires: bound > 0.
  bool once_in(std::uint64_t bound) noexcept { return below(bound) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace bufspec::engine
