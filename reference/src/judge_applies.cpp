// Which rules can be judged at all: those that the edition states, on what the adapter observes.
// The tables say the same under `editions` and `observes`; neither is made from the other.
#include <algorithm>
#include <array>

#include "judge_parts.hpp"

namespace bufspec {

namespace {

// A check of a runtime is one call, which says what it found; the founding document knows no such thing.
constexpr bool is_runtime_check(Rule rule) noexcept {
  return std::find(runtime_checks.begin(), runtime_checks.end(), rule) != runtime_checks.end();
}

}  // namespace

unsigned observations_needed(Rule rule) noexcept {
  if (is_runtime_check(rule)) return observation::result;
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
    case Rule::consumer_data_suboffsets_followed:
    case Rule::consumer_data_any_stride:
    case Rule::consumer_data_unaligned:
    case Rule::consumer_data_extent_one_stride:
    case Rule::consumer_data_empty:
    case Rule::consumer_data_missing_strides:
    case Rule::consumer_data_missing_format:
    case Rule::consumer_data_simple_is_bytes:
    case Rule::consumer_data_linear_if_contiguous:
    case Rule::consumer_data_byte_order:
    case Rule::consumer_hold_while_used:
    case Rule::consumer_hardening_negative_suboffsets:
      return observation::result;
    case Rule::consumer_release_exactly_once:
    case Rule::consumer_release_never_granted:
    case Rule::consumer_request_no_needless_write:
    case Rule::consumer_hardening_failed_obj:
      return observation::requests;
    case Rule::consumer_dimensions_up_to_64:
    case Rule::consumer_hardening_len_or_shape:
    case Rule::consumer_hardening_bad_format:
      return observation::result | observation::exception;
    case Rule::consumer_struct_arrays_unchanged:
      return observation::structure | observation::memory;
    case Rule::consumer_release_nothing_kept:
      return observation::references;
    case Rule::consumer_write_only_if_asked:
    case Rule::consumer_hardening_readonly_answer:
      return observation::requests | observation::memory;
    case Rule::consumer_write_inside_elements:
    case Rule::consumer_fill_elements_right:
      return observation::memory;
    case Rule::consumer_error_refusal_told:
      return observation::requests | observation::exception | observation::result;
    case Rule::consumer_error_exception_set:
      return observation::exception;
    case Rule::consumer_capability_accepted:
      return observation::requests | observation::exception;
    default:
      return observation::structure;
  }
}

bool is_stated(Rule rule, Edition edition) noexcept {
  if (is_runtime_check(rule)) return edition == Edition::current;
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
    case Rule::consumer_data_any_stride:
    case Rule::consumer_data_unaligned:
    case Rule::consumer_data_extent_one_stride:
    case Rule::consumer_data_empty:
    case Rule::consumer_data_missing_strides:
    case Rule::consumer_data_simple_is_bytes:
    case Rule::consumer_data_linear_if_contiguous:
    case Rule::consumer_data_byte_order:
    case Rule::consumer_dimensions_up_to_64:
    case Rule::consumer_hold_while_used:
    case Rule::consumer_struct_arrays_unchanged:
    case Rule::consumer_release_nothing_kept:
    case Rule::consumer_write_only_if_asked:
    case Rule::consumer_write_inside_elements:
    case Rule::consumer_fill_elements_right:
    case Rule::consumer_request_no_needless_write:
    case Rule::consumer_error_refusal_told:
    case Rule::consumer_error_exception_set:
    case Rule::consumer_capability_accepted:
    case Rule::consumer_hardening_len_or_shape:
    case Rule::consumer_hardening_bad_format:
    case Rule::consumer_hardening_readonly_answer:
    case Rule::consumer_hardening_negative_suboffsets:
    case Rule::consumer_hardening_failed_obj:
      return edition == Edition::current;
    default:
      return true;
  }
}

namespace judging {

namespace {

constexpr std::size_t observation_count = 10;
static_assert((1U << observation_count) - 1 == observation::all);

// What the two functions above say, sorted by what is asked of it for every trace.
struct Sorted {
  RuleSet of_2010;
  RuleSet of_today;
  std::array<RuleSet, observation_count> needing;  // by number of the observation

  Sorted() noexcept {
    for (std::size_t i = 0; i < rule_count; ++i) {
      const auto rule = static_cast<Rule>(i);
      of_2010.set(i, is_stated(rule, Edition::founding_2010));
      of_today.set(i, is_stated(rule, Edition::current));
      for (std::size_t bit = 0; bit < observation_count; ++bit)
        needing[bit].set(i, (observations_needed(rule) >> bit & 1) != 0);
    }
  }
};

}  // namespace

RuleSet judgeable_rules(unsigned observes, Edition edition) noexcept {
  static const Sorted sorted;
  RuleSet rules = edition == Edition::founding_2010 ? sorted.of_2010 : sorted.of_today;
  for (std::size_t bit = 0; bit < observation_count; ++bit)
    if ((observes >> bit & 1) == 0) rules &= ~sorted.needing[bit];
  return rules;
}

}  // namespace judging

}  // namespace bufspec
