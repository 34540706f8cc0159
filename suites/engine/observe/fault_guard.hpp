// Copies from memory that may not be there, without a system call: a fault in the copy itself ends it early, every other
// fault goes where it would have gone.
#pragma once

#include <cstddef>
#include <optional>

namespace bufspec::engine {

// Takes the signals of bad addresses while an exporter is judged.
class FaultGuard {
 public:
  FaultGuard() noexcept = default;
  ~FaultGuard();
  FaultGuard(const FaultGuard&) = delete;
  FaultGuard& operator=(const FaultGuard&) = delete;

  // Makes sure that the signals come here, whoever took them since the last call; where that cannot be (another machine
  // than x86-64 Linux) nothing is done and copy_guarded() has no answer.
  void renew() noexcept;

 private:
  bool is_taken_ = false;
};

// Copies `size` bytes from `address` to `to`; how many of them could be read before the first that could not.  Absent, and
// nothing copied, where no guard stands.  Threads may copy at once.
[[nodiscard]] std::optional<std::size_t> copy_guarded(const void* address, char* to, std::size_t size) noexcept;

}  // namespace bufspec::engine
