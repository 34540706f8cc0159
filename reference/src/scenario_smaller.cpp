// Which scenarios are one step simpler than a given one? Each candidate is less in the first of these that it
// changes: steps, behaviours, refused requests, dimensions, extents, suboffsets, format, strides, margins, read-only, kinds, counts, flags, slots,
// order.  So taking candidates comes to an end.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "bufspec/layout.hpp"
#include "bufspec/scenario.hpp"
#include "scenario_layout.hpp"

namespace bufspec {

namespace {

// Collects candidates made from one scenario.
class Candidates {
 public:
  explicit Candidates(const Scenario& scenario) : scenario_(scenario) {}

  void add_steps(std::vector<Step> steps) {
    if (scenario_.target != Target::function) drop_unmatched(steps);
    if (steps.empty() || steps.size() >= scenario_.steps.size()) return;
    Scenario candidate = scenario_;
    candidate.steps = std::move(steps);
    found_.push_back(std::move(candidate));
  }

  // A layout whose block is made to fit, with the margins that it has.
  void add_layout(Layout layout) {
    const Margins margins = is_indirect(*scenario_.layout) ? Margins{} : margins_of(*scenario_.layout);
    add_layout(std::move(layout), margins.lead, margins.trail);
  }

  void add_layout(Layout layout, ssize lead, ssize trail) {
    fit_block(layout, lead, trail);
    if (!well_formed(layout).ok() || layout == *scenario_.layout) return;
    Scenario candidate = scenario_;
    candidate.layout = std::move(layout);
    found_.push_back(std::move(candidate));
  }

  void add(Scenario candidate) { found_.push_back(std::move(candidate)); }

  std::vector<Scenario> take() noexcept { return std::move(found_); }

 private:
  // A release, read or write whose acquire is gone says nothing, nor does an acquire into a taken slot.
  static void drop_unmatched(std::vector<Step>& steps) {
    std::array<bool, max_slots> held{};
    std::erase_if(steps, [&held](const Step& step) {
      const SlotUse use = use_of_slot(step.kind);
      bool& is_held = held[step.slot % max_slots];
      if (use == SlotUse::none) return false;
      if (is_held == (use == SlotUse::takes)) return true;
      if (use != SlotUse::needs) is_held = use == SlotUse::takes;
      return false;
    });
  }

  const Scenario& scenario_;
  std::vector<Scenario> found_;
};

// Halves, quarters and so on, and at last each step alone; the end first, since what follows a death never ran.
// Where a failure costs seconds, as a hang does, few candidates fail before most steps are gone.
void drop_steps(const Scenario& scenario, Candidates& candidates) {
  const std::vector<Step>& steps = scenario.steps;
  for (std::size_t size = steps.size() / 2; size > 0; size /= 2) {
    for (std::size_t end = steps.size(); end > 0; end -= std::min(size, end)) {
      const auto place = [&steps](std::size_t index) { return steps.begin() + static_cast<std::ptrdiff_t>(index); };
      std::vector<Step> fewer(steps.begin(), place(end - std::min(size, end)));
      fewer.insert(fewer.end(), place(end), steps.end());
      candidates.add_steps(std::move(fewer));
    }
  }
}

void drop_dimensions(const Layout& layout, Candidates& candidates) {
  const auto ndim = static_cast<std::size_t>(layout.ndim);
  for (std::size_t d = 0; d < ndim; ++d) {
    Layout fewer = layout;
    for (Extents* values : {&fewer.shape, &fewer.strides, &fewer.suboffsets})
      std::copy(values->begin() + static_cast<std::ptrdiff_t>(d) + 1, values->begin() + layout.ndim,
                values->begin() + static_cast<std::ptrdiff_t>(d));
    --fewer.ndim;
    fewer.has_strides = fewer.has_strides && fewer.ndim > 0;
    fewer.has_suboffsets = is_indirect(fewer);
    candidates.add_layout(std::move(fewer));
  }
}

void shrink_extents(const Layout& layout, Candidates& candidates) {
  for (std::size_t d = 0; d < static_cast<std::size_t>(layout.ndim); ++d) {
    ssize last = -1;
    for (const ssize extent : {ssize{0}, ssize{1}, layout.shape[d] / 2, layout.shape[d] - 1}) {
      if (extent <= last || extent >= layout.shape[d]) continue;
      last = extent;
      Layout shrunk = layout;
      shrunk.shape[d] = extent;
      candidates.add_layout(std::move(shrunk));
    }
  }
}

void drop_indirection(const Layout& layout, Candidates& candidates) {
  if (!layout.has_suboffsets) return;
  Layout direct = layout;
  direct.has_suboffsets = false;
  if (canonical_strides(direct, 'C', direct.strides)) candidates.add_layout(direct, 0, 0);
  for (std::size_t d = 0; d < static_cast<std::size_t>(layout.ndim); ++d) {
    if (layout.suboffsets[d] < 0) continue;
    Layout lower = layout;
    lower.suboffsets[d] = lower.suboffsets[d] > 0 ? 0 : -1;
    if (is_indirect(lower)) candidates.add_layout(std::move(lower));
  }
}

void simplify_format(const Layout& layout, Candidates& candidates) {
  if (layout.format == "B" && layout.itemsize == 1) return;
  Layout bytes = layout;
  bytes.format = "B";
  bytes.itemsize = 1;
  if (!is_indirect(layout) && layout.itemsize > 1)
    for (std::size_t d = 0; d < static_cast<std::size_t>(layout.ndim); ++d)
      if (bytes.strides[d] % layout.itemsize == 0) bytes.strides[d] /= layout.itemsize;
  candidates.add_layout(std::move(bytes));
}

void simplify_strides(const Layout& layout, Candidates& candidates) {
  if (!layout.has_strides) return;
  if (!is_indirect(layout)) {
    Layout plain = layout;
    plain.has_strides = false;
    candidates.add_layout(std::move(plain));
  }
  Extents canonical{};
  if (!canonical_strides(layout, 'C', canonical)) return;
  for (std::size_t d = 0; d < static_cast<std::size_t>(layout.ndim); ++d) {
    if (layout.strides[d] == canonical[d]) continue;
    Layout plain = layout;
    plain.strides[d] = canonical[d];
    candidates.add_layout(std::move(plain));
  }
}

void simplify_layout(const Layout& layout, Candidates& candidates) {
  drop_dimensions(layout, candidates);
  shrink_extents(layout, candidates);
  drop_indirection(layout, candidates);
  simplify_format(layout, candidates);
  simplify_strides(layout, candidates);
  const Margins margins = is_indirect(layout) ? Margins{} : margins_of(layout);
  if (margins.lead > 0 || margins.trail > 0) candidates.add_layout(layout, 0, 0);
  if (layout.readonly) {
    Layout writable = layout;
    writable.readonly = false;
    candidates.add_layout(std::move(writable));
  }
}

// Our exporter with one thing less to it, and with none first.
void simplify_exporter(const Scenario& scenario, Candidates& candidates) {
  const auto add = [&](std::uint32_t behaviours, unsigned refused) {
    Scenario candidate = scenario;
    candidate.behaviours = behaviours;
    candidate.refused_requests = static_cast<std::uint8_t>(refused);
    candidates.add(std::move(candidate));
  };
  const std::uint32_t behaviours = scenario.behaviours;
  const unsigned refused = scenario.refused_requests;
  if (std::popcount(behaviours) + std::popcount(refused) > 1) add(0, 0);
  for (std::uint32_t bits = behaviours; bits != 0; bits &= bits - 1) add(behaviours & ~(bits & (0U - bits)), refused);
  for (unsigned bits = refused; bits != 0; bits &= bits - 1) add(behaviours, refused & ~(bits & (0U - bits)));
}

// The plainer kind of step that does nearly the same; the same kind where there is none.
StepKind plainer(StepKind kind, Target target) noexcept {
  switch (kind) {
    case StepKind::acquire_direct:
      return StepKind::acquire;
    case StepKind::release_copy:
    case StepKind::release_raising:
      return StepKind::release;
    case StepKind::threads:
      return StepKind::repeat;
    case StepKind::write:
      return StepKind::read;
    case StepKind::repeat:  // one call of a consumer is a step of its own
      return target == Target::consumer ? StepKind::consume : kind;
    default:
      return kind;
  }
}

void simplify_kinds(const Scenario& scenario, Candidates& candidates) {
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const StepKind kind = plainer(scenario.steps[i].kind, scenario.target);
    if (kind == scenario.steps[i].kind) continue;
    Scenario candidate = scenario;
    candidate.steps[i].kind = kind;
    if (!has_count(kind)) candidate.steps[i].count = 0;
    candidates.add(std::move(candidate));
  }
}

void shrink_counts(const Scenario& scenario, Candidates& candidates) {
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const int count = scenario.steps[i].count;
    int last = 0;
    for (const int fewer : {1, count / 100, count / 10, count / 2}) {
      if (fewer <= last || fewer >= count) continue;
      last = fewer;
      Scenario candidate = scenario;
      candidate.steps[i].count = fewer;
      candidates.add(std::move(candidate));
    }
  }
}

void simplify_flags(const Scenario& scenario, Candidates& candidates) {
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    if (has_operation(scenario.steps[i].kind)) continue;  // the number of an operation has no bits to drop
    const auto word = static_cast<unsigned>(scenario.steps[i].flags);
    if (word == 0) continue;
    const auto add = [&](unsigned fewer) {
      Scenario candidate = scenario;
      candidate.steps[i].flags = static_cast<int>(fewer);
      candidates.add(std::move(candidate));
    };
    if (std::popcount(word) > 1) add(0);
    for (unsigned bits = word; bits != 0; bits &= bits - 1) add(word & ~(bits & (0U - bits)));
  }
}

// Slots numbered in the order in which they are met.
void renumber_slots(const Scenario& scenario, Candidates& candidates) {
  std::array<int, max_slots> number{};
  number.fill(-1);
  int next = 0;
  Scenario candidate = scenario;
  unsigned before = 0;
  unsigned after = 0;
  for (Step& step : candidate.steps) {
    if (use_of_slot(step.kind) == SlotUse::none) continue;
    int& slot = number[step.slot % max_slots];
    if (slot < 0) slot = next++;
    before += step.slot;
    step.slot = static_cast<std::uint8_t>(slot);
    after += step.slot;
  }
  if (after < before) candidates.add(std::move(candidate));
}

}  // namespace

std::vector<Scenario> smaller(const Scenario& scenario) {
  Candidates candidates(scenario);
  drop_steps(scenario, candidates);
  simplify_exporter(scenario, candidates);
  if (scenario.layout && well_formed(*scenario.layout).ok()) simplify_layout(*scenario.layout, candidates);
  simplify_kinds(scenario, candidates);
  shrink_counts(scenario, candidates);
  simplify_flags(scenario, candidates);
  renumber_slots(scenario, candidates);
  if (scenario.order != 'C') {
    Scenario plain = scenario;
    plain.order = 'C';
    candidates.add(std::move(plain));
  }
  return candidates.take();
}

}  // namespace bufspec
