// What every oracle test needs: the tables that were loaded, the bound in force, and words for messages.
// Tests here compare; what is right is stated by the tables (suites/support) and by reference/ alone.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "test_tables.hpp"

namespace bufspec::oracle {

// The layout of that name; throws if there is none.
[[nodiscard]] inline const Layout& named(std::string_view layout) {
  const LayoutRow* row = tables().layout(layout);
  if (row == nullptr) throw std::runtime_error("no layout is called " + std::string(layout));
  return row->layout;
}

[[nodiscard]] inline std::size_t dimensions(const Layout& layout) noexcept {
  return static_cast<std::size_t>(layout.ndim);
}

// The bound of exhaustive sweeps: that named by BUFSPEC_BOUND, by default "short".
[[nodiscard]] const SweepRow& bound();

// "current" or "2010".
[[nodiscard]] inline const char* name_of(Edition edition) { return edition == Edition::current ? "current" : "2010"; }

inline constexpr std::uint32_t python_3_12 = 0x030c0000;

// Keeps the first few failures of a sweep and counts the rest, so that a broken row prints lines and not megabytes.
class Disagreements {
 public:
  void add(const std::string& text) {
    if (++count_ <= shown) text_ += "  " + text + '\n';
  }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::string text() const {
    return std::to_string(count_) + " disagreements" + (count_ > shown ? ", the first of them:\n" : ":\n") + text_;
  }

 private:
  static constexpr std::size_t shown = 5;
  std::size_t count_ = 0;
  std::string text_;
};

}  // namespace bufspec::oracle
