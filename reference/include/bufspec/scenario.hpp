// A scenario: what is tried, as one value.  Tables, sweeps, properties, fuzzers, replay and the minimiser
// all speak it; a case is one scenario.
// Closed vocabulary: a new thing to try is a new StepKind here and one branch in each adapter.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bufspec/flags.hpp"
#include "bufspec/rules.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// Who is tried: an exporter is asked, a consumer asks us, a function of a runtime is called.
enum class Target : std::uint8_t { exporter, consumer, function };

enum class StepKind : std::uint8_t {
  acquire,         // exporter: request `flags` into view number `slot`
  release,         // exporter: release view number `slot`
  consume,         // consumer: hand it our exporter of the scenario's layout
  call,            // function: call it on the scenario's layout, or make the scenario's check
  acquire_direct,  // exporter: as acquire, but through the type's own slot, without what the library's function adds
  release_copy,    // exporter: release a copy of the struct of view `slot`; the original is overwritten first
  read,            // exporter: look at view `slot` again: its struct, its arrays, and every element
  write,  // exporter: change the memory through view `slot`, look for it there and in the others, restore it
  mutate,  // exporter: operation number `flags` of those that the subject offers
  collect,  // exporter: run the garbage collector
  drop,  // exporter: give up every reference to the object but those of its views
  reenter,  // exporter: acquire `flags` and release, from inside the indexing of a memoryview of the object
  repeat,  // exporter: acquire `flags` and release, `count` times: what stays behind
  threads,  // exporter: acquire `flags`, read and release, `count` times in each of `thread_count` threads
};

struct Step {
  StepKind kind = StepKind::acquire;
  std::uint8_t slot = 0;  // which of the views that are held; below max_slots
  int flags = 0;
  int count = 0;  // of repeat and threads; 0 elsewhere

  friend bool operator==(const Step&, const Step&) = default;
};

inline constexpr int max_slots = 8;
inline constexpr std::size_t max_steps = 160;
inline constexpr int max_count = 200000;  // of Step::count
inline constexpr int thread_count = 4;

// The functions of a runtime that a `call` step may name.
enum class Function : std::uint8_t { is_contiguous };

struct Scenario {
  Target target = Target::exporter;
  Edition edition = Edition::current;
  // The memory: for a consumer or function what it is given, for an exporter what it is built from;
  // absent for a ready-made object, whose richest answer stands in for it.
  std::optional<Layout> layout;
  Function function = Function::is_contiguous;
  std::optional<Rule> check;  // a call step makes this one of `runtime_checks` in place of `function`, without a memory
  char order = 'C';
  std::vector<Step> steps;
};

// The scenario that `bytes` spell.  Total: every byte string is a valid scenario whose layout (if any)
// is well formed and small, so fuzzers and the driver's minimiser need no second parser.
[[nodiscard]] Scenario decode(std::span<const std::uint8_t> bytes);

// The bytes that spell a scenario.  decode(encode(s)) == s for every scenario that decode() can give; of others,
// what does not fit (more than max_steps steps, a count above max_count, a layout out of decode_layout()'s bounds) comes back as the
// nearest that does.
[[nodiscard]] std::vector<std::uint8_t> encode(const Scenario& scenario);

// Whether two layouts describe the same memory in the same words; entries behind ndim do not count, nor do those
// of absent arrays.
[[nodiscard]] bool operator==(const Layout& left, const Layout& right) noexcept;
[[nodiscard]] bool operator==(const Scenario& left, const Scenario& right) noexcept;

// A layout from bytes, as decode() makes it: well formed, ndim <= 8, block <= 64 KiB.
[[nodiscard]] Layout decode_layout(std::span<const std::uint8_t> bytes);

// Scenarios one step simpler than this one, simplest first; empty when nothing is left to drop.
[[nodiscard]] std::vector<Scenario> smaller(const Scenario& scenario);

// The scenario on one line, as records and messages show it: "acquire 0x018 (STRIDES); release".
[[nodiscard]] std::string describe(const Scenario& scenario);

// A flag word by name: "STRIDES|WRITABLE", "0x010" for bits that make no flag.
[[nodiscard]] std::string flags_name(int word);

// "format i, itemsize 4, shape (2, 3), strides (12, 4)".
[[nodiscard]] std::string describe(const Layout& layout);

}  // namespace bufspec
