// Judging what becomes of a view while it is held, and its end: read, write, release, release of a copy.
#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

// Canaries and the error indicator, for every kind of release.
void judge_release_call(const Released& released, Notes& notes) {
  notes.check(
      Rule::lifetime_struct_inside_only, released.canaries_intact, [] { return "only the struct is written"; },
      [] { return "bytes beside the struct were overwritten by the release"; });
  notes.check(
      Rule::error_exception_none_on_success, !released.exception_set, [] { return "no exception"; },
      [] { return "the release left an exception behind"; });
}

std::string text_of_references(long kept) {
  return std::to_string(kept < 0 ? -kept : kept) + (kept < 0 ? " fewer" : " more") + " than before the acquire";
}

}  // namespace

void judge_release(const Released& released, Notes& notes) {
  notes.check(
      Rule::lifetime_release_obj_null, released.obj == Owner::null, [] { return "obj is NULL after the release"; },
      [] { return "obj is not NULL"; });
  judge_release_call(released, notes);
  if (!released.references_kept) return;
  const long kept = *released.references_kept;
  // Too few are the fault of a release that drops what is not its own; the founding document knows no such rule.
  const bool told_apart = notes.judges(Rule::lifetime_release_obj_kept);
  notes.check(
      Rule::lifetime_release_obj_kept, kept >= 0, [] { return "the reference in obj dropped once"; },
      [&] { return text_of_references(kept); });
  if (kept < 0 && told_apart) return;
  notes.check(
      Rule::lifetime_release_references_restored, kept == 0,
      [] { return "the reference count of obj as before the acquire"; }, [&] { return text_of_references(kept); });
}

void judge_release_of_copy(const Released& released, Notes& notes) {
  judge_release_call(released, notes);
  if (!released.references_kept) return;
  const long kept = *released.references_kept;
  notes.check(
      Rule::lifetime_release_through_copy, kept == 0,
      [] { return "the release of a copy of the struct to give back what the struct held"; },
      [&] { return "the reference count of obj is " + text_of_references(kept); });
}

void judge_reread(const Reread& reread, bool is_rewritten, Notes& notes) {
  const unsigned lost = reread.changed | reread.unreadable;
  notes.check(
      Rule::lifetime_export_arrays_valid, lost == 0,
      [] { return "the fields, arrays and format of a held view as they were when it was acquired"; },
      [&] {
        std::string text;
        const unsigned changed = reread.changed & ~reread.unreadable;
        if (changed != 0) text = names_of_fields(changed) + " changed";
        if (reread.unreadable == 0) return text;
        return text + (text.empty() ? "" : "; ") + names_of_fields(reread.unreadable) + " can no longer be read";
      });
  const bool is_valid = reread.memory_readable && !reread.memory_reused;
  notes.check(
      Rule::lifetime_export_memory_valid, is_valid, [] { return "the memory of a held view to stay where it is"; },
      [&] { return reread.memory_readable ? "it was given to somebody else" : "it can no longer be read"; });
  // Elements of a memory that is gone are told above; those that we had changed are our affair.
  if (!is_valid || is_rewritten || reread.elements == SameElements::not_compared) return;
  notes.check(
      Rule::lifetime_export_memory_unchanged, reread.elements == SameElements::same,
      [] { return "the elements that the view showed when it was acquired"; }, [] { return "other elements"; });
}

void judge_written(const Written& written, Notes& notes, bool elements_ours) {
  if (!written.tried) return;
  // Where others write too, what is read again may be theirs.
  const bool is_kept = written.read_back || !elements_ours;
  notes.check(
      Rule::field_readonly_truthful, written.possible && is_kept,
      [] { return "memory that can be written, as readonly 0 says"; },
      [&] {
        return written.possible ? "what was written is not read again through the same view" : "it cannot be written";
      });
  if (!written.possible || !written.read_back || written.elsewhere == SameElements::not_compared) return;
  notes.reads(Rule::field_buf_one_memory,
              written.elsewhere == SameElements::same ? "one_memory" : "block_for_each_view");
}

}  // namespace bufspec::judging
