#include "fault_guard.hpp"

#if defined(__linux__) && defined(__x86_64__) && defined(__LP64__)

#include <signal.h>
#include <ucontext.h>

#include <array>
#include <atomic>
#include <cstdint>

// What could not be copied of `size` bytes.  The one instruction that may fault is between the two labels; the count of
// what is left is in its register when it does, so that to go on behind it is to have copied less.
asm(R"(
  .pushsection .text
  .type bufspec_copy_guarded, @function
  .hidden bufspec_copy_guarded
  .globl bufspec_copy_guarded
bufspec_copy_guarded:
  .cfi_startproc
  mov %rdx, %rcx
  .hidden bufspec_copy_faults
  .globl bufspec_copy_faults
bufspec_copy_faults:
  rep movsb
  .hidden bufspec_copy_ends
  .globl bufspec_copy_ends
bufspec_copy_ends:
  mov %rcx, %rax
  ret
  .cfi_endproc
  .size bufspec_copy_guarded, .-bufspec_copy_guarded
  .popsection
)");

extern "C" {
std::size_t bufspec_copy_guarded(void* to, const void* from, std::size_t size) noexcept;
extern const char bufspec_copy_faults[] __attribute__((visibility("hidden")));
extern const char bufspec_copy_ends[] __attribute__((visibility("hidden")));
}

namespace bufspec::engine {

namespace {

constexpr std::array bad_address_signals{SIGSEGV, SIGBUS};

// Handlers are of the process, and so is what they read.
struct Taken {
  struct sigaction before;
  std::atomic<bool> is_passed_on = false;  // since we took it last
};
std::array<Taken, bad_address_signals.size()> taken;
std::atomic<bool> stands = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void pass_on(int number) noexcept {
  stands.store(false);
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (bad_address_signals[i] != number) continue;
    // Who is before us may have taken the signal after us once, and give it back to us: then nobody wants it.
    struct sigaction nobody{};
    nobody.sa_handler = SIG_DFL;
    sigaction(number, taken[i].is_passed_on.exchange(true) ? &nobody : &taken[i].before, nullptr);
  }
}

void on_bad_address(int number, siginfo_t* about, void* context) noexcept {
  greg_t& next = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
  // A signal that was sent says nothing of the instruction that it came upon.
  const bool was_sent = about->si_code <= 0;
  if (!was_sent && next == reinterpret_cast<greg_t>(bufspec_copy_faults)) {
    next = reinterpret_cast<greg_t>(bufspec_copy_ends);
    return;
  }
  // The fault of somebody else: what was there before us gets it when the instruction is tried again, and what was sent
  // is sent again.
  pass_on(number);
  if (was_sent) raise(number);
}

bool is_ours(const struct sigaction& action) noexcept {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == on_bad_address;
}

}  // namespace

void FaultGuard::renew() noexcept {
  for (std::size_t i = 0; i < bad_address_signals.size(); ++i) {
    struct sigaction now{};
    if (sigaction(bad_address_signals[i], nullptr, &now) != 0) return;
    if (is_ours(now)) continue;
    struct sigaction ours{};
    ours.sa_sigaction = on_bad_address;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&ours.sa_mask);
    taken[i].before = now;
    taken[i].is_passed_on = false;
    if (sigaction(bad_address_signals[i], &ours, nullptr) != 0) return;
  }
  is_taken_ = true;
  stands.store(true);
}

FaultGuard::~FaultGuard() {
  if (!is_taken_) return;
  stands.store(false);
  for (std::size_t i = 0; i < bad_address_signals.size(); ++i) {
    struct sigaction now{};
    if (sigaction(bad_address_signals[i], nullptr, &now) == 0 && is_ours(now))
      sigaction(bad_address_signals[i], &taken[i].before, nullptr);
  }
}

std::optional<std::size_t> copy_guarded(const void* address, char* to, std::size_t size) noexcept {
  if (!stands.load(std::memory_order_relaxed)) return std::nullopt;
  return size - bufspec_copy_guarded(to, address, size);
}

}  // namespace bufspec::engine

#else

namespace bufspec::engine {

void FaultGuard::renew() noexcept {}
FaultGuard::~FaultGuard() = default;
std::optional<std::size_t> copy_guarded(const void*, char*, std::size_t) noexcept { return std::nullopt; }

}  // namespace bufspec::engine

#endif
