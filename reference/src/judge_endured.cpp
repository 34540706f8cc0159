// Judging what an object endures: operations that would change it, and the same request many times over.
#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

// Fewer pairs than these say nothing of the bytes of a process: pools of the allocator grow in larger steps.
constexpr std::uint64_t fewest_pairs_for_bytes = 1000;
constexpr std::int64_t bytes_of_a_leak = 8;  // a pair, in both halves
// A cache keeps a few references once, a leak some at each pair.
constexpr long pairs_to_one_reference = 100;

std::uint64_t size_of(long number) noexcept {
  return number < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
}

// Whether so many references too many (or too few) after so many pairs are more than what is kept once.
bool is_leak(StepKind kind, long references, std::uint64_t pairs) noexcept {
  const std::uint64_t kept = size_of(references);
  if (kept == 0) return false;
  // Counts that threads lose to each other are few among many pairs; what each thread keeps for itself is not lost.
  if (kind == StepKind::threads && kept > thread_count) return true;
  return kept >= pairs / pairs_to_one_reference;
}

void judge_references(const Step& step, long kept, const Repeated& repeated, Notes& notes) {
  const std::uint64_t pairs = repeated.granted + repeated.refused;
  const bool leaks = is_leak(step.kind, kept, pairs);
  const auto found = [&] {
    return std::to_string(size_of(kept)) + (kept < 0 ? " fewer" : " more") + " references after " +
           std::to_string(pairs) + " times " + flags_name(step.flags);
  };
  const auto as_before = [] { return "the reference count of the object as before"; };
  if (repeated.granted == 0) {
    notes.check(Rule::error_refusal_nothing_kept, !leaks, as_before, found);
    return;
  }
  const bool told_apart = notes.judges(Rule::lifetime_release_obj_kept);
  notes.check(
      Rule::lifetime_release_obj_kept, !leaks || kept > 0, [] { return "the reference in obj dropped once"; }, found);
  if (leaks && kept < 0 && told_apart) return;
  notes.check(Rule::lifetime_release_references_restored, !leaks, as_before, found);
}

void judge_bytes(const Step& step, const Repeated& repeated, Notes& notes) {
  const std::uint64_t pairs = repeated.granted + repeated.refused;
  if (!repeated.first_half_bytes || !repeated.second_half_bytes || pairs < fewest_pairs_for_bytes) return;
  const auto limit = static_cast<std::int64_t>(pairs / 2) * bytes_of_a_leak;
  const bool grows = *repeated.first_half_bytes >= limit && *repeated.second_half_bytes >= limit;
  notes.check(
      repeated.granted > 0 ? Rule::lifetime_release_memory_restored : Rule::error_refusal_nothing_kept, !grows,
      [] { return "a process that does not grow by 8 bytes a time or more"; },
      [&] {
        return std::to_string(*repeated.first_half_bytes) + " bytes more after the first half of " +
               std::to_string(pairs) + " times " + flags_name(step.flags) + ", " +
               std::to_string(*repeated.second_half_bytes) + " more after the second";
      });
}

}  // namespace

void judge_mutated(const Mutated& mutated, bool is_fresh, Notes& notes) {
  if (mutated.views_held > 0) {
    // What it did instead of refusing is seen by the reads that follow.
    if (mutated.raised) notes.kept(Rule::lifetime_export_memory_valid);
    return;
  }
  // The twin went through none of the operations before this one.
  if (!mutated.twin_tried || !is_fresh) return;
  notes.check(
      Rule::lifetime_export_lock_ends, !mutated.raised || mutated.twin_raised,
      [&] { return mutated.operation + " after the last release as on an object that was never exported"; },
      [&] {
        return mutated.operation + " raised " + mutated.exception_name +
               " after the last release; on a twin that was never exported it did not";
      });
}

void judge_repeated(const Step& step, const Repeated& repeated, unsigned observes, Notes& notes) {
  if (repeated.granted + repeated.refused == 0) return;
  if (repeated.references_kept) judge_references(step, *repeated.references_kept, repeated, notes);
  if ((observes & observation::process) != 0) judge_bytes(step, repeated, notes);
  if (step.kind != StepKind::threads || repeated.granted == 0 || (observes & observation::content) == 0) return;
  notes.check(
      Rule::lifetime_export_memory_valid, repeated.elements_same,
      [] { return "the same elements through every view, whichever thread holds it"; },
      [] { return "other elements"; });
}

}  // namespace bufspec::judging
