// A trace: what a subject answered, step by step, as one value.  Adapters fill it, the judge reads it.
// Nothing in it points at the subject, so one that came over a pipe is judged by the same code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/errors.hpp"
#include "bufspec/observations.hpp"
#include "bufspec/scenario.hpp"
#include "bufspec/values.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// Whether two views show the same elements, where buf differs between them.
enum class SameElements : std::uint8_t { not_compared, same, different };

// Whether the elements of a view lie in the block of the richest answer's, even in part, or in another one.
enum class Block : std::uint8_t { unknown, same, other };

// By what an object says that its memory never changes.
enum class Unchanging : std::uint8_t {
  no,
  hash,     // it has a hash of its own, which is that of its bytes
  payload,  // its memory is that of a bytes or str object
};

// The first element, in C order, that is not what it must be.
struct WrongElement {
  std::vector<ssize> index;
  std::string owed;
  std::string found;
};

// The answer to an acquire or acquire_direct step.
struct Answer {
  Answer() noexcept {}  // not "= default", which would first fill all of it with zeros, the room for a format included

  bool granted = false;
  int status = 0;  // what the call returned
  unsigned unwritten = 0;  // field_bit::* of a granted answer that still hold the poison; internal is not counted
  bool exception_set = false;
  Error error = Error::none;  // the kind of the exception
  std::string exception_name;  // its type's name
  bool canaries_intact = true;
  View view;  // what the struct held after the call
  std::optional<long> references_gained;  // of obj, by the acquire; absent if not observed or immortal
  SameElements elements = SameElements::not_compared;  // beside the richest answer's, where buf differs
  std::optional<bool> memory_readable;  // whether every byte of every element can be read
  SameElements declared = SameElements::not_compared;  // beside what the scenario's layout or the subject declares
  Block block = Block::unknown;
  bool is_order_open = false;  // of another block: all elements are alike, so their order does not show
  std::optional<WrongElement> wrong;  // where `declared`, or `elements` of another block, is `different`
  std::optional<ssize> right_from;  // bytes from buf to where all elements would be right; where one was found
  Unchanging unchanging = Unchanging::no;  // of the memory of a view with readonly 0
};

// The answer to a step that releases a view.
struct Released {
  Owner obj = Owner::null;  // obj after the release
  bool exception_set = false;
  bool canaries_intact = true;
  bool live_exception_lost = false;  // one that was set before the release is another one after it
  std::string unraisable;  // the type of what a release written in Python raised; empty if nothing
  // Of obj, since before the acquire, or for release_copy beside a release through the struct itself; 0 is right.
  std::optional<long> references_kept;
};

// What a read step found of a held view, beside what it was when it was acquired.
struct Reread {
  unsigned changed = 0;  // field_bit::* whose value, array or text is another one
  unsigned unreadable = 0;  // field_bit::* of arrays and format that can no longer be read
  unsigned freed =
      0;  // field_bit::* of arrays and format whose memory somebody gave to free(), whatever is there by now
  bool memory_readable = true;  // every byte of every element
  bool memory_reused = false;  // the memory was freed: somebody called free(), or the allocator handed it out again
  SameElements elements = SameElements::not_compared;  // beside those at the acquire, and what we wrote since
};

// What a write step came to.
struct Written {
  bool tried = false;  // the view says that it may be written, and has elements
  bool possible = true;  // the bytes could be written
  bool read_back = true;  // and were there again through the same view
  SameElements elsewhere = SameElements::not_compared;  // `same` if every other held view of these elements shows them
  bool restored = true;
};

// What an operation came to, and on a twin: an object of the same factory, held alike, that was never exported.
struct Mutated {
  std::string operation;
  int views_held = 0;
  bool raised = false;
  Error error = Error::none;
  std::string exception_name;
  bool twin_tried = false;  // only where no view is held
  bool twin_raised = false;
  std::string twin_exception_name;
};

// What stays behind when a request was made and given back many times.
struct Repeated {
  std::uint64_t granted = 0;
  std::uint64_t refused = 0;
  std::optional<long> references_kept;  // of the object, in all
  std::optional<std::int64_t> first_half_bytes;  // by which the process grew
  std::optional<std::int64_t> second_half_bytes;
  bool elements_same = true;  // every view showed the same elements: in threads, and of a repeat those held all at once
};

// What a result shows, beside the elements of the memory in C order.
enum class Compared : std::uint8_t { not_compared, right, wrong };

// What our exporter saw of a consumer, up to and with this step; of every step of a consumer's scenario.
struct Consumed {
  struct Request {
    int flags = 0;
    bool granted = false;
    int releases = 0;
    unsigned changed =
        0;  // field_bit::* of arrays, format and internal that were no longer as handed out at the release
  };
  std::vector<Request> requests;  // in order; at most max_logged_requests of them
  int stray_releases = 0;  // of structs that our exporter never filled in
  int results_held = 0;  // results that the scenario has not given up yet
  bool called = false;  // this step called the consumer; the following fields are of that call
  bool raised = false;
  Error error = Error::none;
  std::string exception_name;
  bool is_declared_refusal = false;  // the exception is one that the consumer is declared to refuse memory with
  bool is_raised_by_bytes = false;  // plain bytes with the same elements raise an exception of that type, too
  bool result_and_exception_disagree = false;  // NULL without an exception, or a result with one set
  bool returned_none = false;
  Compared result = Compared::not_compared;  // of this call, or of the result that a read step looked at
  Misreading misreading = Misreading::unknown;
  // A wrong result, or a memory filled wrongly, is right for the segment as it lies; and memory that is not one segment
  // is refused, or read right.
  bool is_in_memory_order = false;
  Difference difference;  // of a wrong result, or a memory filled wrongly
  Compared filled = Compared::not_compared;  // the memory after a consumer that fills it
  bool elements_changed = false;  // since before the call
  bool gaps_changed = false;  // bytes of the block that belong to no element
  std::optional<long> references_kept;  // of our exporter, where no result is held any more
};

inline constexpr std::size_t max_logged_requests = 256;

// What a function returned in a call step, what the scenario's call answered, or what a check found wrong.  Of a call that the
// subject does not offer there is none.
struct Called {
  Error error = Error::none;
  long result = 0;
  std::string wrong;  // what is not as the rule has it; empty if nothing is
  Value owed{};
  Value found{};
  std::optional<Tree>
      answer;  // of the scenario's call: a map, with the name of an exception under `error` where it raised one
};

// One step's record; which of them is set follows from the step's kind: answer for the two kinds of acquire, answer and
// released for reenter, nothing for collect and drop.  One that was not possible (no view in the slot) stays empty.
struct StepRecord {
  StepRecord() noexcept {}  // as Answer()

  std::optional<Answer> answer;
  std::optional<Released> released;
  std::optional<Reread> reread;
  std::optional<Written> written;
  std::optional<Mutated> mutated;
  std::optional<Repeated> repeated;  // of repeat and threads
  std::optional<Consumed> consumed;
  std::optional<Called> called;
};

// What a consumer does with the memory.
enum class ConsumerKind : std::uint8_t { reads, fills, keeps };

// What a consumer is documented to accept; capabilities_needed() says which of them a layout takes.
namespace capability {
inline constexpr unsigned contiguous = 1;  // C order; what every consumer of any memory has
inline constexpr unsigned fortran = 2;
inline constexpr unsigned strided = 4;
inline constexpr unsigned indirect = 8;
inline constexpr unsigned zero_dim = 16;
inline constexpr unsigned several_dims = 32;
inline constexpr unsigned dimensions_64 = 64;
inline constexpr unsigned empty = 128;
inline constexpr unsigned readonly = 256;
inline constexpr unsigned items = 512;  // of more than one byte
inline constexpr unsigned structures = 1024;  // formats other than one number or character of the usual types of C
inline constexpr unsigned byte_order = 2048;  // a byte order that is foreign, or spelled out
inline constexpr unsigned all = 4095;
}  // namespace capability

// What a consumer that accepts `layout` is capable of: capability::* bits [consumer.capability.accepted].  Where it is
// open what a layout takes (an empty memory that some call contiguous and some do not) it is the rarer thing.  More than 8 dimensions
// take dimensions_64.  All of them for a layout that cannot exist.
[[nodiscard]] unsigned capabilities_needed(const Layout& layout);

// The name in namespace capability of one bit, "zero_dim" of 16; empty for what is not one bit of capability::all.
[[nodiscard]] std::string_view capability_name(unsigned bit) noexcept;

// The bit of that name; 0 if there is none.
[[nodiscard]] unsigned capability_from(std::string_view name) noexcept;

struct Trace {
  unsigned observes = 0;  // observation::*
  std::uint32_t runtime = 0;  // version of the interpreter, as PY_VERSION_HEX
  // The richest request that was granted before the steps, or beside the first answer of an object that nobody had asked, and its
  // answer; absent if all were refused.
  int richest_word = 0;
  std::optional<Answer> richest;
  bool declared_readonly = false;  // somebody said that the object is never to be written
  ConsumerKind consumer = ConsumerKind::reads;
  unsigned accepts = 0;  // capability::* that the consumer declares
  bool has_fallback = false;  // it is documented to make something else of an object that refuses
  std::vector<StepRecord> steps;  // as many as the scenario's, fewer if the subject ended early
};

}  // namespace bufspec
