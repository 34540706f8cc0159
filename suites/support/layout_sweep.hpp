// Every layout within the bounds of a sweep, one after the other.
// Table: `sweeps` of spec/layouts.yaml.  Makes descriptions only: no memory, no judgement.
#pragma once

#include <functional>
#include <vector>

#include "tables.hpp"

namespace bufspec {

// Calls visit(layout) for every layout of `sweep`, in a fixed order; returns how many there were.
//
// Each extent takes each stride of `strides_in_items` (in items; in pointers for an indirect dimension and for the
// direct ones before it), an extent of 1 also those of `strides_for_extent_one`, in bytes; absent strides once for
// each shape.  With suboffsets every pattern of -1 and 0 is tried, the one without a pointer among them, and the last
// pointer also with a suboffset of one item.  Offset and block hold every element.
// The layout passed is reused: a visitor that keeps it copies it.
std::size_t each_layout(const SweepRow& sweep, const std::function<void(const Layout&)>& visit);

// The layouts of a sweep by number, in the order of each_layout(), without all of them being held.
// Numbers asked for one behind the other are cheap: the layouts of one shape are made together.
class SweptLayouts {
 public:
  explicit SweptLayouts(SweepRow sweep);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  // Layout number `index`.  Requires: index < size().
  [[nodiscard]] const Layout& at(std::size_t index);

 private:
  SweepRow sweep_;
  std::size_t size_ = 0;
  std::vector<std::size_t> first_of_shape_;  // the number of each shape's first layout
  std::size_t made_shape_ = static_cast<std::size_t>(-1);
  std::vector<Layout> made_;
};

// The native format of that many bytes that sweeps use: B, h, i or q.
[[nodiscard]] const char* sweep_format(ssize itemsize);

}  // namespace bufspec
