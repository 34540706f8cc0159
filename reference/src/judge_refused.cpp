// Judging a call that failed, and what holds for every call whatever its outcome.
#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

// Whether `word` asks for nothing that the granted word `richest` did not get.
bool asks_no_more(int word, int richest) noexcept {
  if (has(word, flag::FORMAT) && !has(richest, flag::FORMAT)) return false;
  if (has(word, flag::ND) && !has(richest, flag::ND)) return false;
  if (has(word, flag::INDIRECT) && !has(richest, flag::INDIRECT)) return false;
  return !has(word, flag::STRIDES) || has(richest, flag::STRIDES);
}

// Whether the interpreter itself refuses the word, whichever edition is held against the exporter.
bool is_reserved_word(const Asked& asked) noexcept {
  return answer_to(asked.word, asked.memory->facts, Edition::current, asked.trace->runtime).rule ==
         Rule::request_reserved_read_or_write_alone;
}

void judge_error_type(const Answer& answer, Notes& notes) {
  if (answer.error == Error::buffer_error) {
    notes.reads(Rule::error_type_buffer_error, "buffer_error");
  } else if (answer.error == Error::value_error) {
    notes.reads(Rule::error_type_buffer_error, "value_error");
  } else if (answer.exception_set) {
    notes.broken(Rule::error_type_buffer_error, "BufferError or ValueError for a request that cannot be met",
                 answer.exception_name);
  }
}

void judge_obj_after_failure(const Answer& answer, Notes& notes) {
  switch (answer.view.obj) {
    case Owner::null:
      notes.reads(Rule::error_obj_null_on_failure, "null");
      return;
    case Owner::untouched:
      notes.reads(Rule::error_obj_null_on_failure, "untouched");
      return;
    case Owner::exporter:
    case Owner::other:
      notes.broken(Rule::error_obj_null_on_failure, "obj NULL (or untouched) after a failure", "obj an object");
      return;
    case Owner::garbage:
      notes.broken(Rule::error_obj_null_on_failure, "obj NULL (or untouched) after a failure", "obj garbage");
      return;
  }
}

}  // namespace

void judge_call(const Asked& asked, Notes& notes) {
  const Answer& answer = *asked.answer;
  notes.check(
      Rule::lifetime_struct_inside_only, answer.canaries_intact, [] { return "only the struct is written"; },
      [] { return "bytes beside the struct were overwritten"; });
  if (answer.granted) {
    notes.check(
        Rule::error_exception_none_on_success, !answer.exception_set, [] { return "no exception"; },
        [&] { return "granted, and " + answer.exception_name + " is set"; });
  } else {
    notes.check(
        Rule::error_exception_set_on_failure, answer.exception_set, [] { return "an exception"; },
        [] { return "refused, and no exception is set"; });
  }
}

void judge_refused(const Asked& asked, const RequestAnswer& owed, Notes& notes) {
  const Answer& answer = *asked.answer;
  if (is_reserved_word(asked)) {
    // The interpreter refuses before the exporter is asked; obj is then not the exporter's to set.
    notes.check(
        Rule::request_reserved_read_or_write_alone, answer.error == Error::system_error, [] { return "SystemError"; },
        [&] { return answer.exception_name; });
    return;
  }
  judge_obj_after_failure(answer, notes);

  const MemoryFacts& facts = asked.memory->facts;
  if (owed.duty == Duty::must_refuse) {
    // Read-only as one answer's choice is no proof that WRITABLE could not be met; still a mismatch of the request.
    notes.kept(owed.rule);
    judge_error_type(answer, notes);
    return;
  }
  if (owed.format_free && !owed.stray_bits) {
    notes.reads(Rule::request_format_without_nd, "refused");
    judge_error_type(answer, notes);
    return;
  }
  if (owed.empty_free && !owed.format_free) {  // FORMAT without ND may explain the refusal too
    notes.reads(Rule::layout_contiguous_empty, "not_contiguous");
    return;
  }
  if (owed.stray_bits) {
    if (answer_to(complete_flags(asked.word), facts, asked.edition, asked.trace->runtime).duty == Duty::must_refuse)
      notes.reads(Rule::request_stray_bits_without_nd, "complete_flags");
    return;
  }
  // The founding text would let an exporter answer more than the memory can show; to refuse that was never needless.
  if (answer_to(asked.word, facts, Edition::current, asked.trace->runtime).duty == Duty::must_refuse) return;
  if (asked.trace->richest && asks_no_more(asked.word, asked.trace->richest_word))
    notes.broken(Rule::request_refusal_needless,
                 flags_name(asked.word) + " granted, as " + flags_name(asked.trace->richest_word) + " was",
                 "refused with " + answer.exception_name);
}

}  // namespace bufspec::judging
