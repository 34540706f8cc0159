// How is an input changed so that it stays what its target reads?  One function for each form of input, linked to libFuzzer and
// to AFL++ alike; which form a target has stands in its line of the build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bufspec::fuzz {

using Bytes = std::vector<std::uint8_t>;

// Draws numbers from a seed; the same ones from the same seed.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed * 0x9e3779b97f4a7c15U + 1) {}

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t bits = state_;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebU;
    return bits ^ bits >> 31;
  }
  // 0 to count - 1; 0 for a count of 0.
  std::size_t below(std::size_t count) noexcept { return count == 0 ? 0 : static_cast<std::size_t>(next() % count); }
  std::uint8_t byte() noexcept { return static_cast<std::uint8_t>(next()); }
  bool one_in(std::size_t count) noexcept { return below(count) == 0; }

 private:
  std::uint64_t state_;
};

// Puts a word into an input.  Requires: at <= input.size().
inline void put(Bytes& input, std::size_t at, std::string_view word) {
  input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), word.begin(), word.end());
}

// Changes `input` in one place or a few.  Each form has its own source; a program links one of them.
void mutate(Bytes& input, Random& random);

// Part of two inputs: the beginning of one, and the end of the other.
void cross(Bytes& input, const Bytes& other, Random& random);

// The words that are in no input yet: those of the dictionary of the form, made from the tables of spec/.
[[nodiscard]] const std::vector<std::string_view>& words();

}  // namespace bufspec::fuzz
