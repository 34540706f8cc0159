#include "process_bytes.hpp"

#include <algorithm>

#if defined(__linux__)
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "sanitizer_calls.hpp"
#endif

namespace bufspec::engine {

#if defined(__linux__)

bool can_measure_process() noexcept { return true; }

ProcessBytes process_bytes() noexcept {
  ProcessBytes bytes;
  // AddressSanitizer keeps freed blocks from being used again, to catch who still uses them: pages grow with every
  // block that comes and goes, so only its own account tells what is held.
  if (__sanitizer_get_current_allocated_bytes != nullptr) {
    bytes.allocated = static_cast<std::int64_t>(__sanitizer_get_current_allocated_bytes());
    return bytes;
  }
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    std::array<char, 128> text{};
    const auto size = read(file, text.data(), text.size() - 1);
    close(file);
    if (size > 0) {
      char* behind_first = nullptr;
      (void)std::strtoll(text.data(), &behind_first, 10);
      bytes.resident = std::strtoll(behind_first, nullptr, 10) * sysconf(_SC_PAGESIZE);
    }
  }
#if defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 33)
  const auto account = mallinfo2();
  bytes.allocated = static_cast<std::int64_t>(account.uordblks + account.hblkhd);
#endif
#endif
  return bytes;
}

#else

bool can_measure_process() noexcept { return false; }
ProcessBytes process_bytes() noexcept { return {}; }

#endif

std::int64_t growth(const ProcessBytes& before, const ProcessBytes& after) noexcept {
  return std::max(after.resident - before.resident, after.allocated - before.allocated);
}

}  // namespace bufspec::engine
