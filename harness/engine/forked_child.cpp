#include "forked_child.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>

namespace bufspec::engine {

namespace {

std::atomic<bool> is_watching{false};
std::atomic<bool> is_child{false};

void note_child() { is_child.store(true, std::memory_order_relaxed); }

}  // namespace

void watch_for_forks() noexcept {
  if (!is_watching.exchange(true)) pthread_atfork(nullptr, nullptr, note_child);
}

void end_if_forked() noexcept {
  if (is_child.load(std::memory_order_relaxed)) _exit(0);
}

}  // namespace bufspec::engine
