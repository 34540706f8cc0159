// A scenario: what is tried, as one value.  Tables, sweeps, properties, fuzzers, replay and the minimiser
// all speak it; a case is one scenario.
// Closed vocabulary: a new thing to try is a new StepKind here and one branch in each adapter.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/flags.hpp"
#include "bufspec/rules.hpp"
#include "bufspec/tree.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// Who is tried: an exporter is asked, a consumer asks us, a function of a runtime is called.
enum class Target : std::uint8_t { exporter, consumer, function };

enum class StepKind : std::uint8_t {
  acquire,         // exporter: request `flags` into view number `slot`
  release,         // exporter: release view number `slot`; consumer: give up result number `slot`
  consume,         // consumer: hand it our exporter of the scenario's layout; keep its result as number `slot`
  call,  // function: make the scenario's call or its check, or call `function` on its layout; exporter: its check
  acquire_direct,  // exporter: as acquire, but through the type's own slot, without what the library's function adds
  release_copy,  // exporter: release a copy of the struct of view `slot`; the original is overwritten first
  read,  // exporter: look at view `slot` again: its struct, its arrays, and every element;
  // consumer: look at result number `slot` again
  write,  // exporter: change the memory through view `slot`, look for it there and in the others, restore it
  mutate,  // exporter: operation number `flags` of those that the subject offers
  collect,  // run the garbage collector
  drop,  // exporter: give up every reference to the object but those of its views; before all other steps: for another
  // object, which nobody has asked, where it is ready-made; consumer: give up our exporter
  reenter,  // exporter: acquire `flags` and release, from inside the indexing of a memoryview of the object
  repeat,  // exporter: acquire `flags` and release, `count` times: what stays behind, and many at once; consumer: consume and
  // give up
  threads,  // exporter: acquire `flags`, read and release, `count` times in each of `thread_count` threads; consumer:
  // consume and give up likewise
  release_raising,  // exporter: as release, while an exception is set, as in code that unwinds
  another,  // exporter: another object is made, changed by operation number `flags` if there is one, asked and given up; of
  // another layout where the scenario has one.  What it answers is not judged: what views of the first show afterwards is
  hold,  // exporter: give back the views of the last such step, and acquire `flags` `count` times, held until the next or the
  // end: more views than there are slots, which nobody looks at.  What the object does under them is judged by other steps
};

// Whether the flags of such a step are the number of an operation.
[[nodiscard]] constexpr bool has_operation(StepKind kind) noexcept {
  return kind == StepKind::mutate || kind == StepKind::another;
}

// Whether a step of this kind is done `count` times.
[[nodiscard]] constexpr bool has_count(StepKind kind) noexcept {
  return kind == StepKind::repeat || kind == StepKind::threads || kind == StepKind::hold;
}

// What a step does with its slot: nothing; takes a free one; needs one that is held, and leaves it so; frees a held one.
enum class SlotUse : std::uint8_t { none, takes, needs, frees };

[[nodiscard]] constexpr SlotUse use_of_slot(StepKind kind) noexcept {
  switch (kind) {
    case StepKind::acquire:
    case StepKind::acquire_direct:
    case StepKind::consume:
      return SlotUse::takes;
    case StepKind::release:
    case StepKind::release_copy:
    case StepKind::release_raising:
      return SlotUse::frees;
    case StepKind::read:
    case StepKind::write:
      return SlotUse::needs;
    case StepKind::call:
    case StepKind::mutate:
    case StepKind::collect:
    case StepKind::drop:
    case StepKind::reenter:
    case StepKind::repeat:
    case StepKind::threads:
    case StepKind::another:
    case StepKind::hold:
      break;
  }
  return SlotUse::none;
}

struct Step {
  StepKind kind = StepKind::acquire;
  std::uint8_t slot = 0;  // which of the views that are held; below max_slots
  int flags = 0;
  int count = 0;  // where has_count(kind); 0 elsewhere

  friend bool operator==(const Step&, const Step&) = default;
};

inline constexpr int max_slots = 8;
inline constexpr std::size_t max_steps = 160;
inline constexpr int max_count = 200000;  // of Step::count
inline constexpr int thread_count = 4;

// The functions of a runtime that a `call` step may name.
enum class Function : std::uint8_t { is_contiguous };

// A call of a library's function in the words of the data cases of spec/tables, and what it owes.  Memory is filled as
// layouts.yaml says, so that elements are named by their numbers.
struct Call {
  Rule rule{};
  std::string name;  // "is_contiguous": of an open vocabulary, which whoever answers it knows
  Tree given;  // a map
  Tree
      expect;  // a map: those keys of the answer that count.  An answer with a key `error` that is not among them is wrong
  std::vector<Rule> rules;  // of each key of `expect`, where they are of several; else empty, and all are of `rule`
  std::uint32_t since = 0;  // the first interpreter for which this is owed, as PY_VERSION_HEX
};

[[nodiscard]] bool operator==(const Call& left, const Call& right);

// Whether the answer of a call has under `key` what it owes there; an error may be of a kind of the one that is owed.
[[nodiscard]] bool says(const Tree& answer, const std::string& key, const Tree& owed);
// Whether it says all that `expect` does, and has no error that `expect` does not name.
[[nodiscard]] bool says_all(const Tree& answer, const Tree& expect);

// What our exporter does with a consumer, as a set; all of it legal but for the lies.  Which requests it refuses is
// said here and in Scenario::refused_requests.
namespace behaviour {
inline constexpr std::uint32_t ends_at_page = 1U << 0;  // the memory ends where an inaccessible page begins
inline constexpr std::uint32_t begins_at_page = 1U
                                                << 1;  // or begins where one ends; read-only memory lies in such pages
inline constexpr std::uint32_t fresh_block = 1U << 2;  // a copy of the memory for each view
inline constexpr std::uint32_t poisoned = 1U << 3;  // what a view had to itself is overwritten at its release
inline constexpr std::uint32_t withdrawn = 1U << 4;  // what a view had to itself is made inaccessible at its release
inline constexpr std::uint32_t own_arrays = 1U << 5;  // format, shape, strides and suboffsets for each view
inline constexpr std::uint32_t self_referential = 1U
                                                  << 6;  // shape is &view->len, strides &view->itemsize, where it fits
inline constexpr std::uint32_t redirected = 1U << 7;  // obj is another object
inline constexpr std::uint32_t reenters = 1U << 8;  // asks itself, and lets go, inside requests and releases
inline constexpr std::uint32_t reenters_consumer = 1U << 9;  // calls the consumer on plain bytes inside a request
inline constexpr std::uint32_t collects = 1U << 10;  // runs the garbage collector inside requests and releases
inline constexpr std::uint32_t slow = 1U << 11;  // lets other threads run inside requests and releases
inline constexpr std::uint32_t raises_at_release = 1U << 12;  // an exception inside the release, told as unraisable
inline constexpr std::uint32_t other_thread = 1U << 13;  // the consumer is called in a thread of its own
inline constexpr std::uint32_t refuses_writable = 1U << 14;  // requests with WRITABLE
inline constexpr std::uint32_t refuses_flat = 1U << 15;  // requests without ND
inline constexpr std::uint32_t refuses_strideless = 1U << 16;  // requests without STRIDES
inline constexpr std::uint32_t refuses_formatless = 1U << 17;  // requests without FORMAT
inline constexpr std::uint32_t refuses_format = 1U << 18;  // requests with FORMAT
inline constexpr std::uint32_t refuses_contiguity = 1U << 19;  // requests for a contiguous memory
inline constexpr std::uint32_t refuses_all = 1U << 20;
inline constexpr std::uint32_t refusal_untouched = 1U << 21;  // a refusal leaves the struct as it was, obj included
inline constexpr std::uint32_t refusal_memory_error = 1U << 22;  // a refusal raises MemoryError
inline constexpr std::uint32_t refusal_runtime_error = 1U << 23;
// Lies: each shows in the struct, and every byte that they claim can be read.
inline constexpr std::uint32_t lie_len = 1U << 24;  // len is one item more than the elements have
inline constexpr std::uint32_t lie_readonly = 1U << 25;  // readonly is 1 in answer to WRITABLE
inline constexpr std::uint32_t lie_format = 1U << 26;  // format is no format
inline constexpr std::uint32_t lie_suboffsets = 1U << 27;  // suboffsets are there, all of them negative
inline constexpr std::uint32_t lie_obj = 1U << 28;  // obj of a refusal is an object that nobody owns a reference to
inline constexpr std::uint32_t lies = lie_len | lie_readonly | lie_format | lie_suboffsets | lie_obj;
inline constexpr std::uint32_t null_if_empty = 1U << 29;  // buf is NULL where there is no element
// With these a consumer that does not take the memory need not be at fault: no text says that it has to take NULL for nothing.
inline constexpr std::uint32_t reasons_to_refuse = refuses_writable | refuses_flat | refuses_strideless |
                                                   refuses_formatless | refuses_format | refuses_contiguity |
                                                   refuses_all | lies | null_if_empty;
inline constexpr std::uint32_t refusal_value_error = 1U << 30;
inline constexpr std::uint32_t no_zero_byte = 1U << 31;  // texts without an end, negative numbers: bytes_of_elements()
inline constexpr std::uint32_t all = 0xffffffffU;
}  // namespace behaviour

// The name in namespace behaviour of one bit, "ends_at_page" of 1; empty for what is not one bit of behaviour::all.
[[nodiscard]] std::string_view behaviour_name(std::uint32_t bit) noexcept;

// The bit of that name; 0 if there is none, as for "lies" and "all", which are sets.
[[nodiscard]] std::uint32_t behaviour_from(std::string_view name) noexcept;

// Whether our exporter refuses request number `number` (from 0 on), which asks for `flags`.
[[nodiscard]] bool refuses(std::uint32_t behaviours, std::uint8_t refused_requests, std::size_t number,
                           int flags) noexcept;

// Memory of more bytes is tried by fewer scenarios.
inline constexpr ssize large_memory = ssize{1} << 20;

struct Scenario {
  Target target = Target::exporter;
  Edition edition = Edition::current;
  // The memory: for a consumer or function what it is given, for an exporter what it is built from;
  // absent for a ready-made object, whose richest answer stands in for it.
  std::optional<Layout> layout;
  Function function = Function::is_contiguous;
  std::optional<Rule> check;  // a call step makes this one of `runtime_checks`, or of an
      // exporter of `exporter_checks`, in place of `function`, without a memory
  std::shared_ptr<const Call> call;  // or this call, which has its memory in `given`; null where there is none
  char order = 'C';
  std::uint32_t behaviours = 0;  // consumer: behaviour::* of our exporter
  std::uint8_t refused_requests = 0;  // consumer: bit k says that request number k (from 0 on) is refused
  std::vector<Step> steps;
  // Not run on ready-made objects with memory above large_memory: one of very many like it.  No encoding
  // spells it.
  bool is_for_small_memory = false;
};

// The scenario that `bytes` spell.  Total: every byte string is a valid scenario whose layout (if any)
// is well formed and small, so fuzzers and the driver's minimiser need no second parser.
[[nodiscard]] Scenario decode(std::span<const std::uint8_t> bytes);

// The bytes that spell a scenario.  decode(encode(s)) == s for every scenario that decode() can give; of others,
// what does not fit (more than max_steps steps, a count above max_count, a layout out of decode_layout()'s bounds, but for a
// consumer's memory up to 64 dimensions and any format) comes back as the nearest that does.
[[nodiscard]] std::vector<std::uint8_t> encode(const Scenario& scenario);

// Whether two layouts describe the same memory in the same words; entries behind ndim do not count, nor do those
// of absent arrays.
[[nodiscard]] bool operator==(const Layout& left, const Layout& right) noexcept;
[[nodiscard]] bool operator==(const Scenario& left, const Scenario& right) noexcept;

// A layout from bytes, as decode() makes it: well formed, ndim <= 8, block <= 64 KiB.
[[nodiscard]] Layout decode_layout(std::span<const std::uint8_t> bytes);

// Scenarios one step simpler than this one, simplest first; empty when nothing is left to drop.  Of a consumer's exporter
// one behaviour, or one refused request, goes at a time.
[[nodiscard]] std::vector<Scenario> smaller(const Scenario& scenario);

// The scenario on one line, as records and messages show it: "acquire 0x018 (STRIDES); release".
[[nodiscard]] std::string describe(const Scenario& scenario);

// A flag word by name: "STRIDES|WRITABLE", "0x010" for bits that make no flag.
[[nodiscard]] std::string flags_name(int word);

// "format i, itemsize 4, shape (2, 3), strides (12, 4)".
[[nodiscard]] std::string describe(const Layout& layout);

}  // namespace bufspec
