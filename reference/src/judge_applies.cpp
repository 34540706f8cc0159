// Which rules can be judged at all: those that the edition states, on what the adapter observes.
// The tables say the same under `editions` and `observes`; neither is made from the other.
#include "judge_parts.hpp"

namespace bufspec {

unsigned observations_needed(Rule rule) noexcept {
  switch (rule) {
    case Rule::request_writable_refused_if_readonly:
    case Rule::request_strides_refused_without:
    case Rule::request_simple_refused_if_not_contiguous:
    case Rule::request_c_contiguous_refused_if_not:
    case Rule::request_f_contiguous_refused_if_not:
    case Rule::request_any_contiguous_refused_if_not:
    case Rule::request_indirect_refused_if_needed:
    case Rule::request_format_without_nd:
    case Rule::request_stray_bits_without_nd:
    case Rule::request_unassigned_bits_ignored:
    case Rule::request_refusal_needless:
      return observation::structure | observation::exception;
    case Rule::request_reserved_read_or_write_alone:
    case Rule::error_exception_set_on_failure:
    case Rule::error_exception_none_on_success:
    case Rule::error_type_buffer_error:
      return observation::exception;
    case Rule::field_buf_same_memory:
    case Rule::format_text_terminated:
    case Rule::lifetime_export_arrays_valid:
      return observation::structure | observation::memory;
    case Rule::field_buf_logical_start:
      return observation::structure | observation::memory | observation::content;
    case Rule::field_buf_one_memory:
    case Rule::lifetime_export_memory_unchanged:
      return observation::memory | observation::content;
    case Rule::field_readonly_truthful:
    case Rule::layout_bounds_inside_block:
    case Rule::lifetime_export_memory_valid:
      return observation::memory;
    case Rule::lifetime_export_lock_ends:
      return observation::mutation;
    case Rule::lifetime_release_memory_restored:
      return observation::process;
    case Rule::field_obj_owned_reference:
      return observation::structure | observation::references;
    case Rule::lifetime_release_through_copy:
      return observation::references | observation::memory;
    case Rule::lifetime_release_references_restored:
    case Rule::lifetime_release_obj_kept:
    case Rule::error_refusal_nothing_kept:
      return observation::references;
    case Rule::lifetime_struct_inside_only:
      return observation::canaries;
    case Rule::error_status_zero_or_minus_one:
    case Rule::function_is_contiguous_agrees:
    case Rule::consumer_data_elements_right:
    case Rule::pep688_exporter_looked_up_on_type:
    case Rule::pep688_exporter_returns_memoryview:
    case Rule::pep688_exporter_inherited_slot:
    case Rule::pep688_exporter_restricted_view:
    case Rule::pep688_flags_unmodified:
    case Rule::pep688_flags_mismatch_refused:
    case Rule::pep688_release_result_ignored:
    case Rule::pep688_method_synthesised:
    case Rule::pep688_method_arguments_checked:
    case Rule::pep688_names_buffer_flags:
      return observation::result;
    case Rule::consumer_release_exactly_once:
      return observation::requests;
    default:
      return observation::structure;
  }
}

bool is_stated(Rule rule, Edition edition) noexcept {
  switch (rule) {
    case Rule::request_simple_refused_if_not_contiguous:
      return edition == Edition::founding_2010;
    case Rule::request_strides_strides_absent:
    case Rule::request_strides_refused_without:
    case Rule::request_indirect_suboffsets_absent:
    case Rule::request_indirect_refused_if_needed:
    case Rule::request_format_without_nd:
    case Rule::request_reserved_read_or_write_alone:
    case Rule::field_obj_owned_reference:
    case Rule::field_obj_not_null:
    case Rule::field_ndim_at_most_64:
    case Rule::field_shape_zero_dim_null:
    case Rule::field_suboffsets_null_if_none:
    case Rule::field_struct_all_filled:
    case Rule::layout_bounds_inside_block:
    case Rule::lifetime_release_obj_kept:
    case Rule::lifetime_release_through_copy:
    case Rule::lifetime_export_memory_valid:
    case Rule::lifetime_export_memory_unchanged:
    case Rule::lifetime_export_arrays_valid:
    case Rule::lifetime_release_obj_null:
    case Rule::error_obj_null_on_failure:
    case Rule::pep688_exporter_looked_up_on_type:
    case Rule::pep688_exporter_returns_memoryview:
    case Rule::pep688_exporter_inherited_slot:
    case Rule::pep688_exporter_restricted_view:
    case Rule::pep688_flags_unmodified:
    case Rule::pep688_flags_mismatch_refused:
    case Rule::pep688_release_result_ignored:
    case Rule::pep688_method_synthesised:
    case Rule::pep688_method_arguments_checked:
    case Rule::pep688_names_buffer_flags:
      return edition == Edition::current;
    default:
      return true;
  }
}

namespace judging {

RuleSet judgeable_rules(unsigned observes, Edition edition) noexcept {
  RuleSet rules;
  for (std::size_t i = 0; i < rule_count; ++i) {
    const auto rule = static_cast<Rule>(i);
    if (is_stated(rule, edition) && (observations_needed(rule) & ~observes) == 0) rules.set(i);
  }
  return rules;
}

}  // namespace judging

}  // namespace bufspec
