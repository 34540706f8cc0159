// Which indices does a slice count through?  Found by counting: what the reference's slices are held against.
#pragma once

#include <algorithm>
#include <vector>

#include "bufspec/memoryview.hpp"

namespace bufspec {

// What Python's range(*slice(...).indices(extent)) counts through.  Requires: a step other than 0.
[[nodiscard]] inline std::vector<ssize> slice_indices(const Slice& slice, ssize extent) {
  const bool is_forward = slice.step > 0;
  const auto bounded = [&](ssize at) {
    if (at < 0) at += extent;
    return std::clamp<ssize>(at, is_forward ? 0 : -1, is_forward ? extent : extent - 1);
  };
  const ssize start = slice.start ? bounded(*slice.start) : (is_forward ? 0 : extent - 1);
  const ssize stop = slice.stop ? bounded(*slice.stop) : (is_forward ? extent : -1);
  std::vector<ssize> indices;
  for (ssize i = start; is_forward ? i < stop : i > stop; i += slice.step) indices.push_back(i);
  return indices;
}

}  // namespace bufspec
