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
  return answer_to(asked.word, asked.memory->facts, Edition::current, runtime_of(asked)).rule ==
         Rule::request_reserved_read_or_write_alone;
}

void judge_error_type(const Answer& answer, Notes& notes) {
  if (answer.error == Error::buffer_error) {
    notes.reads(Rule::error_type_buffer_error, "buffer_error");
  } else if (answer.error == Error::value_error) {
    notes.reads(Rule::error_type_buffer_error, "value_error");
  } else if (answer.exception_set) {
    notes.broken(Rule::error_type_buffer_error, {.aspect = Aspect::one_of,
                                                 .owed = value::Texts{{"BufferError", "ValueError"}},
                                                 .found = value::Exception{answer.exception_name}});
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
    case Owner::garbage:
      notes.broken(Rule::error_obj_null_on_failure,
                   {.fields = field_bit::obj, .owed = Owner::null, .found = answer.view.obj});
      return;
  }
}

// What a granted answer leaves behind in the struct and what it describes.
void judge_grant_itself(const Answer& answer, Notes& notes) {
  notes.check(Rule::field_struct_all_filled, answer.unwritten == 0, Aspect::value, answer.unwritten);
  if (answer.memory_readable)
    notes.check(Rule::layout_bounds_inside_block, *answer.memory_readable, Aspect::unreadable);
}

}  // namespace

std::uint32_t runtime_of(const Asked& asked) noexcept {
  // Only the library's function reserves words; the slot sees them as any other.
  const bool is_reserved = asked.word == flag::READ || asked.word == flag::WRITE;
  return asked.is_direct && is_reserved ? 0 : asked.trace->runtime;
}

bool is_refused_as_reserved(const Asked& asked) noexcept {
  return !asked.answer->granted && asked.answer->error == Error::system_error && asked.is_direct &&
         (asked.word == flag::READ || asked.word == flag::WRITE);
}

void judge_call(const Asked& asked, Notes& notes) {
  const Answer& answer = *asked.answer;
  const int owed_status = answer.granted ? 0 : -1;
  notes.check(Rule::error_status_zero_or_minus_one, answer.status == owed_status,
              [&] { return Finding{.owed = ssize{owed_status}, .found = ssize{answer.status}}; });
  notes.check(Rule::lifetime_struct_inside_only, answer.canaries_intact, Aspect::at_request);
  if (answer.granted) {
    notes.check(Rule::error_exception_none_on_success, !answer.exception_set, [&] {
      return Finding{.aspect = Aspect::at_request, .found = value::Exception{answer.exception_name}};
    });
    judge_grant_itself(answer, notes);
    return;
  }
  notes.check(Rule::error_exception_set_on_failure, answer.exception_set, Aspect::value);
  if (answer.references_gained)
    notes.check(Rule::error_refusal_nothing_kept, *answer.references_gained == 0, [&] {
      return Finding{.aspect = Aspect::references, .owed = ssize{0}, .found = *answer.references_gained};
    });
}

void judge_refused(const Asked& asked, const RequestAnswer& owed, Notes& notes) {
  const Answer& answer = *asked.answer;
  if (is_reserved_word(asked)) {
    // The interpreter refuses before the exporter is asked; obj is then not the exporter's to set.
    notes.check(Rule::request_reserved_read_or_write_alone, answer.error == Error::system_error, [&] {
      return Finding{.flags = asked.word,
                     .owed = value::Exception{"SystemError"},
                     .found = value::Exception{answer.exception_name}};
    });
    return;
  }
  judge_obj_after_failure(answer, notes);
  if (is_refused_as_reserved(asked)) return;

  const MemoryFacts& facts = asked.memory->facts;
  if (owed.duty == Duty::must_refuse) {
    // Read-only as one answer's choice is no proof that WRITABLE could not be met; still a mismatch of the request.
    notes.kept(owed.rule);
    if (is_of_order(owed.rule)) notes.reads(Rule::request_contiguous_copy, "refused");
    judge_error_type(answer, notes);
    return;
  }
  // An exporter may share its memory with one consumer at a time.
  if (asked.others_held) return;
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
    if (answer_to(complete_flags(asked.word), facts, asked.edition, runtime_of(asked)).duty == Duty::must_refuse)
      notes.reads(Rule::request_stray_bits_without_nd, "complete_flags");
    return;
  }
  // The founding text would let an exporter answer more than the memory can show; to refuse that was never needless.
  if (answer_to(asked.word, facts, Edition::current, runtime_of(asked)).duty == Duty::must_refuse) return;
  if (asked.trace->richest && asks_no_more(asked.word, asked.trace->richest_word))
    notes.broken(Rule::request_refusal_needless, {.aspect = Aspect::refused,
                                                  .flags = asked.word,
                                                  .owed = value::Requests{{asked.trace->richest_word}},
                                                  .found = value::Exception{answer.exception_name}});
}

}  // namespace bufspec::judging
