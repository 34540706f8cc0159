// The rules that the judge checks, by name.  The tables in spec/tables/ state each of them; the oracle
// suite refuses a name without a row and a judged row without a name here.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bufspec {

// X(enumerator, "id")
#define BUFSPEC_RULES(X)                                                                  \
  X(request_writable_writable, "request.writable.writable")                               \
  X(request_writable_refused_if_readonly, "request.writable.refused_if_readonly")         \
  X(request_nd_shape_present, "request.nd.shape_present")                                 \
  X(request_nd_shape_absent, "request.nd.shape_absent")                                   \
  X(request_ndim_without_nd, "request.ndim.without_nd")                                   \
  X(request_ndim_without_nd_zero_dim, "request.ndim.without_nd_zero_dim")                 \
  X(request_strides_strides_present, "request.strides.strides_present")                   \
  X(request_strides_strides_absent, "request.strides.strides_absent")                     \
  X(request_strides_refused_without, "request.strides.refused_without")                   \
  X(request_simple_refused_if_not_contiguous, "request.simple.refused_if_not_contiguous") \
  X(request_c_contiguous_refused_if_not, "request.c_contiguous.refused_if_not")           \
  X(request_f_contiguous_refused_if_not, "request.f_contiguous.refused_if_not")           \
  X(request_any_contiguous_refused_if_not, "request.any_contiguous.refused_if_not")       \
  X(request_indirect_suboffsets_present, "request.indirect.suboffsets_present")           \
  X(request_indirect_suboffsets_absent, "request.indirect.suboffsets_absent")             \
  X(request_indirect_refused_if_needed, "request.indirect.refused_if_needed")             \
  X(request_format_present, "request.format.present")                                     \
  X(request_format_absent, "request.format.absent")                                       \
  X(request_format_without_nd, "request.format.without_nd")                               \
  X(request_stray_bits_without_nd, "request.stray_bits.without_nd")                       \
  X(request_unassigned_bits_ignored, "request.unassigned_bits.ignored")                   \
  X(request_reserved_read_or_write_alone, "request.reserved.read_or_write_alone")         \
  X(request_refusal_needless, "request.refusal.needless")                                 \
  X(field_buf_logical_start, "field.buf.logical_start")                                   \
  X(field_buf_same_memory, "field.buf.same_memory")                                       \
  X(field_buf_one_memory, "field.buf.one_memory")                                         \
  X(field_obj_owned_reference, "field.obj.owned_reference")                               \
  X(field_obj_not_null, "field.obj.not_null")                                             \
  X(field_len_product, "field.len.product")                                               \
  X(field_readonly_boolean, "field.readonly.boolean")                                     \
  X(field_readonly_truthful, "field.readonly.truthful")                                   \
  X(field_readonly_same_for_all, "field.readonly.same_for_all")                           \
  X(field_itemsize_independent, "field.itemsize.independent")                             \
  X(field_ndim_independent, "field.ndim.independent")                                     \
  X(field_ndim_nonnegative, "field.ndim.nonnegative")                                     \
  X(field_ndim_at_most_64, "field.ndim.at_most_64")                                       \
  X(field_shape_nonnegative, "field.shape.nonnegative")                                   \
  X(field_shape_zero_dim_null, "field.shape.zero_dim_null")                               \
  X(field_shape_same_for_all, "field.shape.same_for_all")                                 \
  X(field_strides_zero_dim_null, "field.strides.zero_dim_null")                           \
  X(field_strides_same_for_all, "field.strides.same_for_all")                             \
  X(field_suboffsets_zero_dim_null, "field.suboffsets.zero_dim_null")                     \
  X(field_suboffsets_null_if_none, "field.suboffsets.null_if_none")                       \
  X(field_suboffsets_same_for_all, "field.suboffsets.same_for_all")                       \
  X(field_struct_all_filled, "field.struct.all_filled")                                   \
  X(layout_bounds_inside_block, "layout.bounds.inside_block")                             \
  X(layout_contiguous_as_requested, "layout.contiguous.as_requested")                     \
  X(layout_contiguous_empty, "layout.contiguous.empty")                                   \
  X(format_text_terminated, "format.text.terminated")                                     \
  X(format_text_parses, "format.text.parses")                                             \
  X(format_text_same_for_all, "format.text.same_for_all")                                 \
  X(format_itemsize_agrees, "format.itemsize.agrees")                                     \
  X(format_itemsize_agrees_pep3118, "format.itemsize.agrees_pep3118")                     \
  X(lifetime_release_references_restored, "lifetime.release.references_restored")         \
  X(lifetime_release_memory_restored, "lifetime.release.memory_restored")                 \
  X(lifetime_release_obj_kept, "lifetime.release.obj_kept")                               \
  X(lifetime_release_through_copy, "lifetime.release.through_copy")                       \
  X(lifetime_release_obj_null, "lifetime.release.obj_null")                               \
  X(lifetime_export_memory_valid, "lifetime.export.memory_valid")                         \
  X(lifetime_export_memory_unchanged, "lifetime.export.memory_unchanged")                 \
  X(lifetime_export_arrays_valid, "lifetime.export.arrays_valid")                         \
  X(lifetime_export_lock_ends, "lifetime.export.lock_ends")                               \
  X(lifetime_struct_inside_only, "lifetime.struct.inside_only")                           \
  X(error_status_zero_or_minus_one, "error.status.zero_or_minus_one")                     \
  X(error_exception_set_on_failure, "error.exception.set_on_failure")                     \
  X(error_exception_none_on_success, "error.exception.none_on_success")                   \
  X(error_type_buffer_error, "error.type.buffer_error")                                   \
  X(error_obj_null_on_failure, "error.obj.null_on_failure")                               \
  X(error_refusal_nothing_kept, "error.refusal.nothing_kept")                             \
  X(function_is_contiguous_agrees, "function.is_contiguous.agrees")                       \
  X(pep688_exporter_looked_up_on_type, "pep688.exporter.looked_up_on_type")               \
  X(pep688_exporter_returns_memoryview, "pep688.exporter.returns_memoryview")             \
  X(pep688_exporter_inherited_slot, "pep688.exporter.inherited_slot")                     \
  X(pep688_exporter_restricted_view, "pep688.exporter.restricted_view")                   \
  X(pep688_flags_unmodified, "pep688.flags.unmodified")                                   \
  X(pep688_flags_mismatch_refused, "pep688.flags.mismatch_refused")                       \
  X(pep688_release_result_ignored, "pep688.release.result_ignored")                       \
  X(pep688_method_synthesised, "pep688.method.synthesised")                               \
  X(pep688_method_arguments_checked, "pep688.method.arguments_checked")                   \
  X(pep688_names_buffer_flags, "pep688.names.buffer_flags")                               \
  X(consumer_release_exactly_once, "consumer.release.exactly_once")                       \
  X(consumer_data_elements_right, "consumer.data.elements_right")                         \
  X(consumer_data_suboffsets_followed, "consumer.data.suboffsets_followed")               \
  X(consumer_data_any_stride, "consumer.data.any_stride")                                 \
  X(consumer_data_unaligned, "consumer.data.unaligned")                                   \
  X(consumer_data_extent_one_stride, "consumer.data.extent_one_stride")                   \
  X(consumer_data_empty, "consumer.data.empty")                                           \
  X(consumer_data_missing_strides, "consumer.data.missing_strides")                       \
  X(consumer_data_missing_format, "consumer.data.missing_format")                         \
  X(consumer_data_simple_is_bytes, "consumer.data.simple_is_bytes")                       \
  X(consumer_data_linear_if_contiguous, "consumer.data.linear_if_contiguous")             \
  X(consumer_data_byte_order, "consumer.data.byte_order")                                 \
  X(consumer_dimensions_up_to_64, "consumer.dimensions.up_to_64")                         \
  X(consumer_hold_while_used, "consumer.hold.while_used")                                 \
  X(consumer_struct_arrays_unchanged, "consumer.struct.arrays_unchanged")                 \
  X(consumer_struct_internal_unchanged, "consumer.struct.internal_unchanged")             \
  X(consumer_release_never_granted, "consumer.release.never_granted")                     \
  X(consumer_release_nothing_kept, "consumer.release.nothing_kept")                       \
  X(consumer_write_only_if_asked, "consumer.write.only_if_asked")                         \
  X(consumer_write_inside_elements, "consumer.write.inside_elements")                     \
  X(consumer_fill_elements_right, "consumer.fill.elements_right")                         \
  X(consumer_request_no_needless_write, "consumer.request.no_needless_write")             \
  X(consumer_error_refusal_told, "consumer.error.refusal_told")                           \
  X(consumer_error_exception_set, "consumer.error.exception_set")                         \
  X(consumer_capability_accepted, "consumer.capability.accepted")                         \
  X(consumer_hardening_len_or_shape, "consumer.hardening.len_or_shape")                   \
  X(consumer_hardening_bad_format, "consumer.hardening.bad_format")                       \
  X(consumer_hardening_readonly_answer, "consumer.hardening.readonly_answer")             \
  X(consumer_hardening_negative_suboffsets, "consumer.hardening.negative_suboffsets")     \
  X(consumer_hardening_failed_obj, "consumer.hardening.failed_obj")

enum class Rule : std::uint8_t {
#define BUFSPEC_ENUMERATOR(name, id) name,
  BUFSPEC_RULES(BUFSPEC_ENUMERATOR)
#undef BUFSPEC_ENUMERATOR
};

inline constexpr std::array rule_ids{
#define BUFSPEC_ID(name, id) std::string_view{id},
    BUFSPEC_RULES(BUFSPEC_ID)
#undef BUFSPEC_ID
};

inline constexpr std::size_t rule_count = rule_ids.size();

using RuleSet = std::bitset<rule_count>;

[[nodiscard]] constexpr std::size_t index_of(Rule rule) noexcept { return static_cast<std::size_t>(rule); }
[[nodiscard]] constexpr std::string_view rule_id(Rule rule) noexcept { return rule_ids[index_of(rule)]; }

// The rules that a runtime is asked about one by one: each is one check, which says what it found wrong.
inline constexpr std::array runtime_checks{
    Rule::pep688_exporter_looked_up_on_type, Rule::pep688_exporter_returns_memoryview,
    Rule::pep688_exporter_inherited_slot,    Rule::pep688_exporter_restricted_view,
    Rule::pep688_flags_unmodified,           Rule::pep688_flags_mismatch_refused,
    Rule::pep688_release_result_ignored,     Rule::pep688_method_synthesised,
    Rule::pep688_method_arguments_checked,   Rule::pep688_names_buffer_flags,
};

// One way to read a contested rule.  The position in `readings` is its number in records.
struct Reading {
  Rule rule;
  std::string_view name;
};

inline constexpr std::array readings{
    Reading{Rule::request_ndim_without_nd, "original"},
    Reading{Rule::request_ndim_without_nd, "one"},
    Reading{Rule::request_ndim_without_nd, "zero"},
    Reading{Rule::request_ndim_without_nd_zero_dim, "zero"},
    Reading{Rule::request_ndim_without_nd_zero_dim, "one"},
    Reading{Rule::request_format_without_nd, "refused"},
    Reading{Rule::request_format_without_nd, "bytes_format"},
    Reading{Rule::request_format_without_nd, "true_format"},
    Reading{Rule::request_stray_bits_without_nd, "complete_flags"},
    Reading{Rule::request_stray_bits_without_nd, "own_bits"},
    Reading{Rule::field_buf_one_memory, "one_memory"},
    Reading{Rule::field_buf_one_memory, "block_for_each_view"},
    Reading{Rule::layout_contiguous_empty, "contiguous"},
    Reading{Rule::layout_contiguous_empty, "not_contiguous"},
    Reading{Rule::error_type_buffer_error, "buffer_error"},
    Reading{Rule::error_type_buffer_error, "value_error"},
    Reading{Rule::error_obj_null_on_failure, "null"},
    Reading{Rule::error_obj_null_on_failure, "untouched"},
    Reading{Rule::consumer_hardening_len_or_shape, "refuses"},
    Reading{Rule::consumer_hardening_len_or_shape, "trusts_len"},
    Reading{Rule::consumer_hardening_len_or_shape, "trusts_shape"},
    Reading{Rule::consumer_hardening_bad_format, "refuses"},
    Reading{Rule::consumer_hardening_bad_format, "ignores"},
};
static_assert(readings.size() <= 64, "a set of readings is one 64-bit word in records");

// The number of a reading; readings.size() if there is none of that name.
[[nodiscard]] constexpr std::size_t reading_number(Rule rule, std::string_view name) noexcept {
  for (std::size_t i = 0; i < readings.size(); ++i)
    if (readings[i].rule == rule && readings[i].name == name) return i;
  return readings.size();
}

}  // namespace bufspec
