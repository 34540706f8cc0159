// Breaks of what happens to views that are held, to the object under operations, and over many repeats; and the records
// of a subject that does all of these rightly, for subjects of the engine that have no operations and no threads.
#include <utility>

#include "judge_breaks.hpp"

namespace bufspec::engine {

namespace {

constexpr int leak_count = 100000;

Scenario steps_on(const Layout& layout, std::vector<Step> steps) {
  Scenario scenario;
  scenario.layout = layout;
  scenario.steps = std::move(steps);
  return scenario;
}

// Acquire, one step on the view, release.
Scenario held_while(const Layout& layout, Step step) {
  return steps_on(layout, {{StepKind::acquire, 0, flag::FULL_RO}, step, {StepKind::release, 0, 0}});
}

template <typename Record, typename Change>
std::function<void(Trace&)> on(std::optional<Record> StepRecord::* record, std::size_t step, Change change) {
  return [=](Trace& trace) { change(*(trace.steps[step].*record)); };
}

class HeldBreaks {
 public:
  void add(Rule rule, std::string name, Scenario scenario, std::function<void(Trace&)> apply) {
    const Layout layout = *scenario.layout;
    breaks_.push_back({rule, std::move(name), layout, std::move(scenario), std::move(apply), {}, false});
  }
  template <typename Change>
  void reread(Rule rule, std::string name, Change change) {
    add(rule, std::move(name), held_while(matrix(), {StepKind::read, 0, 0}), on(&StepRecord::reread, 1, change));
  }
  template <typename Change>
  void repeated(Rule rule, std::string name, const Layout& layout, StepKind kind, int word, Change change,
                int count = leak_count) {
    add(rule, std::move(name), steps_on(layout, {{kind, 0, word, count}}), on(&StepRecord::repeated, 0, change));
  }
  std::vector<Break> take() { return std::move(breaks_); }

 private:
  std::vector<Break> breaks_;
};

void add_views(HeldBreaks& breaks) {
  breaks.reread(Rule::lifetime_export_arrays_valid, "moved", [](Reread& r) { r.changed = field_bit::buf; });
  breaks.reread(Rule::lifetime_export_arrays_valid, "shape_rewritten",
                [](Reread& r) { r.changed = field_bit::shape | field_bit::len; });
  breaks.reread(Rule::lifetime_export_arrays_valid, "internal_lost",
                [](Reread& r) { r.changed = field_bit::internal; });
  breaks.reread(Rule::lifetime_export_arrays_valid, "format_freed",
                [](Reread& r) { r.unreadable = field_bit::format; });
  breaks.reread(Rule::lifetime_export_memory_valid, "unmapped", [](Reread& r) { r.memory_readable = false; });
  breaks.reread(Rule::lifetime_export_memory_valid, "freed", [](Reread& r) { r.memory_reused = true; });
  breaks.reread(Rule::lifetime_export_memory_unchanged, "other_elements",
                [](Reread& r) { r.elements = SameElements::different; });

  const Scenario writing = held_while(matrix(), {StepKind::write, 0, 0});
  breaks.add(Rule::field_readonly_truthful, "protected", writing,
             on(&StepRecord::written, 1, [](Written& w) { w.possible = w.read_back = false; }));
  breaks.add(Rule::field_readonly_truthful, "dropped", writing,
             on(&StepRecord::written, 1, [](Written& w) { w.read_back = false; }));

  const Scenario copying = steps_on(matrix(), {{StepKind::acquire, 0, flag::FULL_RO}, {StepKind::release_copy, 0, 0}});
  for (const auto& [name, kept] : {std::pair{"kept", 1L}, {"dropped_twice", -1L}})
    breaks.add(Rule::lifetime_release_through_copy, name, copying,
               on(&StepRecord::released, 1, [count = kept](Released& r) { r.references_kept = count; }));
  breaks.add(Rule::error_exception_none_on_success, "by_release_of_a_copy", copying,
             on(&StepRecord::released, 1, [](Released& r) { r.exception_set = true; }));
  breaks.add(Rule::lifetime_struct_inside_only, "by_release_of_a_copy", copying,
             on(&StepRecord::released, 1, [](Released& r) { r.canaries_intact = false; }));

  const Scenario reentering = steps_on(matrix(), {{StepKind::reenter, 0, flag::FULL_RO}});
  breaks.add(Rule::field_len_product, "re_entered", reentering,
             on(&StepRecord::answer, 0, [](Answer& a) { a.view.len = 20; }));
  breaks.add(Rule::lifetime_release_references_restored, "re_entered", reentering,
             on(&StepRecord::released, 0, [](Released& r) { r.references_kept = 1; }));
  const Scenario direct = steps_on(matrix(), {{StepKind::acquire_direct, 0, flag::FULL_RO}});
  breaks.add(Rule::field_len_product, "through_the_slot", direct,
             on(&StepRecord::answer, 0, [](Answer& a) { a.view.len = 20; }));
}

void add_endurance(HeldBreaks& breaks) {
  const Scenario operation =
      steps_on(matrix(), {{StepKind::acquire, 0, flag::FULL_RO}, {StepKind::release, 0, 0}, {StepKind::mutate, 0, 0}});
  breaks.add(Rule::lifetime_export_lock_ends, "locked", operation, on(&StepRecord::mutated, 2, [](Mutated& m) {
               m.raised = true;
               m.error = Error::buffer_error;
               m.exception_name = "BufferError";
               m.twin_tried = true;
               m.twin_raised = false;
             }));

  const auto grows = [](Repeated& r) { r.first_half_bytes = r.second_half_bytes = leak_count / 2 * 8; };
  const auto gains = [](Repeated& r) { r.references_kept = leak_count; };
  const auto some = [](Repeated& r) { r.references_kept = leak_count / 100; };
  const auto loses = [](Repeated& r) { r.references_kept = -leak_count; };
  breaks.repeated(Rule::lifetime_release_memory_restored, "grows", matrix(), StepKind::repeat, flag::FULL_RO, grows);
  breaks.repeated(Rule::lifetime_release_references_restored, "each_time", matrix(), StepKind::repeat, flag::FULL_RO,
                  gains);
  breaks.repeated(Rule::lifetime_release_references_restored, "sometimes", matrix(), StepKind::repeat, flag::FULL_RO,
                  some);
  breaks.repeated(Rule::lifetime_release_references_restored, "between_threads", matrix(), StepKind::threads,
                  flag::FULL_RO, [](Repeated& r) { r.references_kept = thread_count + 1; });
  breaks.repeated(Rule::lifetime_release_obj_kept, "each_time", matrix(), StepKind::repeat, flag::FULL_RO, loses);
  breaks.repeated(Rule::error_refusal_nothing_kept, "references", strided_line(), StepKind::repeat, flag::SIMPLE,
                  gains);
  breaks.repeated(Rule::error_refusal_nothing_kept, "bytes", strided_line(), StepKind::repeat, flag::SIMPLE, grows);
  breaks.repeated(Rule::lifetime_export_memory_valid, "between_threads", matrix(), StepKind::threads, flag::FULL_RO,
                  [](Repeated& r) { r.elements_same = false; });
}

}  // namespace

std::vector<Break> held_breaks() {
  HeldBreaks breaks;
  add_views(breaks);
  add_endurance(breaks);
  return breaks.take();
}

}  // namespace bufspec::engine
