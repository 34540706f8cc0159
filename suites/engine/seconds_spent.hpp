// How long did something take, so that what is repeated is not repeated for too long?
#pragma once

#include <ctime>

namespace bufspec::engine {

// Of the processor, for this thread: what else the machine does must not count.  0 where that is not known.
inline double seconds_spent() noexcept {
  timespec now{};
  constexpr double nanoseconds = 1e-9;
  return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0
             ? static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * nanoseconds
             : 0.0;
}

}  // namespace bufspec::engine
