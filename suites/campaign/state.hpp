// What a campaign knows, in one block of memory that outlives the process: how far it is, what it has seen and kept, and
// what it is trying just now.  Plain data at fixed offsets; no pointers.
//
// A process may be killed between any two stores.  So what an execution changes is written aside first, whole, and then
// carried over; where that was cut short, it is done again (recover()).  A scenario that was being tried is tried
// again, unless somebody says that it ended the process (lose()).
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
inline constexpr std::size_t most_seen_at_once = 8192;
inline constexpr std::size_t most_kept_at_once = 64;

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
  std::uint32_t steps;  // its length
};

// What one execution changes: values to be stored, so that to store them twice is to store them once.
struct ChangeData {
  struct Seen {
    std::uint32_t bucket;
    std::uint32_t times;
  };
  struct Kept {
    std::uint32_t number;
    KeptEntry entry;
  };
  std::uint32_t current;
  std::uint32_t is_covered;
  std::uint32_t kept_bytes;
  std::uint32_t seen_size;
  std::uint32_t kept_size;
  Seen seen[most_seen_at_once];
  Kept kept[most_kept_at_once];
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
  std::atomic<std::uint32_t> is_changing;  // `change` is whole, and may have been carried over in part
  ChangeData change;
  std::uint8_t corpus[most_kept_bytes];
};

// Reads and writes one StateData.  The memory belongs to the caller and outlives this.
class State {
 public:
  // Requires: `memory` has sizeof(StateData) bytes.  With `create` it is stamped; it must be zeros before.
  State(void* memory, bool create) noexcept;

  // Whether it carries the stamp of this version, and no count is out of its bounds.
  [[nodiscard]] bool is_valid() const noexcept;

  // Carries over what a process that was killed could not.  Requires: no other process writes.
  void recover() noexcept;

  [[nodiscard]] const Totals& totals() const noexcept {
    return data_->totals[data_->current.load(std::memory_order_relaxed) & 1];
  }
  // Replaces the totals, and carries over what was changed since begin(), all at once for whoever looks after this process is
  // gone.
  void commit(const Totals& totals) noexcept;

  // Says what is going to be tried.
  void begin(std::uint64_t execution, std::span<const std::uint8_t> scenario) noexcept;
  // Nothing is being tried any more.
  void end() noexcept { data_->trying.store(0, std::memory_order_relaxed); }
  // The scenario that is being tried, or was when the process ended; empty if none.
  [[nodiscard]] std::span<const std::uint8_t> tried() const noexcept;
  // Counts what is being tried as one that ended the process, with that many steps begun.  False if nothing is.
  bool lose() noexcept;

  // Keeps a scenario of so many steps for a bucket; false if there is no room.
  bool keep(std::span<const std::uint8_t> scenario, std::uint32_t bucket, bool is_of_code, std::size_t steps) noexcept;
  // Keeps a shorter one in place of a scenario that is kept.
  bool replace(std::size_t number, std::span<const std::uint8_t> scenario, std::size_t steps) noexcept;
  // Notes that a scenario that is kept was changed once more.
  void note_tried(std::size_t number) noexcept;
  [[nodiscard]] std::size_t kept_count() const noexcept { return data_->kept_count.load(std::memory_order_relaxed); }
  [[nodiscard]] std::span<const std::uint8_t> kept(std::size_t number) const noexcept;
  [[nodiscard]] const KeptEntry& entry(std::size_t number) const noexcept { return data_->kept[number]; }

  // How often a bucket was seen.
  [[nodiscard]] std::uint32_t seen(std::uint32_t bucket) const noexcept { return data_->seen[bucket]; }
  // Counts it once more with the next commit; at most once in between.
  void see(std::uint32_t bucket) noexcept {
    if (data_->change.seen_size == most_seen_at_once) return;
    const std::uint32_t times = data_->seen[bucket];
    data_->change.seen[data_->change.seen_size++] = {bucket, times == UINT32_MAX ? times : times + 1};
  }

  // Whether findings of this likeness were reported, or so many that no more are.
  [[nodiscard]] bool is_reported(std::uint64_t likeness) const noexcept;
  void report(std::uint64_t likeness) noexcept;

  void note_coverage() noexcept { data_->change.is_covered = 1; }
  [[nodiscard]] bool is_covered() const noexcept { return data_->is_covered != 0; }

 private:
  // Writes a scenario behind all others, with so much room for it; false if there is none.
  [[nodiscard]] bool put(std::span<const std::uint8_t> scenario, std::size_t room, std::uint32_t& offset) noexcept;
  [[nodiscard]] bool change_entry(std::size_t number, const KeptEntry& entry) noexcept;
  void begin_change() noexcept;
  void carry_over() noexcept;

  StateData* data_;
  std::size_t kept_next_ = 0;  // how many are kept with the next commit
};

}  // namespace bufspec::campaign
