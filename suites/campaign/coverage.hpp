// Which places of a subject's own code did a scenario come through?  Where its library was built with coverage
// instrumentation, the callbacks of that write here (the CPython adapter has them); else nothing does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "bufspec/scenario.hpp"

namespace bufspec::campaign {

inline constexpr std::size_t coverage_places = std::size_t{1} << 16;

static_assert(max_steps <= UINT8_MAX);

class Coverage {
 public:
  // The one that the callbacks write to.
  [[nodiscard]] static Coverage& of_process() noexcept;

  // From now on places are counted, from none.
  void begin() noexcept {
    for (std::size_t n = 0; n < touched_count_; ++n) hits_[touched_[n]] = 0;
    touched_count_ = 0;
    before_ = 0;
    step_ = 0;
    is_on_ = true;
  }
  // What is counted from now on belongs to that step.
  void step(std::size_t number) noexcept { step_ = static_cast<std::uint8_t>(number); }
  void end() noexcept { is_on_ = false; }

  // The code is at `place`: what is counted is the way from the place before it.
  void visit(std::uint32_t place) noexcept {
    if (!is_on_) return;
    const auto edge = static_cast<std::uint16_t>((place * 0x9e3779b1U >> 16) ^ before_);
    before_ = static_cast<std::uint16_t>((place * 0x9e3779b1U >> 17));
    std::uint8_t& hits = hits_[edge];
    if (hits == 0) {
      if (touched_count_ < touched_.size()) touched_[touched_count_++] = edge;
      steps_[edge] = step_;
    }
    if (hits < 255) ++hits;
    is_there_ = true;
  }

  // Whether any code was ever seen.
  [[nodiscard]] bool is_there() const noexcept { return is_there_; }

  // Calls `see(edge, times, step)` for each that was taken, with the step that took it first.
  template <typename See>
  void each(See&& see) const {
    for (std::size_t n = 0; n < touched_count_; ++n)
      see(std::uint32_t{touched_[n]}, hits_[touched_[n]], std::uint32_t{steps_[touched_[n]]});
  }

 private:
  std::array<std::uint8_t, coverage_places> hits_{};
  std::array<std::uint8_t, coverage_places> steps_{};
  std::array<std::uint16_t, coverage_places> touched_{};
  std::size_t touched_count_ = 0;
  std::uint16_t before_ = 0;
  std::uint8_t step_ = 0;
  bool is_on_ = false;
  bool is_there_ = false;
};

}  // namespace bufspec::campaign
