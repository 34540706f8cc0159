// Judging what an object endures: operations that would change it, and the same request many times over.
#include <algorithm>

#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

// Fewer pairs than these say nothing of the bytes of a process: pools of the allocator grow in larger steps.
constexpr std::uint64_t fewest_pairs_for_bytes = 1000;
constexpr std::int64_t bytes_of_a_leak = 8;  // a pair, in both halves
// A cache keeps a few references once, a leak some at each pair.
constexpr long pairs_to_one_reference = 100;

// How many references more or fewer after so many pairs are no leak.
long references_allowed(StepKind kind, std::uint64_t pairs) noexcept {
  const long few = static_cast<long>(std::min<std::uint64_t>(pairs, max_count)) / pairs_to_one_reference;
  const long allowed = std::max(few, 1L) - 1;
  // Counts that threads lose to each other are few among many pairs; what each thread keeps for itself is not lost.
  return kind == StepKind::threads ? std::min<long>(allowed, thread_count) : allowed;
}

void judge_references(const Step& step, long kept, const Repeated& repeated, Notes& notes) {
  const std::uint64_t pairs = repeated.granted + repeated.refused;
  const long allowed = references_allowed(step.kind, pairs);
  const bool too_many = kept > allowed;
  const bool too_few = kept < -allowed;
  const auto found = [&] {
    return Finding{.aspect = Aspect::references, .flags = step.flags, .times = pairs, .owed = ssize{0}, .found = kept};
  };
  if (repeated.granted == 0) {
    notes.check(Rule::error_refusal_nothing_kept, !too_many && !too_few, found);
    return;
  }
  const bool told_apart = notes.judges(Rule::lifetime_release_obj_kept);
  notes.check(Rule::lifetime_release_obj_kept, !too_few, found);
  if (too_few && told_apart) return;
  notes.check(Rule::lifetime_release_references_restored, !too_many && !too_few, found);
}

void judge_bytes(const Step& step, const Repeated& repeated, Notes& notes) {
  const std::uint64_t pairs = repeated.granted + repeated.refused;
  if (!repeated.first_half_bytes || !repeated.second_half_bytes || pairs < fewest_pairs_for_bytes) return;
  // Divided, not multiplied: numbers that a peer sends may be of any size.
  const auto leaks = [pairs](std::int64_t bytes) {
    return bytes >= 0 && static_cast<std::uint64_t>(bytes) / bytes_of_a_leak >= pairs / 2;
  };
  const bool grows = leaks(*repeated.first_half_bytes) && leaks(*repeated.second_half_bytes);
  const Rule rule = repeated.granted > 0 ? Rule::lifetime_release_memory_restored : Rule::error_refusal_nothing_kept;
  notes.check(rule, !grows, [&] {
    return Finding{.aspect = Aspect::process_bytes,
                   .flags = step.flags,
                   .times = pairs,
                   .owed = ssize{bytes_of_a_leak},
                   .found = value::Integers{{*repeated.first_half_bytes, *repeated.second_half_bytes}}};
  });
}

}  // namespace

void judge_mutated(const Mutated& mutated, bool is_fresh, Notes& notes) {
  if (mutated.views_held > 0) {
    // What it did instead of refusing is seen by the reads that follow.
    if (mutated.raised) notes.kept(Rule::lifetime_export_memory_valid);
    return;
  }
  // The twin, which is asked only where the object raised, went through none of the operations before this one.
  if (!is_fresh || (mutated.raised && !mutated.twin_tried)) return;
  notes.check(Rule::lifetime_export_lock_ends, !mutated.raised || mutated.twin_raised, [&] {
    return Finding{.aspect = Aspect::raised,
                   .owed = value::Exception{},
                   .found = value::Exception{mutated.exception_name},
                   .given = value::Text{mutated.operation}};
  });
}

void judge_repeated(const Step& step, const Repeated& repeated, unsigned observes, Notes& notes) {
  if (repeated.granted + repeated.refused == 0) return;
  if (repeated.references_kept) judge_references(step, *repeated.references_kept, repeated, notes);
  if ((observes & observation::process) != 0) judge_bytes(step, repeated, notes);
  if (repeated.granted == 0 || (observes & observation::content) == 0) return;
  notes.check(Rule::lifetime_export_memory_valid, repeated.elements_same, Aspect::other_elements);
}

}  // namespace bufspec::judging
