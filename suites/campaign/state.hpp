// What a campaign knows, in one block of memory that outlives the process: how far it is, what it has seen and kept, and
// what it is trying just now.  Plain data at fixed offsets; no pointers.
//
// A process may be killed between any two stores.  So the counts are written aside and then switched to, a scenario is kept
// before its buckets count as seen, and one that was being tried is tried again, unless somebody says that it ended the
// process (lose()).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "buckets.hpp"
#include "bufspec/rules.hpp"

namespace bufspec::campaign {

inline constexpr std::size_t most_tried_bytes = 8192;
inline constexpr std::size_t most_kept = 16384;
inline constexpr std::size_t most_kept_bytes = std::size_t{1} << 22;
inline constexpr std::size_t most_reported = 1024;

struct Totals {
  std::uint64_t executions;  // scenarios that are over, those that ended the process included
  std::uint64_t steps;  // that were judged
  std::uint64_t failing;  // scenarios that broke a rule
  std::uint64_t deaths;  // scenarios that ended the process
  std::uint64_t buckets;  // that were ever seen
  std::uint64_t last_new;  // the execution that saw a new one last
  std::uint64_t unfit;  // scenarios that the subject could not run
  std::uint64_t failed[rule_count];
};

struct KeptEntry {
  std::uint32_t offset;
  std::uint32_t size;
  std::uint32_t bucket;  // the one that it was kept for
  std::uint32_t tried;  // how often it was changed
  std::uint32_t is_of_code;  // whether that bucket is of the subject's own code
};

struct StateData {
  char magic[8];
  std::uint32_t version;
  std::uint32_t rules;
  std::atomic<std::uint32_t> current;  // which of the two counts
  std::uint32_t is_covered;  // not 0 once the subject's own code was seen
  Totals totals[2];
  std::atomic<std::uint64_t> trying;  // the execution that is going on, and 1; 0 while none is
  std::uint32_t tried_bytes;
  std::uint8_t tried[most_tried_bytes];
  std::atomic<std::uint32_t> reported_count;
  std::uint64_t reported[most_reported];
  std::atomic<std::uint32_t> kept_count;
  std::uint32_t kept_bytes;
  KeptEntry kept[most_kept];
  std::uint32_t seen[bucket_count];
  std::uint8_t corpus[most_kept_bytes];
};

// Reads and writes one StateData.  The memory belongs to the caller and outlives this.
class State {
 public:
  // Requires: `memory` has sizeof(StateData) bytes.  With `create` it is stamped; it must be zeros before.
  State(void* memory, bool create) noexcept;

  // Whether it carries the stamp of this version, and no count is out of its bounds.
  [[nodiscard]] bool is_valid() const noexcept;

  [[nodiscard]] const Totals& totals() const noexcept {
    return data_->totals[data_->current.load(std::memory_order_relaxed) & 1];
  }
  // Replaces the totals, all at once for whoever looks after this process is gone.
  void commit(const Totals& totals) noexcept;

  // Says what is going to be tried.
  void begin(std::uint64_t execution, std::span<const std::uint8_t> scenario) noexcept;
  // Nothing is being tried any more.
  void end() noexcept { data_->trying.store(0, std::memory_order_relaxed); }
  // The scenario that is being tried, or was when the process ended; empty if none.
  [[nodiscard]] std::span<const std::uint8_t> tried() const noexcept;
  // Counts what is being tried as one that ended the process, with that many steps begun.  False if nothing is.
  bool lose() noexcept;

  // Keeps a scenario for a bucket that it was the first to see.  One that is there already, as the last, is kept once.
  void keep(std::span<const std::uint8_t> scenario, std::uint32_t bucket, bool is_of_code) noexcept;
  [[nodiscard]] std::size_t kept_count() const noexcept { return data_->kept_count.load(std::memory_order_relaxed); }
  [[nodiscard]] std::span<const std::uint8_t> kept(std::size_t number) const noexcept;
  [[nodiscard]] KeptEntry& entry(std::size_t number) noexcept { return data_->kept[number]; }

  // How often a bucket was seen.
  [[nodiscard]] std::uint32_t seen(std::uint32_t bucket) const noexcept { return data_->seen[bucket]; }
  void see(std::uint32_t bucket) noexcept {
    std::uint32_t& times = data_->seen[bucket];
    if (times != UINT32_MAX) ++times;
  }

  // Whether findings of this likeness were reported, or so many that no more are.
  [[nodiscard]] bool is_reported(std::uint64_t likeness) const noexcept;
  void report(std::uint64_t likeness) noexcept;

  void note_coverage() noexcept { data_->is_covered = 1; }
  [[nodiscard]] bool is_covered() const noexcept { return data_->is_covered != 0; }

 private:
  StateData* data_;
};

}  // namespace bufspec::campaign
