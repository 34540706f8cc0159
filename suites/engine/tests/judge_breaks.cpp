#include "judge_breaks.hpp"

#include <utility>

#include "suites/engine/reference/subject.hpp"
#include "suites/engine/run.hpp"

namespace bufspec::engine {

namespace {

Layout layout_of(std::vector<ssize> shape, std::vector<ssize> strides, ssize block) {
  Layout layout;
  layout.format = "i";
  layout.itemsize = 4;
  layout.ndim = static_cast<int>(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    layout.shape[i] = shape[i];
    layout.strides[i] = strides[i];
  }
  layout.block = block;
  return layout;
}

// The list under construction.
class Breaks {
 public:
  using Change = std::function<void(Trace&)>;
  using OnAnswer = std::function<void(Answer&)>;
  using OnView = std::function<void(View&)>;

  Break& add(Rule rule, std::string name, const Layout& layout, Scenario scenario, Change apply) {
    breaks_.push_back({rule, std::move(name), layout, std::move(scenario), std::move(apply), {}, false});
    return breaks_.back();
  }
  Break& answer(Rule rule, std::string name, const Layout& layout, int word, OnAnswer change,
                Edition edition = Edition::current) {
    return add(rule, std::move(name), layout, asking(layout, {word}, edition),
               [change = std::move(change)](Trace& trace) { change(*trace.steps[0].answer); });
  }
  Break& view(Rule rule, std::string name, const Layout& layout, int word, OnView change,
              Edition edition = Edition::current) {
    return answer(
        rule, std::move(name), layout, word, [change = std::move(change)](Answer& answer) { change(answer.view); },
        edition);
  }
  // A request that has to be refused is granted, with what the richest request was granted.
  Break& granted(Rule rule, const Layout& layout, int word, Edition edition = Edition::current) {
    return add(rule, "granted", layout, asking(layout, {word}, edition),
               [](Trace& trace) { trace.steps[0].answer = trace.richest; });
  }

  std::vector<Break> take() { return std::move(breaks_); }

 private:
  std::vector<Break> breaks_;
};

void refuse(Answer& answer, Error error) {
  answer = Answer{};
  answer.status = -1;
  answer.exception_set = true;
  answer.error = error;
  answer.exception_name = error_name(error);
}

void add_requests(Breaks& breaks) {
  breaks.view(Rule::request_writable_writable, "readonly", matrix(), flag::FULL, [](View& v) { v.readonly = 1; });
  breaks.granted(Rule::request_writable_refused_if_readonly, readonly_matrix(), flag::FULL).declared_only = true;
  breaks.view(Rule::request_nd_shape_present, "null", matrix(), flag::ND, [](View& v) { v.shape = Pointer::null; });
  breaks.view(Rule::request_nd_shape_present, "untouched", matrix(), flag::ND,
              [](View& v) { v.shape = Pointer::untouched; });
  breaks.view(Rule::request_nd_shape_absent, "present", matrix(), flag::SIMPLE, [](View& v) {
    v.shape = Pointer::readable;
    v.shape_values[0] = 6;
  });
  breaks.view(Rule::request_nd_shape_absent, "untouched", matrix(), flag::SIMPLE,
              [](View& v) { v.shape = Pointer::untouched; });
  breaks.view(Rule::request_ndim_without_nd, "three", matrix(), flag::SIMPLE, [](View& v) { v.ndim = 3; });
  breaks.view(Rule::request_ndim_without_nd_zero_dim, "two", scalar(), flag::SIMPLE, [](View& v) { v.ndim = 2; });
  breaks.view(Rule::request_strides_strides_present, "null", matrix(), flag::STRIDES,
              [](View& v) { v.strides = Pointer::null; });
  breaks.view(Rule::request_strides_strides_absent, "present", matrix(), flag::ND, [](View& v) {
    v.strides = Pointer::readable;
    v.strides_values = matrix().strides;
  });
  breaks.granted(Rule::request_strides_refused_without, strided_line(), flag::ND);
  breaks.granted(Rule::request_strides_refused_without, fortran_matrix(), flag::SIMPLE);
  breaks.granted(Rule::request_simple_refused_if_not_contiguous, strided_line(), flag::SIMPLE, Edition::founding_2010);
  breaks.granted(Rule::request_c_contiguous_refused_if_not, fortran_matrix(), flag::C_CONTIGUOUS);
  breaks.granted(Rule::request_c_contiguous_refused_if_not, pointer_rows(), flag::C_CONTIGUOUS | flag::INDIRECT);
  breaks.granted(Rule::request_f_contiguous_refused_if_not, matrix(), flag::F_CONTIGUOUS);
  breaks.granted(Rule::request_any_contiguous_refused_if_not, strided_line(), flag::ANY_CONTIGUOUS);
  breaks.view(Rule::request_indirect_suboffsets_present, "null", pointer_rows(), flag::INDIRECT,
              [](View& v) { v.suboffsets = Pointer::null; });
  breaks.view(Rule::request_indirect_suboffsets_absent, "present", matrix(), flag::STRIDES,
              [](View& v) { v.suboffsets = Pointer::readable; });
  breaks.granted(Rule::request_indirect_refused_if_needed, pointer_rows(), flag::STRIDES);
  breaks.view(Rule::request_format_present, "null", matrix(), flag::ND | flag::FORMAT,
              [](View& v) { v.format = Pointer::null; });
  breaks.view(Rule::request_format_absent, "present", matrix(), flag::ND, [](View& v) {
    v.format = Pointer::readable;
    v.format_text.assign("i");
  });
  breaks.answer(Rule::request_format_without_nd, "another_format", matrix(), flag::FORMAT, [](Answer& answer) {
    answer = answer_of(matrix(), flag::SIMPLE);
    answer.view.format = Pointer::readable;
    answer.view.format_text.assign("h");
  });
  constexpr int own_bit_of_strides = 0x010;
  breaks.add(Rule::request_stray_bits_without_nd, "neither", matrix(),
             asking(matrix(), {flag::SIMPLE, flag::STRIDES, own_bit_of_strides}),
             [](Trace& trace) { trace.steps[4].answer->view.ndim = 0; });
  // What an exporter does that looks for any bit of a flag.
  breaks
      .add(Rule::request_stray_bits_without_nd, "strides_without_shape", matrix(),
           asking(matrix(), {flag::SIMPLE, flag::STRIDES, own_bit_of_strides}),
           [](Trace& trace) {
             View& view = trace.steps[4].answer->view;
             view.strides = Pointer::readable;
             view.strides_values = matrix().strides;
           })
      .companions = {Rule::request_strides_strides_absent};
  breaks.add(Rule::request_unassigned_bits_ignored, "another_answer", matrix(), asking(matrix(), {flag::SIMPLE, 0x400}),
             [](Trace& trace) { trace.steps[2].answer->view.ndim = 2; });
  breaks
      .add(Rule::request_unassigned_bits_ignored, "refused", matrix(), asking(matrix(), {flag::ND, flag::ND | 0x002}),
           [](Trace& trace) { refuse(*trace.steps[2].answer, Error::buffer_error); })
      .companions = {Rule::request_refusal_needless};
  breaks.answer(Rule::request_reserved_read_or_write_alone, "another_error", matrix(), flag::READ,
                [](Answer& answer) { answer.error = Error::buffer_error; });
  breaks.granted(Rule::request_reserved_read_or_write_alone, matrix(), flag::WRITE);
  breaks.answer(Rule::request_refusal_needless, "refused", matrix(), flag::ND,
                [](Answer& answer) { refuse(answer, Error::buffer_error); });
}

void add_fields(Breaks& breaks) {
  breaks.answer(Rule::field_buf_same_memory, "other_elements", matrix(), flag::ND, [](Answer& answer) {
    answer.view.buf_offset = 4;
    answer.elements = SameElements::different;
  });
  breaks.view(Rule::field_buf_same_memory, "null", matrix(), flag::ND, [](View& v) { v.buf = Pointer::null; });
  breaks.view(Rule::field_buf_same_memory, "untouched", matrix(), flag::ND,
              [](View& v) { v.buf = Pointer::untouched; });
  breaks.answer(Rule::field_buf_logical_start, "lowest_address", matrix(), flag::FULL_RO,
                [](Answer& answer) { answer.declared = SameElements::different; });
  breaks
      .add(Rule::field_buf_logical_start, "null", matrix(), asking(matrix(), {flag::FULL_RO}),
           [](Trace& trace) {
             trace.richest.reset();
             trace.steps[0].answer->view.buf = Pointer::null;
           })
      .declared_only = true;
  breaks.answer(Rule::field_struct_all_filled, "readonly", matrix(), flag::FULL_RO,
                [](Answer& answer) { answer.unwritten = field_bit::readonly; });
  breaks.answer(Rule::layout_bounds_inside_block, "behind_the_end", matrix(), flag::FULL_RO,
                [](Answer& answer) { answer.memory_readable = false; });
  breaks.answer(Rule::field_obj_owned_reference, "borrowed", matrix(), flag::ND,
                [](Answer& answer) { answer.references_gained = 0; });
  breaks.answer(Rule::field_obj_owned_reference, "one_less", matrix(), flag::ND,
                [](Answer& answer) { answer.references_gained = -1; });
  for (const auto& [name, owner] :
       {std::pair{"null", Owner::null}, {"untouched", Owner::untouched}, {"garbage", Owner::garbage}})
    breaks.view(Rule::field_obj_not_null, name, matrix(), flag::ND, [held = owner](View& v) { v.obj = held; });
  breaks.view(Rule::field_len_product, "span", fortran_matrix(), flag::STRIDES, [](View& v) { v.len = 20; });
  breaks.view(Rule::field_len_product, "items", matrix(), flag::SIMPLE, [](View& v) { v.len = 6; });
  breaks.view(Rule::field_readonly_boolean, "two", readonly_matrix(), flag::ND, [](View& v) { v.readonly = 2; });
  breaks.view(Rule::field_readonly_same_for_all, "only_here", matrix(), flag::SIMPLE, [](View& v) { v.readonly = 1; });
  breaks.view(Rule::field_itemsize_independent, "bytes", matrix(), flag::SIMPLE, [](View& v) { v.itemsize = 1; });
  breaks.view(Rule::field_ndim_independent, "flat", matrix(), flag::ND, [](View& v) {
    v.ndim = 1;
    v.shape_values[0] = 6;
  });
  breaks.view(Rule::field_ndim_nonnegative, "minus_one", matrix(), flag::ND, [](View& v) { v.ndim = -1; })
      .companions = {Rule::field_ndim_independent};
  breaks.view(Rule::field_ndim_at_most_64, "sixty_five", matrix(), flag::ND, [](View& v) { v.ndim = 65; })
      .companions = {Rule::field_ndim_independent};
  breaks
      .view(Rule::field_shape_nonnegative, "both", matrix(), flag::ND,
            [](View& v) {
              v.shape_values[0] = -2;
              v.shape_values[1] = -3;
            })
      .companions = {Rule::field_shape_same_for_all};
  breaks.view(Rule::field_shape_zero_dim_null, "present", scalar(), flag::ND,
              [](View& v) { v.shape = Pointer::readable; });
  breaks.view(Rule::field_shape_same_for_all, "transposed", matrix(), flag::ND,
              [](View& v) { std::swap(v.shape_values[0], v.shape_values[1]); });
  breaks.view(Rule::field_strides_zero_dim_null, "present", scalar(), flag::STRIDES,
              [](View& v) { v.strides = Pointer::readable; });
  breaks.view(Rule::field_strides_same_for_all, "wider", matrix(), flag::STRIDES,
              [](View& v) { v.strides_values[0] = 16; });
  breaks.view(Rule::field_suboffsets_zero_dim_null, "present", scalar(), flag::INDIRECT,
              [](View& v) { v.suboffsets = Pointer::readable; });
  breaks.view(Rule::field_suboffsets_same_for_all, "another_offset", pointer_rows(), flag::INDIRECT,
              [](View& v) { v.suboffsets_values[0] = 4; });
  breaks.view(Rule::field_suboffsets_same_for_all, "another_dimension", pointer_rows(), flag::INDIRECT,
              [](View& v) { v.suboffsets_values = {0, 0}; });
  breaks.view(Rule::field_suboffsets_null_if_none, "all_negative", matrix(), flag::INDIRECT, [](View& v) {
    v.suboffsets = Pointer::readable;
    v.suboffsets_values = {-1, -1};
  });
  breaks
      .view(Rule::layout_contiguous_as_requested, "fortran_strides", matrix(), flag::C_CONTIGUOUS,
            [](View& v) { v.strides_values = fortran_matrix().strides; })
      .companions = {Rule::field_strides_same_for_all};
}

void add_formats(Breaks& breaks) {
  const int word = flag::ND | flag::FORMAT;
  const auto text = [](const char* format) { return [format](View& v) { v.format_text.assign(format); }; };
  Layout structure = matrix();
  structure.format = "T{<i:value:}";
  breaks.view(Rule::format_text_terminated, "no_end", matrix(), word, [](View& v) { v.format_terminated = false; });
  breaks.view(Rule::format_text_parses, "garbage", matrix(), word, text("i)")).companions = {
      Rule::format_text_same_for_all};
  breaks.view(Rule::format_text_same_for_all, "another_kind", matrix(), word, text("f"));
  breaks.view(Rule::format_itemsize_agrees, "wider", matrix(), word, text("q")).companions = {
      Rule::format_text_same_for_all};
  breaks.view(Rule::format_itemsize_agrees_pep3118, "wider", structure, word, text("T{<q:value:}")).companions = {
      Rule::format_text_same_for_all};
}

void add_lifetime_and_errors(Breaks& breaks) {
  const auto on_release = [&](Rule rule, std::string name, std::function<void(Released&)> change) {
    breaks.add(rule, std::move(name), matrix(), asking(matrix(), {flag::ND}),
               [change = std::move(change)](Trace& trace) { change(*trace.steps[1].released); });
  };
  on_release(Rule::lifetime_release_references_restored, "leaked", [](Released& r) { r.references_kept = 1; });
  on_release(Rule::lifetime_release_obj_kept, "dropped", [](Released& r) { r.references_kept = -1; });
  on_release(Rule::lifetime_release_obj_null, "left", [](Released& r) { r.obj = Owner::exporter; });
  on_release(Rule::lifetime_struct_inside_only, "by_release", [](Released& r) { r.canaries_intact = false; });
  on_release(Rule::error_exception_none_on_success, "by_release", [](Released& r) { r.exception_set = true; });
  breaks.answer(Rule::lifetime_struct_inside_only, "by_acquire", matrix(), flag::ND,
                [](Answer& answer) { answer.canaries_intact = false; });
  breaks.answer(Rule::lifetime_struct_inside_only, "by_refusal", strided_line(), flag::ND,
                [](Answer& answer) { answer.canaries_intact = false; });
  breaks.answer(Rule::error_exception_set_on_failure, "silent", strided_line(), flag::ND, [](Answer& answer) {
    answer.exception_set = false;
    answer.error = Error::none;
  });
  breaks.answer(Rule::error_exception_none_on_success, "by_acquire", matrix(), flag::ND,
                [](Answer& answer) { answer.exception_set = true; });
  breaks.answer(Rule::error_status_zero_or_minus_one, "one", matrix(), flag::ND,
                [](Answer& answer) { answer.status = 1; });
  breaks.answer(Rule::error_status_zero_or_minus_one, "zero_for_a_refusal", strided_line(), flag::ND,
                [](Answer& answer) { answer.status = 0; });
  breaks.answer(Rule::error_refusal_nothing_kept, "a_reference", strided_line(), flag::ND,
                [](Answer& answer) { answer.references_gained = 1; });
  breaks.answer(Rule::error_refusal_nothing_kept, "one_too_few", strided_line(), flag::ND,
                [](Answer& answer) { answer.references_gained = -1; });
  breaks.answer(Rule::error_type_buffer_error, "type_error", strided_line(), flag::ND, [](Answer& answer) {
    answer.error = Error::type_error;
    answer.exception_name = "TypeError";
  });
  for (const auto& [name, owner] :
       {std::pair{"exporter", Owner::exporter}, {"other", Owner::other}, {"garbage", Owner::garbage}})
    breaks.view(Rule::error_obj_null_on_failure, name, strided_line(), flag::ND,
                [held = owner](View& v) { v.obj = held; });
}

void add_other_directions(Breaks& breaks) {
  Scenario call;
  call.target = Target::function;
  call.layout = fortran_matrix();
  call.steps = {{StepKind::call, 0, 0}};
  breaks.add(Rule::function_is_contiguous_agrees, "yes", fortran_matrix(), call,
             [](Trace& trace) { trace.steps[0].called->result = 1; });
  breaks.add(Rule::function_is_contiguous_agrees, "error", fortran_matrix(), call,
             [](Trace& trace) { trace.steps[0].called->error = Error::system_error; });

  for (const Rule check : runtime_checks) {
    Scenario checked;
    checked.target = Target::function;
    checked.check = check;
    checked.steps = {{StepKind::call, 0, 0}};
    breaks.add(check, "found", matrix(), checked, [](Trace& trace) { trace.steps[0].called->found = "a fault"; });
    breaks.add(check, "error", matrix(), checked,
               [](Trace& trace) { trace.steps[0].called->error = Error::system_error; });
  }
}

}  // namespace

Layout matrix() { return layout_of({2, 3}, {12, 4}, 24); }
Layout fortran_matrix() { return layout_of({2, 3}, {4, 8}, 24); }
Layout strided_line() { return layout_of({3}, {8}, 24); }
Layout scalar() { return layout_of({}, {}, 4); }
Layout empty_strided() { return layout_of({0}, {8}, 4); }

Layout readonly_matrix() {
  Layout layout = matrix();
  layout.readonly = true;
  return layout;
}

Layout pointer_rows() {
  Layout layout = layout_of({2, 3}, {8, 4}, 0);
  layout.has_suboffsets = true;
  layout.suboffsets[0] = 0;
  layout.suboffsets[1] = -1;
  return layout;
}

namespace {

// The reference has no classes to check, so this is what a runtime shows that keeps a rule.
Trace checked_without_fault(unsigned observes) {
  Trace trace;
  trace.observes = observes;
  trace.runtime = latest_runtime;
  trace.steps.emplace_back().called.emplace();
  return trace;
}

}  // namespace

Shown shown_by_reference(const Scenario& scenario, const std::optional<Layout>& own, std::uint32_t runtime) {
  if (scenario.check) return {scenario, checked_without_fault(observation::result)};
  Shown shown{scenario, trace_on_reference(scenario, own, runtime).value()};
  if (scenario.target == Target::consumer) shown.trace.accepts = capability::all;
  return shown;
}

const std::vector<Break>& judge_breaks() {
  static const std::vector<Break> all = [] {
    Breaks breaks;
    add_requests(breaks);
    add_fields(breaks);
    add_formats(breaks);
    add_lifetime_and_errors(breaks);
    add_other_directions(breaks);
    std::vector<Break> found = breaks.take();
    for (Break& one : held_breaks()) found.push_back(std::move(one));
    for (Break& one : consumer_breaks()) found.push_back(std::move(one));
    return found;
  }();
  return all;
}

}  // namespace bufspec::engine
