#include "bufspec/judge.hpp"

#include <algorithm>

#include "judge_parts.hpp"

namespace bufspec {

namespace judging {

void Notes::broken(Rule rule, std::string expected, std::string found) {
  judgement_.judged.set(index_of(rule));
  judgement_.violations.push_back({rule, step_, std::move(expected), std::move(found)});
}

void Notes::reads(Rule rule, std::string_view reading) {
  judgement_.judged.set(index_of(rule));
  judgement_.readings |= std::uint64_t{1} << reading_number(rule, reading);
}

bool Notes::has_broken(Rule rule) const noexcept {
  return std::any_of(judgement_.violations.begin(), judgement_.violations.end(),
                     [&](const Violation& violation) { return violation.rule == rule && violation.step == step_; });
}

}  // namespace judging

using judging::Asked;
using judging::Memory;
using judging::Notes;

namespace {

// A judgement that stands only if it is the better reading of the two.
void merge(Judgement& into, const Judgement& from) {
  into.judged |= from.judged;
  into.readings |= from.readings;
  into.violations.insert(into.violations.end(), from.violations.begin(), from.violations.end());
}

Memory memory_of(const Scenario& scenario, const Trace& trace) {
  Memory memory;
  if (scenario.layout) {
    memory.layout = *scenario.layout;
    memory.known = memory.declared = memory.shape_known = memory.format_known = true;
  } else if (trace.richest && trace.richest->granted) {
    const View& view = trace.richest->view;
    memory.known = true;
    memory.shape_known = has(trace.richest_word, flag::ND) && layout_from_answer(*trace.richest, memory.layout);
    if (!memory.shape_known) {
      // Without extents the memory is `len` bytes in C order; how many dimensions it has stays open.
      memory.layout.itemsize = view.itemsize;
      memory.layout.block = view.len;
      memory.layout.has_strides = false;
      memory.layout.shape[0] = view.itemsize > 0 ? view.len / view.itemsize : 0;
    }
    memory.layout.readonly = view.readonly != 0 && !has(trace.richest_word, flag::WRITABLE);
    memory.format_known = has(trace.richest_word, flag::FORMAT) && view.format == Pointer::readable;
    memory.layout.format = std::string(view.format_text.text());
  }
  if (memory.known) memory.facts = facts_of(geometry_of(memory.layout), memory.layout.readonly);
  return memory;
}

// A word whose stray bits have two readings: the answer has to fit one of them.
void judge_stray(const Asked& asked, std::size_t step, Judgement& judgement) {
  const auto under = [&](int word) {
    Judgement trial;
    Notes notes(trial, step);
    const auto owed = answer_to(word, asked.memory->facts, asked.edition, asked.trace->runtime);
    if (owed.duty == Duty::must_refuse && !(asked.memory->facts.readonly && !asked.memory->declared))
      notes.broken(Rule::request_stray_bits_without_nd, "a refusal", "granted");
    judging::judge_granted(asked, word, notes);
    return trial;
  };
  Notes notes(judgement, step);
  const Judgement complete = under(complete_flags(asked.word));
  if (complete.clean()) {
    merge(judgement, complete);
    notes.reads(Rule::request_stray_bits_without_nd, "complete_flags");
    return;
  }
  const Judgement own = under(own_bits_completed(asked.word));
  if (own.clean()) {
    merge(judgement, own);
    notes.reads(Rule::request_stray_bits_without_nd, "own_bits");
    return;
  }
  const Violation& first = complete.violations.front();
  notes.broken(Rule::request_stray_bits_without_nd,
               "an answer to " + flags_name(complete_flags(asked.word)) + " or to " +
                   flags_name(own_bits_completed(asked.word)),
               std::string(rule_id(first.rule)) + ": " + first.found);
}

void judge_acquire(const Asked& asked, std::size_t step, Judgement& judgement) {
  Notes notes(judgement, step);
  judging::judge_call(asked, notes);
  if (!asked.memory->known) return;
  const auto owed = answer_to(asked.word, asked.memory->facts, asked.edition, asked.trace->runtime);
  if (!asked.answer->granted) {
    judging::judge_refused(asked, owed, notes);
  } else if (owed.stray_bits) {
    judge_stray(asked, step, judgement);
  } else {
    judging::judge_granted(asked, asked.word, notes);
  }
}

// The same word without and with bits that belong to no flag: the answers agree [AMB-13].
void judge_unassigned(const Scenario& scenario, const Trace& trace, std::size_t step, Judgement& judgement) {
  constexpr int assigned = 0x1fd;
  const int word = scenario.steps[step].flags;
  if ((word & ~assigned) == 0) return;
  for (std::size_t before = step; before-- > 0;) {
    if (scenario.steps[before].kind != StepKind::acquire) continue;
    const auto& plain = trace.steps[before].answer;
    if (scenario.steps[before].flags != (word & assigned) || !plain) return;
    const Answer& odd = *trace.steps[step].answer;
    const View& a = plain->view;
    const View& b = odd.view;
    const bool same = plain->granted == odd.granted &&
                      (!odd.granted || (a.len == b.len && a.itemsize == b.itemsize && a.readonly == b.readonly &&
                                        a.ndim == b.ndim && a.format == b.format && a.shape == b.shape &&
                                        a.strides == b.strides && a.suboffsets == b.suboffsets));
    Notes(judgement, step)
        .check(
            Rule::request_unassigned_bits_ignored, same,
            [&] { return "the answer to " + flags_name(word & assigned); },
            [&] { return "another answer to " + flags_name(word); });
    return;
  }
}

void judge_release(const Released& released, unsigned observes, Notes& notes) {
  if ((observes & observation::structure) != 0)
    notes.check(
        Rule::lifetime_release_obj_null, released.obj == Owner::null, [] { return "obj is NULL after the release"; },
        [] { return "obj is not NULL"; });
  if ((observes & observation::canaries) != 0)
    notes.check(
        Rule::lifetime_struct_inside_only, released.canaries_intact, [] { return "only the struct is written"; },
        [] { return "bytes beside the struct were overwritten by the release"; });
  if ((observes & observation::exception) != 0)
    notes.check(
        Rule::error_exception_none_on_success, !released.exception_set, [] { return "no exception"; },
        [] { return "the release left an exception behind"; });
  if (released.references_kept)
    notes.check(
        Rule::lifetime_release_references_restored, *released.references_kept == 0,
        [] { return "the reference count of obj as before the acquire"; },
        [&] { return std::to_string(*released.references_kept) + " more than before the acquire"; });
}

void judge_called(const Scenario& scenario, const Called& called, Notes& notes) {
  if (!scenario.layout) return;
  const int expected = is_contiguous(geometry_of(*scenario.layout), scenario.order) ? 1 : 0;
  notes.check(
      Rule::function_is_contiguous_agrees, called.error == Error::none && called.result == expected,
      [&] { return std::to_string(expected) + " for order " + scenario.order + " of " + describe(*scenario.layout); },
      [&] {
        return called.error == Error::none ? std::to_string(called.result) : std::string(error_name(called.error));
      });
}

}  // namespace

bool layout_from_answer(const Answer& answer, Layout& layout) {
  const View& view = answer.view;
  if (!answer.granted || view.ndim < 0 || view.ndim > max_ndim || view.itemsize < 0) return false;
  if (view.ndim > 0 && view.shape != Pointer::readable) return false;
  layout = Layout{};
  layout.ndim = view.ndim;
  layout.itemsize = view.itemsize;
  layout.shape = view.shape_values;
  layout.readonly = view.readonly != 0;
  layout.format = view.format == Pointer::readable ? std::string(view.format_text.text()) : "B";
  const std::span<const ssize> shape{layout.shape.data(), static_cast<std::size_t>(view.ndim)};
  const auto count = element_count(shape);
  if (!count.ok() || !byte_length(count.value, view.itemsize).ok()) return false;
  layout.has_strides = true;
  if (view.strides == Pointer::readable) {
    layout.strides = view.strides_values;
  } else if (!fill_contiguous_strides(shape, view.itemsize, 'C', {layout.strides.data(), shape.size()}).ok()) {
    return false;
  }
  layout.has_suboffsets = view.suboffsets == Pointer::readable;
  if (layout.has_suboffsets) layout.suboffsets = view.suboffsets_values;
  return true;
}

Judgement judge(const Scenario& scenario, const Trace& trace) {
  Judgement judgement;
  const Memory memory = memory_of(scenario, trace);
  const std::size_t count = std::min(scenario.steps.size(), trace.steps.size());
  for (std::size_t step = 0; step < count; ++step) {
    const StepRecord& record = trace.steps[step];
    Notes notes(judgement, step);
    if (record.answer) {
      judge_acquire({scenario.steps[step].flags, &*record.answer, &trace, &memory, scenario.edition}, step, judgement);
      judge_unassigned(scenario, trace, step, judgement);
    }
    if (record.released) judge_release(*record.released, trace.observes, notes);
    if (record.consumed) judging::judge_consumed(scenario, *record.consumed, notes);
    if (record.called) judge_called(scenario, *record.called, notes);
  }
  return judgement;
}

}  // namespace bufspec
