// Sequences: random walks over everything that may be done with one object, the same for the same seed
// (every rule that some sequence of steps can break).
#include <array>

#include "cases.hpp"
#include "suites/engine/numbers.hpp"

namespace bufspec::suites {

namespace {

constexpr std::size_t sequence_count = 200;
constexpr std::uint64_t longest_sequence = 40;
constexpr std::size_t changing_count = 120;
constexpr std::uint64_t longest_changing = 16;

int drawn_word(Numbers& numbers) {
  constexpr std::array likely{flag::SIMPLE,  flag::WRITABLE, flag::ND,     flag::STRIDES,      flag::FULL_RO,
                              flag::FULL_RO, flag::FULL,     flag::CONTIG, flag::STRIDED,      flag::RECORDS_RO,
                              flag::RECORDS, flag::INDIRECT, flag::CONTIG, flag::C_CONTIGUOUS, flag::F_CONTIGUOUS};
  // One in four is any word but the reserved two, which the interpreter keeps from the exporter.
  if (numbers.below(4) != 0) return likely[numbers.below(likely.size())];
  const auto word = static_cast<int>(numbers.below(flag::word_count));
  return word == flag::READ || word == flag::WRITE ? flag::SIMPLE : word;
}

StepKind drawn_kind(Numbers& numbers) {
  const std::uint64_t n = numbers.below(100);
  if (n < 34) return StepKind::acquire;
  if (n < 58) return StepKind::release;
  if (n < 76) return StepKind::read;
  if (n < 86) return StepKind::write;
  if (n < 91) return StepKind::release_copy;
  if (n < 95) return StepKind::reenter;
  if (n < 99) return StepKind::acquire_direct;
  return StepKind::collect;
}

// The slots that are taken, were every request granted.
class Slots {
 public:
  [[nodiscard]] bool is_taken(std::uint8_t slot) const noexcept { return taken_[slot]; }
  void take(std::uint8_t slot) noexcept { taken_[slot] = true; }
  void free(std::uint8_t slot) noexcept { taken_[slot] = false; }

 private:
  std::array<bool, max_slots> taken_{};
};

bool acquires(StepKind kind) noexcept { return kind == StepKind::acquire || kind == StepKind::acquire_direct; }
bool releases(StepKind kind) noexcept { return kind == StepKind::release || kind == StepKind::release_copy; }

Scenario drawn_sequence(std::uint64_t seed, std::size_t number, std::size_t operations, Edition edition) {
  Numbers numbers(seed * 0x100000001b3ULL + number);
  Scenario scenario;
  scenario.edition = edition;
  scenario.is_for_small_memory = true;
  Slots slots;
  const std::uint64_t length = 2 + numbers.below(longest_sequence - 3);
  while (scenario.steps.size() < length) {
    Step step{drawn_kind(numbers), static_cast<std::uint8_t>(numbers.below(4)), 0};
    if (acquires(step.kind) || step.kind == StepKind::reenter) step.flags = drawn_word(numbers);
    const bool needs_view = releases(step.kind) || step.kind == StepKind::read || step.kind == StepKind::write;
    if (slots.is_taken(step.slot) ? acquires(step.kind) : needs_view) continue;
    if (acquires(step.kind)) slots.take(step.slot);
    if (releases(step.kind)) slots.free(step.slot);
    scenario.steps.push_back(step);
  }
  // What changes the object for good comes last: a change, or its end, and the views looked at once more.
  const std::uint64_t end = numbers.below(4);
  if (end == 0) scenario.steps.push_back({StepKind::drop, 0, 0});
  if (end == 1 && operations > 0)
    scenario.steps.push_back({StepKind::mutate, 0, static_cast<int>(numbers.below(operations))});
  for (std::uint8_t slot = 0; slot < 4; ++slot) {
    if (!slots.is_taken(slot)) continue;
    if (end < 2) scenario.steps.push_back({StepKind::read, slot, 0});
    scenario.steps.push_back({StepKind::release, slot, 0});
  }
  return scenario;
}

// Operations at any place, several of them, among few views.
Scenario drawn_changing(std::uint64_t seed, std::size_t number, std::size_t operations, Edition edition) {
  Numbers numbers(seed * 0x100000001b3ULL + number + 0x6368616e);
  Scenario scenario;
  scenario.edition = edition;
  scenario.is_for_small_memory = true;
  Slots slots;
  const std::uint64_t length = 4 + numbers.below(longest_changing - 3);
  while (scenario.steps.size() < length) {
    Step step{StepKind::mutate, static_cast<std::uint8_t>(numbers.below(3)), 0};
    const std::uint64_t n = numbers.below(100);
    if (n < 30) {
      step = {StepKind::mutate, 0, static_cast<int>(numbers.below(operations))};
    } else if (slots.is_taken(step.slot)) {
      step.kind = n < 65 ? StepKind::read : StepKind::release;
    } else {
      step.kind = StepKind::acquire;
      step.flags = drawn_word(numbers);
    }
    if (acquires(step.kind)) slots.take(step.slot);
    if (releases(step.kind)) slots.free(step.slot);
    scenario.steps.push_back(step);
  }
  for (std::uint8_t slot = 0; slot < 3; ++slot)
    if (slots.is_taken(slot))
      scenario.steps.insert(scenario.steps.end(), {{StepKind::read, slot}, {StepKind::release, slot}});
  return scenario;
}

}  // namespace

void append_changing_sequences(const CaseOptions& options, CaseList& cases) {
  const std::size_t operations = options.profile.operations.size();
  if (operations == 0) return;
  cases.append("mutation.random_", changing_count,
               [seed = options.seed, operations, edition = options.edition](std::size_t number) {
                 return drawn_changing(seed, number, operations, edition);
               });
}

void append_sequence_cases(const CaseOptions& options, CaseList& cases) {
  cases.append("sequence.random_", sequence_count,
               [seed = options.seed, operations = options.profile.operations.size(), edition = options.edition](
                   std::size_t number) { return drawn_sequence(seed, number, operations, edition); });
}

}  // namespace bufspec::suites
