// Random layouts, behaviours, refusals and sequences of steps for consumers, the same for the same seed (rules
// consumer.*).  Nothing here lies: what breaks is the consumer's.
#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "consumer_scenarios.hpp"
#include "suites/engine/numbers.hpp"

namespace bufspec::suites {

namespace {

constexpr std::size_t count_short = 240;
constexpr std::size_t count_full = 4000;
constexpr std::uint8_t slots_used = 3;

// What lies behind the first pointer of a memory without elements is nowhere said: an exporter may store pointers to
// tables there, or to nothing, and a consumer may go as far as the extent of 0.  So there is one pointer at most.
void keep_one_pointer_if_empty(Layout& layout) {
  const auto ndim = static_cast<std::size_t>(layout.ndim);
  const bool is_empty =
      std::find(layout.shape.begin(), layout.shape.begin() + layout.ndim, 0) != layout.shape.begin() + layout.ndim;
  if (!is_empty || !layout.has_suboffsets) return;
  bool found = false;
  for (std::size_t d = 0; d < ndim; ++d) {
    if (found) layout.suboffsets[d] = -1;
    found |= layout.suboffsets[d] >= 0;
  }
}

void make_harmless(Layout& layout) {
  // As numbers, addresses of nothing hurt nobody.
  if (holds_pointers(layout.format)) layout.format = std::to_string(layout.itemsize) + "s";
  keep_one_pointer_if_empty(layout);
}

Layout drawn_layout(Numbers& numbers) {
  std::array<std::uint8_t, 48> bytes;
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(numbers.next());
  Layout layout = decode_layout(bytes);
  make_harmless(layout);
  return layout;
}

// Most memories are plainly placed and shared by all views; the other behaviours come alone and together.
std::uint32_t drawn_behaviours(Numbers& numbers) {
  std::uint32_t drawn = 0;
  switch (numbers.below(4)) {
    case 0:
      drawn |= behaviour::ends_at_page;
      break;
    case 1:
      drawn |= behaviour::begins_at_page;
      break;
    default:
      break;
  }
  if (numbers.once_in(2)) {
    drawn |= numbers.once_in(4) ? 0 : behaviour::fresh_block;
    drawn |= numbers.once_in(4) ? 0 : behaviour::own_arrays;
    drawn |= numbers.once_in(2) ? behaviour::poisoned : behaviour::withdrawn;
  }
  for (const std::uint32_t one :
       {behaviour::self_referential, behaviour::redirected, behaviour::reenters, behaviour::reenters_consumer,
        behaviour::collects, behaviour::slow, behaviour::raises_at_release, behaviour::other_thread})
    if (numbers.once_in(12)) drawn |= one;
  return drawn;
}

std::uint32_t drawn_refusals(Numbers& numbers) {
  constexpr std::array kinds{behaviour::refuses_writable,   behaviour::refuses_flat,   behaviour::refuses_strideless,
                             behaviour::refuses_formatless, behaviour::refuses_format, behaviour::refuses_contiguity};
  std::uint32_t drawn = kinds[numbers.below(kinds.size())];
  if (numbers.once_in(2)) drawn |= behaviour::refusal_untouched;
  if (numbers.once_in(4)) drawn |= behaviour::refusal_memory_error;
  return drawn;
}

// What is done with a slot follows from whether it holds a result; our own reference goes once at most, and then no
// call can be made any more.
std::vector<Step> drawn_steps(Numbers& numbers) {
  std::vector<Step> steps;
  std::array<bool, slots_used> taken{};
  const std::uint64_t length = 1 + numbers.below(8);
  for (std::uint64_t n = 0; n < length; ++n) {
    const auto slot = static_cast<std::uint8_t>(numbers.below(slots_used));
    if (!taken[slot]) {
      steps.push_back({StepKind::consume, slot});
      taken[slot] = true;
    } else if (numbers.once_in(2)) {
      steps.push_back({StepKind::read, slot});
    } else {
      steps.push_back({StepKind::release, slot});
      taken[slot] = false;
    }
    if (numbers.once_in(6)) steps.push_back({StepKind::collect});
  }
  if (numbers.once_in(3)) steps.push_back({StepKind::drop});
  for (std::uint8_t slot = 0; slot < slots_used; ++slot) {
    if (!taken[slot]) continue;
    steps.push_back({StepKind::read, slot});
    steps.push_back({StepKind::release, slot});
  }
  steps.push_back({StepKind::collect});
  return steps;
}

// The memory is one of `fitted`, where there are any.
Scenario drawn_scenario(std::uint64_t seed, std::size_t number, Edition edition, std::span<const Layout> fitted) {
  Numbers numbers(seed * 0x100000001b3ULL + number + 0x636f6e73);
  Scenario scenario;
  scenario.target = Target::consumer;
  scenario.edition = edition;
  scenario.layout = fitted.empty() ? drawn_layout(numbers) : fitted[numbers.below(fitted.size())];
  scenario.behaviours = drawn_behaviours(numbers);
  if (numbers.once_in(6)) scenario.behaviours |= drawn_refusals(numbers);
  if (numbers.once_in(8)) scenario.refused_requests = static_cast<std::uint8_t>(1 + numbers.below(7));
  scenario.steps = drawn_steps(numbers);
  return scenario;
}

}  // namespace

Scenario consumer_at_random(std::uint64_t seed, Layout layout, Edition edition) {
  make_harmless(layout);
  return drawn_scenario(seed, 0, edition, {&layout, 1});
}

void append_consumer_random_cases(const ConsumerMemories& memories, const CaseOptions& options, CaseList& cases) {
  std::vector<Layout> fitted;
  for (const LayoutRow* row : memories.all)
    if (memories.is_fitted) fitted.push_back(row->layout);
  cases.append("consumer.random_", options.bound == "full" ? count_full : count_short,
               [seed = options.seed, edition = options.edition, fitted = std::move(fitted)](std::size_t number) {
                 return drawn_scenario(seed, number, edition, fitted);
               });
}

}  // namespace bufspec::suites
