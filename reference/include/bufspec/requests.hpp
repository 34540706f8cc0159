// Requests: for a flag word and a memory, whether it must be refused and what a granted answer holds.
// Table: spec/tables/20-requests.yaml (rules request.*).  Pure functions of small values.
#pragma once

#include <cstdint>

#include "bufspec/errors.hpp"
#include "bufspec/flags.hpp"
#include "bufspec/layout.hpp"
#include "bufspec/rules.hpp"

namespace bufspec {

// What an exporter owes for a request.  It may refuse any: `may_answer` says "if it answers, then this".
enum class Duty : std::uint8_t { must_refuse, may_answer, contested };

// What a pointer field of a granted answer holds; `any` leaves it open.
enum class Holds : std::uint8_t { null, array, any };

struct RequestAnswer {
  Duty duty = Duty::may_answer;
  Rule rule = Rule::request_refusal_needless;  // the row that refuses, or the first that contests
  Error error = Error::buffer_error;           // of a refusal
  Holds shape = Holds::null;
  Holds strides = Holds::null;
  Holds suboffsets = Holds::null;
  bool format = false;        // true: a text, false: NULL
  bool writable = false;      // readonly must be 0; otherwise as the memory is
  bool ndim_free = false;     // ndim may be the number of dimensions, 1 or 0 (0 or 1 for no dimensions)
  bool format_free = false;   // format may also be "B"; a refusal follows the reading `refused`
  bool stray_bits = false;    // the word has two readings: complete_flags() and own_bits_completed()
  bool empty_free = false;    // the memory is empty: contiguous, or not, as the exporter reads it

  friend bool operator==(const RequestAnswer&, const RequestAnswer&) = default;
};

// Which interpreter's reserved words apply: 0x030d0000 (3.13) and later refuse READ and WRITE alone.
inline constexpr std::uint32_t latest_runtime = 0xffffffff;

// The answer owed to `word` by a memory with these facts [request.*].  Total: every int is a word, bits
// that belong to no flag are ignored [request.unassigned_bits.ignored].  For a word with stray bits the
// fields are those of the reading `complete_flags`.  O(1), no heap.
[[nodiscard]] RequestAnswer answer_to(int word, const MemoryFacts& facts, Edition edition = Edition::current,
                                      std::uint32_t runtime = latest_runtime) noexcept;

}  // namespace bufspec
