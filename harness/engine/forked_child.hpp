// A subject may fork.  The child shares the ledger with its parent and must not write into it: it ends at the next step.
#pragma once

namespace bufspec::engine {

// From now on a child that this process forks is known as one.  May be called often.
void watch_for_forks() noexcept;

// Ends the process, without a word and without any handler, if it is a forked child of the one that watches.
void end_if_forked() noexcept;

}  // namespace bufspec::engine
