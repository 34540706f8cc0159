// Judging what becomes of a view while it is held, and its end: read, write, release, release of a copy.
#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

// Canaries and the error indicator, for every kind of release.
void judge_release_call(const Released& released, Notes& notes) {
  notes.check(Rule::lifetime_struct_inside_only, released.canaries_intact, Aspect::at_release);
  const bool is_kept = !released.exception_set && !released.live_exception_lost && released.unraisable.empty();
  notes.check(Rule::error_release_indicator_kept, is_kept, [&] {
    if (released.exception_set) return Finding{.aspect = Aspect::at_release};
    if (released.live_exception_lost) return Finding{.aspect = Aspect::live_exception_lost};
    return Finding{.aspect = Aspect::unraisable, .found = value::Exception{released.unraisable}};
  });
}

Finding references(long kept) { return {.aspect = Aspect::references, .owed = ssize{0}, .found = kept}; }

}  // namespace

void judge_release(const Released& released, Notes& notes) {
  notes.check(Rule::lifetime_release_obj_null, released.obj == Owner::null,
              [&] { return Finding{.fields = field_bit::obj, .owed = Owner::null, .found = released.obj}; });
  judge_release_call(released, notes);
  if (!released.references_kept) return;
  const long kept = *released.references_kept;
  // Too few are the fault of a release that drops what is not its own; the founding document knows no such rule.
  const bool told_apart = notes.judges(Rule::lifetime_release_obj_kept);
  notes.check(Rule::lifetime_release_obj_kept, kept >= 0, [&] { return references(kept); });
  if (kept < 0 && told_apart) return;
  notes.check(Rule::lifetime_release_references_restored, kept == 0, [&] { return references(kept); });
}

void judge_release_of_copy(const Released& released, Notes& notes) {
  judge_release_call(released, notes);
  if (!released.references_kept) return;
  const long kept = *released.references_kept;
  notes.check(Rule::lifetime_release_through_copy, kept == 0, [&] { return references(kept); });
}

void judge_reread(const Reread& reread, bool is_rewritten, Notes& notes) {
  const unsigned gone = reread.unreadable | reread.freed;
  const unsigned lost = reread.changed | gone;
  notes.check(Rule::lifetime_export_arrays_valid, lost == 0, [&] {
    const Aspect aspect = reread.freed != 0        ? Aspect::reused
                          : reread.unreadable != 0 ? Aspect::unreadable
                                                   : Aspect::changed;
    return Finding{.aspect = aspect, .fields = lost, .found = value::Fields{gone}};
  });
  const bool is_valid = reread.memory_readable && !reread.memory_reused;
  notes.check(Rule::lifetime_export_memory_valid, is_valid,
              reread.memory_readable ? Aspect::reused : Aspect::unreadable);
  // Elements of a memory that is gone are told above; those that we had changed are our affair.
  if (!is_valid || is_rewritten || reread.elements == SameElements::not_compared) return;
  notes.check(Rule::lifetime_export_memory_unchanged, reread.elements == SameElements::same, Aspect::other_elements);
}

void judge_written(const Written& written, Notes& notes, bool elements_ours) {
  if (!written.tried) return;
  // Where others write too, what is read again may be theirs.
  const bool is_kept = written.read_back || !elements_ours;
  notes.check(Rule::field_readonly_truthful, written.possible && is_kept,
              written.possible ? Aspect::not_read_back : Aspect::unwritable);
  if (!written.possible || !written.read_back || written.elsewhere == SameElements::not_compared) return;
  notes.reads(Rule::field_buf_one_memory,
              written.elsewhere == SameElements::same ? "one_memory" : "block_for_each_view");
}

}  // namespace bufspec::judging
