// How does a scenario change into another one?  It is decoded, one thing of it is changed, and it is encoded again: steps,
// flags that mean something, extents and strides at the edge of what can exist.
#include <algorithm>
#include <array>
#include <iterator>

#include "bufspec/flags.hpp"
#include "bufspec/layout.hpp"
#include "bufspec/scenario.hpp"
#include "mutator.hpp"

namespace bufspec::fuzz {

namespace {

constexpr std::array kinds{
    StepKind::acquire, StepKind::release,         StepKind::acquire_direct, StepKind::release_copy,
    StepKind::read,    StepKind::write,           StepKind::mutate,         StepKind::collect,
    StepKind::drop,    StepKind::reenter,         StepKind::repeat,         StepKind::threads,
    StepKind::consume, StepKind::release_raising, StepKind::another,        StepKind::hold};

int flags_from(Random& random) {
  constexpr int usual[]{0,    0x1,  0x4,   0x8,   0x9,   0x18,  0x19,  0x1c,  0x1d,  0x38,
                        0x58, 0x98, 0x118, 0x11c, 0x11d, 0x119, 0x100, 0x200, 0x3ff, 0x20};
  return random.one_in(4) ? static_cast<int>(random.below(1024)) : usual[random.below(std::size(usual))];
}

Step step_from(Random& random) {
  Step step;
  step.kind = kinds[random.below(kinds.size())];
  step.slot = static_cast<std::uint8_t>(random.below(random.one_in(3) ? max_slots : 2));
  step.flags = has_operation(step.kind) ? static_cast<int>(random.below(4)) : flags_from(random);
  if (has_count(step.kind)) step.count = static_cast<int>(random.below(4));
  return step;
}

void change_steps(std::vector<Step>& steps, Random& random) {
  const auto at = steps.begin() + static_cast<std::ptrdiff_t>(random.below(steps.size()));
  switch (steps.empty() ? 0 : random.below(5)) {
    case 0:
      steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(random.below(steps.size() + 1)), step_from(random));
      break;
    case 1:
      steps.erase(at);
      break;
    case 2:
      at->flags = has_operation(at->kind) ? at->flags : flags_from(random);
      break;
    case 3:
      std::iter_swap(at, steps.begin() + static_cast<std::ptrdiff_t>(random.below(steps.size())));
      break;
    default: {  // a request with its release
      const Step asked{random.one_in(4) ? StepKind::acquire_direct : StepKind::acquire, 0, flags_from(random), 0};
      steps.push_back(asked);
      steps.push_back({StepKind::release, 0, 0, 0});
    }
  }
}

void change_layout(Layout& layout, Random& random) {
  constexpr ssize extents[]{0, 1, 2, 3, 5, 17, 64, 255};
  const auto d = random.below(static_cast<std::size_t>(std::clamp(layout.ndim, 1, 8)));
  switch (random.below(7)) {
    case 0:
      layout.shape[d] = extents[random.below(std::size(extents))];
      break;
    case 1:
      layout.has_strides = true;
      layout.strides[d] = (static_cast<ssize>(random.below(11)) - 5) * std::max<ssize>(layout.itemsize, 1);
      break;
    case 2:
      layout.ndim = static_cast<int>(random.below(9));
      break;
    case 3:
      layout.readonly = !layout.readonly;
      break;
    case 4:
      layout.has_strides = !layout.has_strides;
      break;
    case 5:
      layout.offset += static_cast<ssize>(random.below(8));
      layout.block += 8;
      break;
    default:
      layout.has_strides = layout.has_suboffsets = true;
      layout.suboffsets.fill(-1);
      layout.suboffsets[d] = static_cast<ssize>(random.below(8));
  }
}

}  // namespace

void mutate(Bytes& input, Random& random) {
  // Of a target that draws more after the scenario, the first byte says how long it is: BUFSPEC_FUZZ_PREFIXED.
#ifdef BUFSPEC_FUZZ_PREFIXED
  constexpr std::size_t longest = 255;
  const std::size_t length = input.empty() ? 0 : std::min<std::size_t>(input[0], input.size() - 1);
  const Bytes spelled(input.begin() + (input.empty() ? 0 : 1),
                      input.begin() + static_cast<std::ptrdiff_t>(input.empty() ? 0 : 1 + length));
  Bytes rest(input.begin() + static_cast<std::ptrdiff_t>(input.empty() ? 0 : 1 + length), input.end());
#else
  const Bytes& spelled = input;
#endif
  Scenario scenario = decode(spelled);
  for (std::size_t n = 1 + random.below(3); n > 0; --n) {
    const std::size_t what = random.below(8);
    if (what == 0)
      scenario.target = random.one_in(3) ? Target::consumer : Target::exporter;
    else if (what == 1)
      scenario.behaviours ^= 1U << random.below(29);
    else if (what < 4) {
      if (!scenario.layout || random.one_in(16)) scenario.layout.emplace();
      change_layout(*scenario.layout, random);
    } else
      change_steps(scenario.steps, random);
  }
  Bytes made = encode(scenario);
#ifdef BUFSPEC_FUZZ_PREFIXED
  made.resize(std::min(made.size(), longest));
  made.insert(made.begin(), static_cast<std::uint8_t>(made.size()));
  for (std::size_t n = random.below(3); n > 0; --n) {
    if (rest.empty() || random.one_in(3))
      rest.insert(rest.begin() + static_cast<std::ptrdiff_t>(random.below(rest.size() + 1)), random.byte());
    else
      rest[random.below(rest.size())] = random.byte();
  }
  made.insert(made.end(), rest.begin(), rest.end());
#endif
  input = std::move(made);
}

}  // namespace bufspec::fuzz
