// The ledger: where a run is, and what it has counted, in one block of memory that a driver may share.
// It is written before each step and as each case ends, so that when the process dies the driver
// knows the case and the step, and loses no count.  Plain data at fixed offsets; no pointers.
//
// The subject can write here, too.  So what is counted is sealed, a checksum a page, whenever a case has been counted: a
// page that does not agree with its seal was written by somebody else.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "bufspec/rules.hpp"
#include "bufspec/trace.hpp"
#include "classes.hpp"

namespace bufspec::engine {

inline constexpr std::size_t ledger_threads = 16;
inline constexpr std::size_t ledger_tallies = 2048;
inline constexpr std::size_t rule_words = (rule_count + 63) / 64;

// The place of a thread that has not begun a case: no case has that number.
inline constexpr std::uint64_t before_the_first_case = std::uint64_t{0xffffffff} << 32;
// The place of a run that has done its last case.
inline constexpr std::uint32_t index_at_the_end = 0xfffffffe;
inline constexpr std::size_t ledger_page = 4096;
inline constexpr std::size_t ledger_pages = 32;  // as many as the counts may take

// Where a thread is: the case (upper half) and the step (lower half) that it is about to do, in one store.
struct Breadcrumb {
  std::atomic<std::uint64_t> place;

  // A relaxed store: the reader is another process, which looks when this one is gone.
  void leave(std::uint32_t case_index, std::uint32_t step) noexcept {
    place.store(std::uint64_t{case_index} << 32 | step, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t case_index() const noexcept {
    return static_cast<std::uint32_t>(place.load(std::memory_order_relaxed) >> 32);
  }
  [[nodiscard]] std::uint32_t step() const noexcept {
    return static_cast<std::uint32_t>(place.load(std::memory_order_relaxed));
  }
};

// How many cases were judged by just these rules, with just these readings.
struct Tally {
  std::uint64_t judged[rule_words];
  std::uint64_t readings;
  std::uint64_t count;
};

// How many memories were handed to a consumer, and how many of them it accepted: in all, and by each capability that they
// take.
struct Accepted {
  std::uint64_t given;
  std::uint64_t accepted;
};
inline constexpr std::size_t capability_count = std::bit_width(capability::all);

// What came of each class (classes.hpp): of an exporter how often each compound was requested and granted; of a consumer how
// many memories of each class, but for empty ones, it was given and accepted.  And the rules that were broken in a case
// with a request, or a memory, of the class.
struct ByClass {
  Accepted requests[compounds.size()];
  Accepted memories[class_count];
  std::uint64_t broken[class_count][rule_words];
};

// What a subject let be tried: without any of it, that no rule was broken says nothing.
struct Exercised {
  std::uint64_t granted;  // of `requests`
  std::int64_t richest_len;  // len of the richest answer; -1 if none was granted yet
  std::uint64_t builds_asked;  // cases that need an object of a layout
  std::uint64_t builds_made;  // those for which one was made
  std::uint64_t orders_open;  // answers with another block of which the order of the elements does not show
  std::uint64_t cases_for_small;  // that were not run, for memory as large as this
  std::uint64_t operations_raising;  // bit k: operation number k raises also if no view is or was held
};

struct LedgerData {
  char magic[8];
  std::uint32_t version;
  std::uint32_t rules;
  std::uint8_t target;
  std::uint8_t edition;
  Breadcrumb threads[ledger_threads];
  std::atomic<std::uint32_t> surveyed;  // a bit for each survey request that was begun and has not come back
  std::atomic<std::uint32_t> setting_up;  // not 0 while an object is made: that takes what it takes
  std::atomic<std::uint64_t> heartbeat;  // moves while one step does something many times
  std::atomic<std::uint32_t> counting;  // not 0 while the counts change, and no seal holds
  std::uint64_t seals[ledger_pages];
  // The counts, all that follows: sealed, a checksum for each page of them that is in use.
  std::atomic<std::uint32_t> cases_done;
  std::atomic<std::uint32_t> tally_count;
  std::uint64_t cut_short;  // cases that the process died of while they were counted: judged perhaps, and not done
  std::uint64_t requests;
  Accepted memories;
  Accepted memories_by_capability[capability_count];
  Exercised exercised;
  ByClass by_class;
  std::uint64_t failed[rule_count];
  Tally tallies[ledger_tallies];
};

// Reads and writes one LedgerData.  The memory belongs to the caller and outlives the ledger.
class Ledger {
 public:
  // Requires: `memory` has sizeof(LedgerData) bytes.  With `create` it is cleared and stamped.
  Ledger(void* memory, bool create) noexcept;

  // Whether the memory carries the stamp of this version: a file of another program is not a ledger.
  [[nodiscard]] bool is_valid() const noexcept;

  // What is counted already is taken as it is: whoever continues a run has looked at it.
  void begin_run(std::uint8_t target, std::uint8_t edition) noexcept;

  // Begins to count.  False, now and for ever, if somebody else has written into the counts; then nothing is to be counted.
  [[nodiscard]] bool open_counts() noexcept;
  // Ends what open_counts() began: the counts are sealed.
  void close_counts() noexcept;
  [[nodiscard]] bool is_overwritten() const noexcept { return is_overwritten_; }

  // The breadcrumb of `thread`, for loops that leave one for each request.
  [[nodiscard]] Breadcrumb& breadcrumb(std::size_t thread = 0) noexcept { return data_->threads[thread]; }

  // Leaves the breadcrumb.
  void step(std::uint32_t case_index, std::uint32_t step, std::size_t thread = 0) noexcept {
    breadcrumb(thread).leave(case_index, step);
  }
  // Begins survey request number `number`, which tells what a subject is like before it is judged.  False if an earlier
  // one was begun and never came back: the process died of it, and this one is to pass it over.
  [[nodiscard]] bool begin_survey(std::size_t number) noexcept {
    const std::uint32_t bit = std::uint32_t{1} << number;
    return (data_->surveyed.fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
  }
  void end_survey(std::size_t number) noexcept {
    data_->surveyed.fetch_and(~(std::uint32_t{1} << number), std::memory_order_relaxed);
  }
  // How many survey requests never came back.
  [[nodiscard]] int surveys_lost() const noexcept {
    return std::popcount(data_->surveyed.load(std::memory_order_relaxed));
  }

  // Says that an object is being made, or is made.
  void set_up(bool begins) noexcept { data_->setting_up.store(begins ? 1 : 0, std::memory_order_relaxed); }
  // Says that the last case is done; what follows belongs to none.
  void leave_the_cases() noexcept { step(index_at_the_end, 0); }

  // Says that a step which does one thing very often is still at it.
  void beat() noexcept { data_->heartbeat.fetch_add(1, std::memory_order_relaxed); }

  void case_done() noexcept { data_->cases_done.fetch_add(1, std::memory_order_relaxed); }

  // The counter of cases with this outcome; add one to it for each.  Outcomes are few (a case is
  // one of some dozens); past `ledger_tallies` they share the last counter's rules, which loses no case.
  [[nodiscard]] std::uint64_t& tally(const RuleSet& judged, std::uint64_t readings) noexcept;

  void add_failure(Rule rule) noexcept { ++data_->failed[index_of(rule)]; }
  // Counts a memory that takes these capability::*; opens the counts for it, and so belongs in the middle of a step.
  void add_memory(unsigned needed, bool is_accepted) noexcept;
  void add_requests(std::uint64_t count) noexcept { data_->requests += count; }
  void add_request() noexcept { add_requests(1); }
  // Counts a request that is a compound.
  void add_compound(std::size_t number, bool is_granted) noexcept;
  // Says that `rule` was broken in a case of the class.
  void add_broken(Class one, Rule rule) noexcept;
  [[nodiscard]] Exercised& exercised() noexcept { return data_->exercised; }

  [[nodiscard]] const LedgerData& data() const noexcept { return *data_; }

 private:
  LedgerData* data_;
  bool is_overwritten_ = false;
};

// Why a ledger that lies still cannot be believed; null if nothing speaks against it.
[[nodiscard]] const char* damage_of(const LedgerData& data) noexcept;

// In how many cases `rule` was judged.
[[nodiscard]] std::uint64_t cases_judged(const LedgerData& data, Rule rule) noexcept;

// In how many cases reading number `reading` was followed.
[[nodiscard]] std::uint64_t cases_reading(const LedgerData& data, std::size_t reading) noexcept;

}  // namespace bufspec::engine
