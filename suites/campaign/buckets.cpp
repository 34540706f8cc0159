#include "buckets.hpp"

#include <algorithm>
#include <bit>

#include "bufspec/flags.hpp"

namespace bufspec::campaign {

namespace {

class Hash {
 public:
  Hash& add(std::uint64_t value) noexcept {
    state_ = (state_ ^ value) * 0x9e3779b97f4a7c15ULL;
    state_ ^= state_ >> 29;
    return *this;
  }
  [[nodiscard]] std::uint64_t whole() const noexcept { return state_; }
  [[nodiscard]] std::uint32_t bucket() const noexcept {
    return static_cast<std::uint32_t>(state_ >> 20) % bucket_count;
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

std::uint64_t of(Pointer pointer) noexcept { return static_cast<std::uint64_t>(pointer); }

// 0, 1, 2, 3 to 4, 5 to 8, and so on.
std::uint64_t size_class(std::uint64_t size) noexcept { return size < 3 ? size : std::bit_width(size - 1) + 1U; }

// The rung that a word asks for, and whether it asks for WRITABLE, FORMAT and for bits of no flag.
unsigned flags_class(int word) noexcept {
  constexpr std::array rungs{flag::INDIRECT,       flag::C_CONTIGUOUS, flag::F_CONTIGUOUS,
                             flag::ANY_CONTIGUOUS, flag::STRIDES,      flag::ND};
  unsigned rung = 0;
  int known = flag::WRITABLE | flag::FORMAT;
  for (unsigned n = 0; n < rungs.size(); ++n) {
    if (!has(word, rungs[n])) continue;
    if (rung == 0) rung = n + 1;
    known |= rungs[n];
  }
  return rung * 8 + (has(word, flag::WRITABLE) ? 4 : 0) + (has(word, flag::FORMAT) ? 2 : 0) +
         ((word & ~known) != 0 ? 1 : 0);
}

// How many dimensions, and in which way the elements lie.
std::uint64_t layout_class(const View& view) noexcept {
  const auto ndim = static_cast<std::size_t>(std::clamp(view.ndim, 0, 3));
  std::uint64_t kind = ndim;
  kind = kind * 6 + of(view.shape);
  kind = kind * 6 + of(view.strides);
  kind = kind * 6 + of(view.suboffsets);
  kind = kind * 6 + of(view.format);
  for (std::size_t d = 0; d < ndim && view.strides == Pointer::readable; ++d)
    kind = kind * 3 + (view.strides_values[d] < 0 ? 0U : view.strides_values[d] == 0 ? 1U : 2U);
  return kind * 2 + (view.readonly != 0 ? 1 : 0);
}

void add_answer(Hash& hash, const Answer& answer) noexcept {
  hash.add(answer.granted ? 1 : 2).add(static_cast<std::uint64_t>(answer.error));
  hash.add(answer.unwritten).add(static_cast<std::uint64_t>(std::clamp(answer.references_gained.value_or(9), -2L, 3L)));
  if (!answer.granted) return;
  hash.add(layout_class(answer.view)).add(size_class(static_cast<std::uint64_t>(std::max<ssize>(answer.view.len, 0))));
  hash.add(static_cast<std::uint64_t>(answer.elements) * 16 + static_cast<std::uint64_t>(answer.declared) * 4 +
           static_cast<std::uint64_t>(answer.block));
}

// What a step came to.
void add_outcome(Hash& hash, const StepRecord& record) noexcept {
  if (record.answer) add_answer(hash, *record.answer);
  if (record.released)
    hash.add(static_cast<std::uint64_t>(record.released->obj) * 2 + (record.released->exception_set ? 1 : 0))
        .add(static_cast<std::uint64_t>(std::clamp(record.released->references_kept.value_or(9), -2L, 3L)));
  if (record.reread)
    hash.add(record.reread->changed)
        .add(record.reread->unreadable)
        .add(record.reread->freed)
        .add((record.reread->memory_readable ? 1U : 0U) + (record.reread->memory_reused ? 2U : 0U))
        .add(static_cast<std::uint64_t>(record.reread->elements));
  if (record.written)
    hash.add((record.written->tried ? 1U : 0U) + (record.written->possible ? 2U : 0U) +
             (record.written->read_back ? 4U : 0U) + (record.written->restored ? 8U : 0U))
        .add(static_cast<std::uint64_t>(record.written->elsewhere));
  if (record.mutated)
    hash.add((record.mutated->raised ? 1U : 0U) + (record.mutated->twin_raised ? 2U : 0U))
        .add(static_cast<std::uint64_t>(record.mutated->error));
  if (record.repeated)
    hash.add((record.repeated->granted > 0 ? 1U : 0U) + (record.repeated->refused > 0 ? 2U : 0U) +
             (record.repeated->elements_same ? 4U : 0U))
        .add(static_cast<std::uint64_t>(std::clamp(record.repeated->references_kept.value_or(9), -2L, 3L)));
  if (record.consumed) {
    const Consumed& consumed = *record.consumed;
    hash.add(std::min<std::size_t>(consumed.requests.size(), 8))
        .add((consumed.raised ? 1U : 0U) + (consumed.returned_none ? 2U : 0U) + (consumed.elements_changed ? 4U : 0U))
        .add(static_cast<std::uint64_t>(consumed.error) * 16 + static_cast<std::uint64_t>(consumed.result) * 4 +
             static_cast<std::uint64_t>(consumed.filled))
        .add(static_cast<std::uint64_t>(std::clamp(consumed.results_held, 0, 3)));
    for (const Consumed::Request& request : consumed.requests)
      hash.add(static_cast<std::uint64_t>(flags_class(request.flags)) * 2 + (request.granted ? 1U : 0U));
  }
  if (record.called) hash.add(static_cast<std::uint64_t>(record.called->error) * 2 + (record.called->answer ? 1U : 0U));
}

// What a step is, apart from its answer.
std::uint64_t word_of(const Step& step) noexcept {
  const auto kind = static_cast<std::uint64_t>(step.kind);
  if (step.kind == StepKind::mutate) return kind << 8 | (static_cast<unsigned>(step.flags) & 0xffU);
  const std::uint64_t asked = flags_class(step.flags);
  return kind << 8 | asked;
}

// The same, coarser: which of the steps before it matters is open, so it must not be one of too many.
std::uint64_t short_word_of(const Step& step, const StepRecord& record) noexcept {
  const auto kind = static_cast<std::uint64_t>(step.kind) << 6;
  if (step.kind == StepKind::mutate)
    return kind | (static_cast<unsigned>(step.flags) & 0x1fU) << 1 |
           (record.mutated && record.mutated->raised ? 1U : 0U);
  if (record.answer) return kind | (flags_class(step.flags) >> 3) << 1 | (record.answer->granted ? 1U : 0U);
  return kind;
}

// The views that are held, the oldest first.
class Held {
 public:
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  void take(std::uint8_t slot) noexcept {
    if (count_ < slots_.size()) slots_[count_++] = slot;
  }
  // Which of them the slot is, by age.
  std::uint64_t free(std::uint8_t slot) noexcept {
    const auto end = slots_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto place = std::find(slots_.begin(), end, slot);
    if (place == end) return 15;
    const auto age = static_cast<std::uint64_t>(place - slots_.begin());
    std::copy(place + 1, end, place);
    --count_;
    return age;
  }

 private:
  std::array<std::uint8_t, max_slots> slots_{};
  std::size_t count_ = 0;
};

}  // namespace

void buckets_of(const Scenario& scenario, const Trace& trace, const Coverage& coverage, std::vector<Bucket>& found) {
  found.clear();
  Held held;
  std::uint64_t operations = 0;
  std::uint64_t before = 0;
  std::uint64_t releases = 0;
  const std::uint64_t layout = scenario.layout ? 1 + static_cast<std::uint64_t>(scenario.layout->ndim) * 4 +
                                                     (scenario.layout->has_strides ? 2U : 0U) +
                                                     (scenario.layout->has_suboffsets ? 1U : 0U)
                                               : 0;
  const std::size_t count = std::min(scenario.steps.size(), trace.steps.size());
  for (std::size_t n = 0; n < count; ++n) {
    const Step& step = scenario.steps[n];
    const StepRecord& record = trace.steps[n];
    const auto add = [&](const Hash& hash) { found.push_back({hash.bucket(), static_cast<std::uint32_t>(n), false}); };
    // What it came to, whatever was before; in which state it was made, whatever it came to; and after what.
    Hash answered;
    answered.add(1).add(word_of(step)).add(layout);
    if (step.count > 0) answered.add(size_class(static_cast<std::uint64_t>(step.count)));
    add_outcome(answered, record);
    add(answered);
    const std::uint64_t now = short_word_of(step, record);
    const std::uint64_t holds = std::min<std::uint64_t>(held.count(), 3);
    add(Hash().add(2).add(now).add(holds * 4 + std::min<std::uint64_t>(operations, 3)));
    add(Hash().add(3).add(now).add(before));
    if (use_of_slot(step.kind) == SlotUse::takes && record.answer && record.answer->granted) held.take(step.slot);
    if (use_of_slot(step.kind) == SlotUse::frees) {
      const std::uint64_t many = held.count();
      releases = (releases * 8 + held.free(step.slot)) & 0x3f;
      add(Hash().add(4).add(many).add(releases));
    }
    if (step.kind == StepKind::mutate && record.mutated && !record.mutated->raised) ++operations;
    before = now;
  }
  coverage.each([&](std::uint32_t edge, std::uint8_t times, std::uint32_t step) {
    found.push_back({Hash().add(5).add(edge).bucket(), step, true});
    if (times > 1 && count > 0)
      found.push_back(
          {Hash().add(6).add(edge).add(size_class(times)).bucket(), static_cast<std::uint32_t>(count - 1), false});
  });
}

std::uint64_t likeness_of(Rule rule, const Step& step) noexcept {
  return Hash().add(index_of(rule)).add(word_of(step)).whole() | 1U;
}

}  // namespace bufspec::campaign
