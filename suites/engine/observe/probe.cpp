#include "probe.hpp"

#include <algorithm>
#include <cstdint>

#include "fault_guard.hpp"

#if defined(__linux__)
#include <sys/uio.h>
#include <unistd.h>
#else
#include <cstring>
#endif

namespace bufspec::engine {

#if defined(__linux__)

std::size_t read_safely(const void* address, std::span<char> into) noexcept {
  if (const auto copied = copy_guarded(address, into.data(), into.size())) return *copied;
  // One page at a time: the kernel may copy nothing of a stretch whose end cannot be read.
  constexpr std::uintptr_t page = 4096;
  std::size_t done = 0;
  while (done < into.size()) {
    const auto at = reinterpret_cast<std::uintptr_t>(address) + done;
    const std::size_t stretch = std::min<std::size_t>(into.size() - done, page - at % page);
    iovec local{into.data() + done, stretch};
    iovec remote{reinterpret_cast<void*>(at), stretch};
    const ssize_t read = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    if (read <= 0) break;
    done += static_cast<std::size_t>(read);
    if (static_cast<std::size_t>(read) < stretch) break;
  }
  return done;
}

bool write_safely(void* address, std::span<const char> from) noexcept {
  iovec local{const_cast<char*>(from.data()), from.size()};
  iovec remote{address, from.size()};
  return process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(from.size());
}

#else

// Elsewhere a bad pointer ends the process; the breadcrumb says that the answer was being read.
std::size_t read_safely(const void* address, std::span<char> into) noexcept {
  std::memcpy(into.data(), address, into.size());
  return into.size();
}

bool write_safely(void* address, std::span<const char> from) noexcept {
  std::memcpy(address, from.data(), from.size());
  return true;
}

#endif

}  // namespace bufspec::engine
