// The one acquired buffer that all views made from each other share.  Only for memoryview*.cpp.
#pragma once

#include "bufspec/memoryview.hpp"

namespace bufspec {

struct MemoryView::Shared {
  Shared() noexcept = default;
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { bufspec::release(master); }

  Buffer master{};         // obj is null where nothing is to be released
  std::vector<char> copy;  // the memory, where it is our own
  bool is_copy = false;
};

}  // namespace bufspec
