#include "vocabulary.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "bufspec/flags.hpp"

namespace bufspec::campaign {

namespace {

constexpr std::uint64_t longest_drawn = 60;
constexpr std::uint64_t few_slots = 4;  // most scenarios use no more: what is released is then more often held
constexpr std::uint64_t most_edits = 3;

struct Weighted {
  StepKind kind;
  unsigned weight;
};

// Threads cost a thousand times what a request does, and so are rare.
constexpr std::array kinds{
    Weighted{StepKind::acquire, 340},     Weighted{StepKind::release, 230}, Weighted{StepKind::read, 140},
    Weighted{StepKind::write, 80},        Weighted{StepKind::reenter, 40},  Weighted{StepKind::acquire_direct, 40},
    Weighted{StepKind::release_copy, 30}, Weighted{StepKind::mutate, 60},   Weighted{StepKind::release_raising, 15},
    Weighted{StepKind::repeat, 12},       Weighted{StepKind::collect, 4},   Weighted{StepKind::drop, 6},
    Weighted{StepKind::threads, 1},       Weighted{StepKind::another, 4},   Weighted{StepKind::hold, 2},
};

constexpr unsigned total_weight = [] {
  unsigned total = 0;
  for (const Weighted& one : kinds) total += one.weight;
  return total;
}();

StepKind drawn_kind(const Vocabulary& vocabulary, Numbers& numbers) {
  while (true) {
    std::uint64_t at = numbers.below(total_weight);
    for (const Weighted& one : kinds) {
      if (at < one.weight) {
        if (one.kind == StepKind::mutate && vocabulary.operations == 0) break;
        return one.kind;
      }
      at -= one.weight;
    }
  }
}

// Words that consumers ask with, each with and without WRITABLE and FORMAT; one in six is any word.  Not the two that are
// reserved: the interpreter keeps them from the exporter.
int drawn_word(Numbers& numbers) {
  constexpr std::array ladders{flag::SIMPLE,       flag::ND,           flag::STRIDES,        flag::STRIDES,
                               flag::C_CONTIGUOUS, flag::F_CONTIGUOUS, flag::ANY_CONTIGUOUS, flag::INDIRECT};
  int word = ladders[numbers.below(ladders.size())];
  if (numbers.once_in(3)) word |= flag::WRITABLE;
  if (numbers.once_in(2)) word |= flag::FORMAT;
  if (numbers.once_in(6)) word = static_cast<int>(numbers.below(flag::word_count));
  return word == flag::READ || word == flag::WRITE ? flag::SIMPLE : word;
}

// How often: mostly a few times, seldom often enough to meet what a count of calls decides.
int drawn_count(Numbers& numbers) {
  constexpr std::array often{16, 64, 100, 255, 256, 1000, 1024, 10000};
  if (!numbers.once_in(8)) return static_cast<int>(1 + numbers.below(8));
  return often[numbers.below(numbers.once_in(8) ? often.size() : 4)];
}

std::uint8_t drawn_slot(Numbers& numbers) {
  return static_cast<std::uint8_t>(numbers.below(numbers.once_in(5) ? max_slots : few_slots));
}

Step drawn_step(const Vocabulary& vocabulary, Numbers& numbers) {
  Step step{drawn_kind(vocabulary, numbers), drawn_slot(numbers), 0, 0};
  switch (step.kind) {
    case StepKind::acquire:
    case StepKind::acquire_direct:
    case StepKind::reenter:
      step.flags = drawn_word(numbers);
      break;
    case StepKind::repeat:
    case StepKind::hold:
      step.flags = drawn_word(numbers);
      step.count = drawn_count(numbers);
      break;
    case StepKind::threads:
      step.flags = drawn_word(numbers);
      step.count = static_cast<int>(1 + numbers.below(8));
      break;
    case StepKind::another:
      step.flags = static_cast<int>(numbers.below(vocabulary.operations + 1));  // the last: no operation
      break;
    case StepKind::mutate:
      step.flags = static_cast<int>(numbers.below(vocabulary.operations));
      break;
    default:
      break;
  }
  return step;
}

// A memory of any shape that a few bytes can spell.
Layout drawn_layout(Numbers& numbers) {
  std::array<std::uint8_t, 48> bytes;
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(numbers.next());
  return decode_layout(bytes);
}

// Which of its steps a change is about; any number below `size`, which is not 0.
std::size_t drawn_place(const std::vector<Step>& steps, Numbers& numbers) {
  return static_cast<std::size_t>(numbers.below(steps.size()));
}

void change_step(Step& step, const Vocabulary& vocabulary, Numbers& numbers) {
  switch (numbers.below(4)) {
    case 0:
      step.slot = drawn_slot(numbers);
      break;
    case 1:
      if (has_operation(step.kind))
        step.flags = static_cast<int>(numbers.below(std::max<std::size_t>(vocabulary.operations, 1)));
      else
        step.flags ^= 1 << numbers.below(10);
      if (step.flags == flag::READ || step.flags == flag::WRITE) step.flags = flag::SIMPLE;
      break;
    case 2:
      if (step.count > 0)
        step.count = std::clamp<int>(numbers.once_in(2) ? 2 * step.count : step.count + 1, 1, 20000);
      else
        step = drawn_step(vocabulary, numbers);
      break;
    default:
      step = drawn_step(vocabulary, numbers);
      break;
  }
}

// Extents at and around what an exporter may have a limit at.
void change_layout(Layout& layout, Numbers& numbers) {
  if (layout.ndim == 0 || numbers.once_in(3)) {
    layout = drawn_layout(numbers);
    return;
  }
  ssize& extent = layout.shape[numbers.below(static_cast<std::uint64_t>(layout.ndim))];
  constexpr std::array limits{0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 254, 255};
  extent = limits[numbers.below(limits.size())];
}

void edit(Scenario& scenario, const Scenario& other, const Vocabulary& vocabulary, Numbers& numbers) {
  std::vector<Step>& steps = scenario.steps;
  const auto at = [&](std::size_t place) { return steps.begin() + static_cast<std::ptrdiff_t>(place); };
  if (scenario.layout && numbers.once_in(6)) return change_layout(*scenario.layout, numbers);
  if (steps.empty()) return steps.push_back(drawn_step(vocabulary, numbers));
  switch (numbers.below(7)) {
    case 0:
    case 1: {
      std::size_t place = static_cast<std::size_t>(numbers.below(steps.size() + 1));
      for (std::uint64_t left = 1 + numbers.below(3); left > 0; --left)
        steps.insert(at(place++), drawn_step(vocabulary, numbers));
      break;
    }
    case 2:
      steps.erase(at(drawn_place(steps, numbers)));
      break;
    case 3: {  // a stretch once more
      const std::size_t first = drawn_place(steps, numbers);
      const std::size_t size = std::min<std::size_t>(steps.size() - first, 1 + numbers.below(8));
      const std::vector<Step> again(at(first), at(first + size));
      steps.insert(at(first + size), again.begin(), again.end());
      break;
    }
    case 4: {  // our beginning, and the other's end
      if (other.steps.empty()) break;
      steps.resize(1 + drawn_place(steps, numbers));
      const std::size_t first = drawn_place(other.steps, numbers);
      steps.insert(steps.end(), other.steps.begin() + static_cast<std::ptrdiff_t>(first), other.steps.end());
      break;
    }
    case 5: {
      const std::size_t place = drawn_place(steps, numbers);
      if (place + 1 < steps.size()) std::swap(steps[place], steps[place + 1]);
      break;
    }
    default:
      change_step(steps[drawn_place(steps, numbers)], vocabulary, numbers);
      break;
  }
}

// Appends drawn steps, each of which says something after the ones before it.
void extend(std::vector<Step>& steps, std::uint64_t count, const Vocabulary& vocabulary, Numbers& numbers) {
  std::array<bool, max_slots> held{};
  const auto note = [&](const Step& step) {
    const SlotUse use = use_of_slot(step.kind);
    if (use == SlotUse::takes || use == SlotUse::frees) held[step.slot % max_slots] = use == SlotUse::takes;
  };
  for (const Step& step : steps) note(step);
  const std::size_t length = steps.size() + count;
  while (steps.size() < length) {
    const Step step = drawn_step(vocabulary, numbers);
    const SlotUse use = use_of_slot(step.kind);
    if (use != SlotUse::none && held[step.slot] == (use == SlotUse::takes)) continue;
    // What an object was before it is dropped is worth more than what is left of it.
    if (step.kind == StepKind::drop && steps.size() + 8 < length) continue;
    note(step);
    steps.push_back(step);
  }
}

// A scenario that came to new code with a step or a few more; seldom changed, or made shorter, which may come to the same.
Scenario continued(Scenario scenario, const Scenario& other, const Vocabulary& vocabulary, Numbers& numbers) {
  std::vector<Step>& steps = scenario.steps;
  if (steps.size() > 2 && numbers.once_in(6)) {
    const std::size_t first = drawn_place(steps, numbers);
    const std::size_t size = 1 + static_cast<std::size_t>(numbers.below(std::max<std::size_t>(steps.size() / 2, 1)));
    const auto at = steps.begin() + static_cast<std::ptrdiff_t>(first);
    steps.erase(at, at + static_cast<std::ptrdiff_t>(std::min(size, steps.size() - first)));
  } else if (numbers.once_in(6)) {
    edit(scenario, other, vocabulary, numbers);
  }
  extend(steps, 1 + numbers.below(numbers.once_in(8) ? longest_drawn / 2 : 3), vocabulary, numbers);
  return scenario;
}

}  // namespace

Scenario drawn(const Vocabulary& vocabulary, Numbers& numbers) {
  if (vocabulary.draw) return vocabulary.draw(numbers);
  Scenario scenario;
  scenario.target = vocabulary.target;
  scenario.edition = vocabulary.edition;
  if (vocabulary.builds && (!vocabulary.has_objects || numbers.once_in(2))) scenario.layout = drawn_layout(numbers);
  extend(scenario.steps, 2 + numbers.below(longest_drawn - 1), vocabulary, numbers);
  return scenario;
}

Scenario mutated(const Scenario& parent, const Scenario& other, const Vocabulary& vocabulary, Numbers& numbers,
                 Reach reach) {
  Scenario scenario = parent;
  if (!vocabulary.draw) {
    if (reach == Reach::near) return continued(std::move(scenario), other, vocabulary, numbers);
    // What is kept ends where it came to something new: what comes after that is what is wanted most.
    for (std::uint64_t left = numbers.once_in(2) ? 0 : 1 + numbers.below(most_edits); left > 0; --left)
      edit(scenario, other, vocabulary, numbers);
    extend(scenario.steps, 1 + numbers.below(numbers.once_in(2) ? 6 : longest_drawn / 2), vocabulary, numbers);
    return scenario;
  }
  // Of what is drawn elsewhere the parts alone are known: each is taken from one of three.
  Scenario fresh = vocabulary.draw(numbers);
  if (parent.target != Target::consumer) return fresh;
  const auto either = [&]() -> const Scenario& { return numbers.once_in(2) ? other : fresh; };
  if (numbers.once_in(2)) scenario.layout = either().layout;
  if (numbers.once_in(2)) scenario.steps = either().steps;
  if (numbers.once_in(3)) {
    const Scenario& odd = either();
    scenario.behaviours = odd.behaviours;
    scenario.refused_requests = odd.refused_requests;
  }
  return scenario;
}

}  // namespace bufspec::campaign
