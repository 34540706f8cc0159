// The garbage collector, where it must not become slow: what was there before a run, what a first call imports, and what
// a subject leaks is not looked through again at each collection.
#pragma once

#include "python_api.hpp"

namespace bufspec::cpython {

// While it lives, the objects that were there before it are not looked at by the garbage collector.
class FrozenObjects {
 public:
  FrozenObjects();
  ~FrozenObjects();
  FrozenObjects(const FrozenObjects&) = delete;
  FrozenObjects& operator=(const FrozenObjects&) = delete;

  [[nodiscard]] static bool are_there() noexcept;
};

// Collects for one subject, and notes whether that took long.
class Collector {
 public:
  void collect();
  void expect_slow() noexcept { is_slow_ = true; }
  // Freezes what lives if the last collection took long, a bounded number of times; only while there are FrozenObjects.
  // Requires: between two cases, so that what lives is not an object that is judged.
  void freeze_if_slow();

 private:
  int frozen_ = 0;
  bool is_slow_ = false;
};

}  // namespace bufspec::cpython
