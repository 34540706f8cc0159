#include "forked_child.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>

namespace bufspec::engine {

namespace {

std::atomic<bool> is_prepared{false};
std::atomic<int> watches{0};
std::atomic<bool> is_child{false};

void note_child() {
  if (watches.load(std::memory_order_relaxed) > 0) is_child.store(true, std::memory_order_relaxed);
}

}  // namespace

ForkWatch::ForkWatch() noexcept {
  if (!is_prepared.exchange(true)) pthread_atfork(nullptr, nullptr, note_child);
  ++watches;
}

ForkWatch::~ForkWatch() { --watches; }

void end_if_forked() noexcept {
  if (is_child.load(std::memory_order_relaxed)) _exit(0);
}

}  // namespace bufspec::engine
