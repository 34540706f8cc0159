// Traces of a consumer that keeps every rule, and the same with one thing broken by hand.
// The consumer is the reference's, which asks once for everything and reads; what it does not do, other readers and
// fillers do, is written into its records here.
#include <algorithm>

#include "judge_breaks.hpp"

namespace bufspec::engine {

namespace {

using OnRecord = std::function<void(Consumed&)>;

Layout layout_of(const char* format, ssize itemsize, std::vector<ssize> shape, std::vector<ssize> strides, ssize offset,
                 ssize block) {
  Layout layout;
  layout.format = format;
  layout.itemsize = itemsize;
  layout.ndim = static_cast<int>(shape.size());
  std::copy(shape.begin(), shape.end(), layout.shape.begin());
  std::copy(strides.begin(), strides.end(), layout.strides.begin());
  layout.offset = offset;
  layout.block = block;
  return layout;
}

Layout reversed_line() { return layout_of("i", 4, {3}, {-4}, 8, 12); }
Layout unaligned_line() { return layout_of("i", 4, {3}, {4}, 1, 13); }
Layout one_row() { return layout_of("i", 4, {1, 3}, {100, 4}, 0, 12); }
Layout big_endian() { return layout_of(">i", 4, {3}, {4}, 0, 12); }

Layout many_dimensions() {
  return layout_of("B", 1, std::vector<ssize>(max_ndim, 1), std::vector<ssize>(max_ndim, 1), 0, 1);
}

// A change of every record: what our exporter saw stays in all of them.
std::function<void(Trace&)> everywhere(OnRecord change) {
  return [change = std::move(change)](Trace& trace) {
    for (StepRecord& record : trace.steps) change(*record.consumed);
  };
}

std::function<void(Trace&)> at(std::size_t step, OnRecord change) {
  return [step, change = std::move(change)](Trace& trace) { change(*trace.steps[step].consumed); };
}

void spoil(Consumed& consumed, Misreading misreading) {
  consumed.result = Compared::wrong;
  consumed.misreading = misreading;
  consumed.expected = "12 bytes: the elements in C order";
  consumed.found = "byte 4 is 9, expected 1";
}

class ConsumerBreaks {
 public:
  Break& add(Rule rule, std::string name, const Layout& layout, std::function<void(Trace&)> apply,
             std::uint32_t behaviours = 0) {
    breaks_.push_back({rule, std::move(name), layout, consuming(layout, behaviours), std::move(apply), {}, false});
    return breaks_.back();
  }
  // What was read wrongly is wrong from the call on; `word` is what was asked for.
  void misread(Rule rule, std::string name, const Layout& layout, Misreading misreading, int word = flag::FULL_RO) {
    add(rule, std::move(name), layout, [misreading, word](Trace& trace) {
      for (StepRecord& record : trace.steps) record.consumed->requests[0].flags = word;
      spoil(*trace.steps[0].consumed, misreading);
      spoil(*trace.steps[1].consumed, misreading);
    });
  }
  std::vector<Break> take() { return std::move(breaks_); }

 private:
  std::vector<Break> breaks_;
};

void add_releases(ConsumerBreaks& breaks) {
  const Rule once = Rule::consumer_release_exactly_once;
  breaks.add(once, "never", matrix(), [](Trace& trace) {
    for (StepRecord& record : trace.steps) record.consumed->requests[0].releases = 0;
    trace.steps.back().consumed->references_kept = 1;
  });
  breaks.add(once, "twice", matrix(), [](Trace& trace) {
    for (StepRecord& record : trace.steps) record.consumed->requests[0].releases = 2;
    trace.steps.back().consumed->references_kept = -1;
  });
  breaks.add(once, "twice_at_last", matrix(), at(3, [](Consumed& c) {
               c.requests[0].releases = 2;
               c.references_kept = -1;
             }));
  breaks.add(Rule::consumer_release_never_granted, "of_a_refusal", matrix(),
             everywhere([](Consumed& c) { c.requests.push_back({flag::ND, false, 1, 0}); }));
  breaks.add(Rule::consumer_release_never_granted, "of_nothing", matrix(),
             everywhere([](Consumed& c) { c.stray_releases = 1; }));
  breaks.add(Rule::consumer_release_nothing_kept, "one_more", matrix(),
             at(3, [](Consumed& c) { c.references_kept = 1; }));
  breaks.add(Rule::consumer_release_nothing_kept, "one_fewer", matrix(),
             at(3, [](Consumed& c) { c.references_kept = -1; }));
  for (const unsigned field : {field_bit::format, field_bit::shape, field_bit::strides, field_bit::suboffsets})
    breaks.add(Rule::consumer_struct_arrays_unchanged, "field_" + std::to_string(field), matrix(),
               everywhere([field](Consumed& c) { c.requests[0].changed = field; }));
  breaks.add(Rule::consumer_struct_internal_unchanged, "internal", matrix(),
             everywhere([](Consumed& c) { c.requests[0].changed = field_bit::internal; }));
}

void add_writes_and_errors(ConsumerBreaks& breaks) {
  breaks.add(Rule::consumer_write_only_if_asked, "elements", matrix(),
             at(0, [](Consumed& c) { c.elements_changed = true; }));
  breaks.add(Rule::consumer_write_only_if_asked, "later", matrix(),
             at(2, [](Consumed& c) { c.elements_changed = true; }));
  breaks.add(Rule::consumer_write_inside_elements, "gaps", strided_line(),
             at(0, [](Consumed& c) { c.gaps_changed = true; }));
  breaks.add(Rule::consumer_fill_elements_right, "wrong", strided_line(), [](Trace& trace) {
    trace.consumer = ConsumerKind::fills;
    for (StepRecord& record : trace.steps) record.consumed->requests[0].flags = flag::FULL;
    Consumed& filled = *trace.steps[0].consumed;
    spoil(filled, Misreading::unknown);
    filled.result = Compared::not_compared;
    filled.filled = Compared::wrong;
    trace.steps[1].consumed->result = Compared::not_compared;
  });
  breaks.add(Rule::consumer_request_no_needless_write, "always", matrix(),
             everywhere([](Consumed& c) { c.requests[0].flags = flag::FULL; }));
  breaks.add(Rule::consumer_error_refusal_told, "a_result", matrix(), at(0, [](Consumed& c) { c.raised = false; }),
             behaviour::refuses_all);
  breaks.add(Rule::consumer_error_exception_set, "both", matrix(),
             at(0, [](Consumed& c) { c.result_and_exception_disagree = true; }));
  const auto raise = [](Consumed& c) {
    c.raised = true;
    c.error = Error::value_error;
    c.exception_name = "ValueError";
    c.result = Compared::not_compared;
  };
  breaks.add(Rule::consumer_capability_accepted, "raised", matrix(), at(0, raise));
  breaks.add(Rule::consumer_dimensions_up_to_64, "raised", many_dimensions(), at(0, raise));
}

void add_results(ConsumerBreaks& breaks) {
  using enum Misreading;
  const Rule right = Rule::consumer_data_elements_right;
  breaks.misread(right, "unknown", pointer_rows(), unknown);
  breaks.misread(right, "other_order", matrix(), fortran_order, flag::STRIDES);
  breaks.misread(right, "other_size", matrix(), of_itemsize, flag::ND);
  breaks.misread(right, "other_values", matrix(), other_format, flag::FULL_RO);
  breaks.misread(Rule::consumer_data_linear_if_contiguous, "linear", fortran_matrix(), linear);
  breaks.misread(Rule::consumer_data_suboffsets_followed, "pointers", pointer_rows(), without_suboffsets);
  breaks.misread(Rule::consumer_data_any_stride, "forwards", reversed_line(), absolute_strides);
  breaks.misread(Rule::consumer_data_unaligned, "rounded", unaligned_line(), aligned);
  breaks.misread(Rule::consumer_data_extent_one_stride, "followed", one_row(), extent_one);
  breaks.misread(Rule::consumer_data_empty, "an_item", empty_strided(), empty);
  breaks.misread(Rule::consumer_data_empty, "anything", empty_strided(), unknown);
  breaks.misread(Rule::consumer_data_missing_strides, "columns_first", matrix(), fortran_order, flag::ND);
  breaks.misread(Rule::consumer_data_missing_format, "numbers", matrix(), other_format, flag::INDIRECT);
  breaks.misread(Rule::consumer_data_simple_is_bytes, "too_few", matrix(), of_itemsize, flag::SIMPLE);
  breaks.misread(Rule::consumer_data_byte_order, "native", big_endian(), byte_swapped);
  breaks.misread(Rule::consumer_dimensions_up_to_64, "wrong", many_dimensions(), unknown);
  breaks.add(Rule::consumer_hold_while_used, "at_once", matrix(), at(0, [](Consumed& c) { spoil(c, released); }));
  breaks.add(Rule::consumer_hold_while_used, "later", matrix(), at(1, [](Consumed& c) { spoil(c, unknown); }));
}

void add_lies(ConsumerBreaks& breaks) {
  breaks.add(
      Rule::consumer_hardening_readonly_answer, "wrote", matrix(),
      [](Trace& trace) {
        for (StepRecord& record : trace.steps) record.consumed->requests[0].flags = flag::FULL;
        trace.steps[0].consumed->elements_changed = true;
      },
      behaviour::lie_readonly);
  breaks.add(Rule::consumer_hardening_negative_suboffsets, "followed", matrix(),
             at(0, [](Consumed& c) { spoil(c, Misreading::unknown); }), behaviour::lie_suboffsets);
  breaks.add(Rule::consumer_hardening_failed_obj, "released", matrix(),
             everywhere([](Consumed& c) { c.requests[0] = {flag::FULL_RO, false, 1, 0}; }),
             behaviour::lie_obj | behaviour::refuses_all);
}

}  // namespace

Scenario consuming(const Layout& layout, std::uint32_t behaviours) {
  Scenario scenario;
  scenario.target = Target::consumer;
  scenario.layout = layout;
  scenario.behaviours = behaviours;
  scenario.steps = {
      {StepKind::consume, 0, 0}, {StepKind::read, 0, 0}, {StepKind::release, 0, 0}, {StepKind::collect, 0, 0}};
  return scenario;
}

std::vector<Break> consumer_breaks() {
  ConsumerBreaks breaks;
  add_releases(breaks);
  add_writes_and_errors(breaks);
  add_results(breaks);
  add_lies(breaks);
  return breaks.take();
}

std::vector<Trace> traces_of_other_habits(const Trace& reader) {
  std::vector<Trace> traces;
  const auto add = [&](const std::function<void(Trace&)>& change) {
    traces.push_back(reader);
    change(traces.back());
  };
  const auto asks_for = [](int word) {
    return everywhere([word](Consumed& c) {
      for (Consumed::Request& one : c.requests) one.flags = word;
    });
  };
  add(asks_for(flag::SIMPLE));
  add(asks_for(flag::ND));
  add(everywhere([](Consumed& c) {
    for (Consumed::Request& one : c.requests) one = {one.flags, false, 0, 0};
    c.raised = c.called;
    c.result = Compared::not_compared;
  }));
  add([&](Trace& trace) {
    trace.consumer = ConsumerKind::fills;
    asks_for(flag::FULL)(trace);
    for (StepRecord& record : trace.steps) {
      record.consumed->filled = record.consumed->result;
      record.consumed->result = Compared::not_compared;
    }
  });
  return traces;
}

}  // namespace bufspec::engine
