#include "bufspec/judge.hpp"

#include <algorithm>

#include "judge_parts.hpp"

namespace bufspec {

namespace judging {

void Notes::broken(Rule rule, std::string expected, std::string found) {
  if (!judges(rule)) return;
  judgement_.judged.set(index_of(rule));
  judgement_.violations.push_back({rule, step_, std::move(expected), std::move(found)});
}

void Notes::reads(Rule rule, std::string_view reading) {
  if (!judges(rule)) return;
  judgement_.judged.set(index_of(rule));
  judgement_.readings |= std::uint64_t{1} << reading_number(rule, reading);
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
    if (!well_formed(*scenario.layout).ok()) return memory;
    memory.layout = *scenario.layout;
    memory.known = memory.declared = memory.shape_known = memory.readonly_known = memory.format_known = true;
  } else if (trace.richest && trace.richest->granted) {
    const View& view = trace.richest->view;
    memory.known = true;
    memory.shape_known = has(trace.richest_word, flag::ND) && layout_from_answer(*trace.richest, memory.layout);
    if (!memory.shape_known) {
      // Without extents the memory is `len` bytes in C order; how many dimensions it has stays open.
      memory.layout = Layout{};
      memory.layout.itemsize = view.itemsize;
      memory.layout.block = view.len;
      memory.layout.has_strides = false;
      memory.layout.shape[0] = view.itemsize > 0 ? view.len / view.itemsize : 0;
    }
    // What an exporter grants to WRITABLE says nothing of the readonly that it chooses otherwise.
    memory.readonly_known = !has(trace.richest_word, flag::WRITABLE);
    memory.layout.readonly = view.readonly != 0 && memory.readonly_known;
    memory.format_known = has(trace.richest_word, flag::FORMAT) && view.format == Pointer::readable &&
                          view.format_terminated && !view.format_text.is_truncated();
    memory.layout.format = std::string(view.format_text.text());
  }
  if (memory.known) memory.facts = facts_of(geometry_of(memory.layout), memory.layout.readonly);
  return memory;
}

// A word whose stray bits have two readings: its fields are judged by the one that they fit.
void judge_stray(const Asked& asked, std::size_t step, Judgement& judgement) {
  const auto under = [&](int word) {
    Judgement trial;
    Notes notes(trial, step, *asked.judgeable);
    judging::judge_granted(asked, word, notes);
    return trial;
  };
  Notes notes(judgement, step, *asked.judgeable);
  const Judgement complete = under(complete_flags(asked.word));
  const Judgement own = complete.clean() ? Judgement{} : under(own_bits_completed(asked.word));
  if (complete.clean()) notes.reads(Rule::request_stray_bits_without_nd, "complete_flags");
  const bool is_own = !complete.clean() && own.clean();
  if (is_own) notes.reads(Rule::request_stray_bits_without_nd, "own_bits");
  // What fits neither breaks other rules, and is told under their names.
  merge(judgement, is_own ? own : complete);
}

void judge_acquire(const Asked& asked, std::size_t step, Judgement& judgement) {
  Notes notes(judgement, step, *asked.judgeable);
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

// Whether two answers hold the same: both refused, or both granted with the same fields.
bool same_answer(const Answer& a, const Answer& b) noexcept {
  if (!a.granted || !b.granted) return a.granted == b.granted;
  return a.view.len == b.view.len && a.view.itemsize == b.view.itemsize && a.view.readonly == b.view.readonly &&
         a.view.ndim == b.view.ndim && a.view.format == b.view.format && a.view.shape == b.view.shape &&
         a.view.strides == b.view.strides && a.view.suboffsets == b.view.suboffsets;
}

// The answer to `word` at a step before `step`; null if it was not asked.
const Answer* earlier_answer(const Scenario& scenario, const Trace& trace, std::size_t step, int word) noexcept {
  for (std::size_t before = step; before-- > 0;)
    if (scenario.steps[before].kind == StepKind::acquire && scenario.steps[before].flags == word &&
        trace.steps[before].answer)
      return &*trace.steps[before].answer;
  return nullptr;
}

// Words whose answer has to be that of another word, where the scenario asked both.
void judge_equivalent_words(const Scenario& scenario, const Asked& asked, std::size_t step, Notes& notes) {
  constexpr int assigned = 0x1fd;
  const Trace& trace = *asked.trace;
  const int word = asked.word;
  const Answer& answer = *asked.answer;
  // READ and WRITE alone are words of their own, not SIMPLE with a bit.
  const auto is_reserved = [&](int other) {
    return answer_to(other, MemoryFacts{}, Edition::current, trace.runtime).rule ==
           Rule::request_reserved_read_or_write_alone;
  };
  if ((word & ~assigned) != 0 && !is_reserved(word) && !is_reserved(word & assigned)) {
    if (const Answer* plain = earlier_answer(scenario, trace, step, word & assigned))
      notes.check(
          Rule::request_unassigned_bits_ignored, same_answer(answer, *plain),
          [&] { return "the answer to " + flags_name(word & assigned); },
          [&] { return "another answer to " + flags_name(word); });
  }
  if (!has_stray_bits(word) || has(word, flag::ND) || !answer.granted) return;
  const Answer* complete = earlier_answer(scenario, trace, step, complete_flags(word));
  const Answer* own = earlier_answer(scenario, trace, step, own_bits_completed(word));
  if (complete == nullptr || own == nullptr) return;
  notes.check(
      Rule::request_stray_bits_without_nd, same_answer(answer, *complete) || same_answer(answer, *own),
      [&] {
        return "the answer to " + flags_name(complete_flags(word)) + " or to " + flags_name(own_bits_completed(word));
      },
      [&] { return "an answer to " + flags_name(word) + " that is neither"; });
}

void judge_release(const Released& released, Notes& notes) {
  notes.check(
      Rule::lifetime_release_obj_null, released.obj == Owner::null, [] { return "obj is NULL after the release"; },
      [] { return "obj is not NULL"; });
  notes.check(
      Rule::lifetime_struct_inside_only, released.canaries_intact, [] { return "only the struct is written"; },
      [] { return "bytes beside the struct were overwritten by the release"; });
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
  if (!scenario.layout || !well_formed(*scenario.layout).ok()) return;
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
  const RuleSet judgeable = judging::judgeable_rules(trace.observes, scenario.edition);
  const std::size_t count = std::min(scenario.steps.size(), trace.steps.size());
  for (std::size_t step = 0; step < count; ++step) {
    const StepRecord& record = trace.steps[step];
    Notes notes(judgement, step, judgeable);
    switch (scenario.steps[step].kind) {
      case StepKind::acquire:
        if (record.answer) {
          const Asked asked{scenario.steps[step].flags, &*record.answer, &trace, &memory, scenario.edition, &judgeable};
          judge_acquire(asked, step, judgement);
          judge_equivalent_words(scenario, asked, step, notes);
        }
        break;
      case StepKind::release:
        if (record.released) judge_release(*record.released, notes);
        break;
      case StepKind::consume:
        if (record.consumed) judging::judge_consumed(scenario, *record.consumed, notes);
        break;
      case StepKind::call:
        if (record.called) judge_called(scenario, *record.called, notes);
        break;
      default:
        break;
    }
  }
  return judgement;
}

}  // namespace bufspec
