// A subject may fork.  The child shares the ledger with its parent and must not write into it: it ends at the next step.
#pragma once

namespace bufspec::engine {

// While one lives, a child that this process forks is known as a subject's.  Children forked at other times are not: a
// process that has judged may fork others that judge.
class ForkWatch {
 public:
  ForkWatch() noexcept;
  ~ForkWatch();
  ForkWatch(const ForkWatch&) = delete;
  ForkWatch& operator=(const ForkWatch&) = delete;
};

// Ends the process, without a word and without any handler, if it was forked while a ForkWatch lived.
void end_if_forked() noexcept;

}  // namespace bufspec::engine
