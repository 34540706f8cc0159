// Which of its questions does an input ask?  All of all inputs would cost more than trying the next input; the bytes choose, so
// that the same input asks the same again, and a neighbour of it something else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bufspec::fuzz {

class Chosen {
 public:
  explicit Chosen(std::span<const std::uint8_t> bytes) noexcept {
    for (const std::uint8_t byte : bytes) left_ += byte;
  }

  // 0 to count - 1.
  std::size_t one_of(std::size_t count) noexcept {
    const std::size_t chosen = left_ % count;
    left_ /= count;
    return chosen;
  }

 private:
  std::size_t left_ = 0;
};

}  // namespace bufspec::fuzz
