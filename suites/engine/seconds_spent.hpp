// How long did something take, so that what is repeated is not repeated for too long?
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
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

// How long something takes, from now on.
class TimeTaken {
 public:
  // Of the processor; by the clock if this thread has given up the processor by itself for `times` things or more: who sleeps, or
  // waits for somebody, takes no processor time.
  [[nodiscard]] double seconds(std::uint64_t times) const noexcept {
    const double spent = of_processor();
    return waits() - waits_ < static_cast<long>(times) ? spent : std::max(spent, by_clock());
  }
  [[nodiscard]] double of_processor() const noexcept { return seconds_spent() - spent_; }
  [[nodiscard]] double by_clock() const noexcept {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  // How often this thread has waited; 0 where that is not known.
  static long waits() noexcept {
#ifdef RUSAGE_THREAD
    rusage used{};
    if (getrusage(RUSAGE_THREAD, &used) == 0) return used.ru_nvcsw;
#endif
    return 0;
  }

  double spent_ = seconds_spent();
  long waits_ = waits();
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace bufspec::engine
