// How a fuzz target says that something must hold.  A broken property ends the process, which is what
// libFuzzer, AFL++ and the replay all understand; the message names the property, not the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace bufspec::fuzz {

// Ends the process with `property`, a claim in words, unless it `holds`.
inline void must_hold(bool holds, const char* property) noexcept {
  if (holds) return;
  std::fprintf(stderr, "broken property: %s\n", property);
  std::abort();
}

}  // namespace bufspec::fuzz
