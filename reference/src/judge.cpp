#include "bufspec/judge.hpp"

#include <algorithm>

#include "judge_parts.hpp"

namespace bufspec {

namespace judging {

void Notes::broken(Rule rule, Finding finding) {
  if (!judges(rule)) return;
  judgement_.judged.set(index_of(rule));
  judgement_.violations.push_back({rule, step_, std::move(finding)});
}

void Notes::reads(Rule rule, std::string_view reading) {
  if (!judges(rule)) return;
  judgement_.judged.set(index_of(rule));
  judgement_.readings |= std::uint64_t{1} << reading_number(rule, reading);
}

}  // namespace judging

using judging::Asked;
using judging::Course;
using judging::is_acquire;
using judging::Memory;
using judging::Notes;
using judging::runtime_of;

namespace {

// What answers without WRITABLE hold in readonly.  Read-only memory leaves no choice; of other memory the first such
// answer shows what the exporter chose, while one to WRITABLE says nothing of it.
void know_readonly(const Scenario& scenario, const Trace& trace, Memory& memory) {
  const auto know = [&](bool readonly) { memory.readonly_known = true, memory.readonly = readonly; };
  if (trace.declared_readonly || (memory.declared && memory.layout.readonly)) return know(true);
  if (trace.richest && trace.richest->granted && !has(trace.richest_word, flag::WRITABLE))
    return know(trace.richest->view.readonly != 0);
  const std::size_t count = std::min(scenario.steps.size(), trace.steps.size());
  for (std::size_t step = 0; step < count; ++step) {
    const auto& answer = trace.steps[step].answer;
    // What comes after an operation is another memory.
    if (has_operation(scenario.steps[step].kind)) return;
    if (is_acquire(scenario.steps[step].kind) && answer && answer->granted &&
        !has(scenario.steps[step].flags, flag::WRITABLE))
      return know(answer->view.readonly != 0);
  }
}

// Of an object that an operation may have changed.
const Memory past_memory{};

Memory memory_of(const Scenario& scenario, const Trace& trace) {
  Memory memory;
  if (scenario.layout) {
    if (!well_formed(*scenario.layout).ok()) return memory;
    memory.layout = *scenario.layout;
    memory.known = memory.declared = memory.shape_known = memory.format_known = true;
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
    memory.layout.readonly = view.readonly != 0 && !has(trace.richest_word, flag::WRITABLE);
    memory.format_known = has(trace.richest_word, flag::FORMAT) && view.format == Pointer::readable &&
                          view.format_terminated && !view.format_text.is_truncated();
    memory.layout.format = std::string(view.format_text.text());
  }
  memory.layout.readonly = memory.layout.readonly || trace.declared_readonly;
  know_readonly(scenario, trace, memory);
  if (memory.known) memory.facts = facts_of(geometry_of(memory.layout), memory.layout.readonly);
  return memory;
}

// Which view held since the last change shows most of the object: the oldest with extents, whatever order it asked for.
std::optional<std::size_t> slot_beside(const Scenario& scenario, const Trace& trace, const Course& course) {
  std::optional<std::size_t> found;
  for (std::size_t slot = 0; slot < max_slots; ++slot) {
    if (!course.is_recent[slot]) continue;
    const std::size_t step = course.acquired_at[slot];
    const bool has_extents = has(scenario.steps[step].flags, flag::STRIDES);
    if (has_extents && trace.steps[step].answer && (!found || step < course.acquired_at[*found])) found = slot;
  }
  return found;
}

void judge_acquire(const Asked& asked, std::size_t step, Judgement& judgement) {
  Notes notes(judgement, step, *asked.judgeable);
  judging::judge_call(asked, notes);
  if (asked.is_past && asked.answer->granted) judging::judge_by_itself(asked, notes);
  if (!asked.memory->known) return;
  const auto owed = answer_to(asked.word, asked.memory->facts, asked.edition, runtime_of(asked));
  if (!asked.answer->granted) {
    judging::judge_refused(asked, owed, notes);
  } else if (has_stray_bits(asked.word) && !has(asked.word, flag::ND) && !judging::is_reserved(owed)) {
    judging::judge_stray(asked, step, judgement);
  } else {
    judging::judge_granted(asked, asked.word, notes);
  }
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
  const RuleSet judgeable = judging::judgeable_rules(trace.observes, scenario.edition);
  if (scenario.target == Target::consumer) {
    judging::judge_consumer(scenario, trace, judgeable, judgement);
    return judgement;
  }
  const Memory memory = memory_of(scenario, trace);
  const bool elements_ours = (trace.observes & observation::content) != 0;
  Course course;
  const std::size_t count = std::min(scenario.steps.size(), trace.steps.size());
  for (std::size_t step = 0; step < count; ++step) {
    const Step& what = scenario.steps[step];
    const StepRecord& record = trace.steps[step];
    const std::size_t slot = what.slot % max_slots;
    Notes notes(judgement, step, judgeable);
    const auto judge_answer = [&](bool is_direct, bool others_held) {
      if (others_held && step < max_steps) course.crowded.set(step);
      const auto beside = course.object_changed ? slot_beside(scenario, trace, course) : std::nullopt;
      const std::size_t beside_step = beside ? course.acquired_at[*beside] : 0;
      const Asked asked{.word = what.flags,
                        .is_direct = is_direct,
                        .others_held = others_held,
                        .elements_known = elements_ours && !course.elements_changed,
                        .is_past = course.object_changed,
                        .answer = &*record.answer,
                        .trace = &trace,
                        .memory = course.object_changed ? &past_memory : &memory,
                        .beside = beside ? &*trace.steps[beside_step].answer : nullptr,
                        .beside_word = beside ? scenario.steps[beside_step].flags : 0,
                        .edition = scenario.edition,
                        .judgeable = &judgeable};
      judge_acquire(asked, step, judgement);
      judging::judge_equivalent_words(scenario, asked, step, course, judgement);
    };
    switch (what.kind) {
      case StepKind::acquire:
      case StepKind::acquire_direct:
        course.released(slot);  // what was in the slot is given back first
        if (record.answer) judge_answer(what.kind == StepKind::acquire_direct, course.is_held());
        if (record.answer && record.answer->granted) course.acquired(slot, step);
        break;
      case StepKind::reenter:
        if (record.answer) judge_answer(false, true);
        if (record.released) judging::judge_release(*record.released, notes);
        break;
      case StepKind::release:
      case StepKind::release_raising:
        if (record.released) judging::judge_release(*record.released, notes);
        course.released(slot);
        break;
      case StepKind::release_copy:
        if (record.released) judging::judge_release_of_copy(*record.released, notes);
        course.released(slot);
        break;
      case StepKind::read:
        if (record.reread) judging::judge_reread(*record.reread, course.rewritten[slot], notes);
        break;
      case StepKind::write:
        if (!record.written) break;
        judging::judge_written(*record.written, notes, elements_ours);
        course.wrote(*record.written);
        break;
      case StepKind::mutate:
        if (!record.mutated) break;
        judging::judge_mutated(*record.mutated, !course.object_changed, notes);
        course.mutated(*record.mutated);
        break;
      case StepKind::repeat:
      case StepKind::threads:
        if (record.repeated) judging::judge_repeated(what, *record.repeated, trace.observes, notes);
        break;
      case StepKind::call:
        if (record.called) judging::judge_called(scenario, *record.called, trace.runtime, notes);
        break;
      case StepKind::another:
        course.changed();  // it may be made of the same memory
        break;
      case StepKind::hold:
        course.holds_more = what.count > 0;
        break;
      case StepKind::collect:
      case StepKind::drop:  // what these two do to the views is seen by the steps after them
      case StepKind::consume:  // not a step of an exporter
        break;
    }
  }
  return judgement;
}

}  // namespace bufspec
