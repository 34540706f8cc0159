// The values of an answer: one right answer, spoilt in one way at a time, and what is only unusual.
#include <utility>

#include "claims.hpp"

namespace bufspec::oracle {

namespace {

using namespace flag;
using enum Rule;

auto extents(std::size_t one, ssize first, std::size_t other, ssize second) {
  return [=](View& view) {
    view.shape_values[one] = first;
    view.shape_values[other] = second;
  };
}

auto stride(std::size_t dimension, ssize bytes) {
  return [=](View& view) { view.strides_values[dimension] = bytes; };
}

auto strides(ssize first, ssize second) {
  return [=](View& view) {
    view.strides_values[0] = first;
    view.strides_values[1] = second;
  };
}

auto suboffset(std::size_t dimension, ssize bytes) {
  return [=](View& view) { view.suboffsets_values[dimension] = bytes; };
}

// buf points elsewhere.
auto elsewhere(SameElements elements, ssize offset = 4) {
  return [=](Answer& answer) {
    answer.view.buf_offset = offset;
    answer.elements = elements;
  };
}

void add_numbers(Claims& claim) {
  claim(asked("c_2d_int", SIMPLE), set(&View::len, 20), {field_len_product});
  claim(asked("c_2d_int", SIMPLE), set(&View::len, 6), {field_len_product});
  claim(asked("f_2d_int", STRIDES), set(&View::len, 20), {field_len_product});
  claim(asked("c_2d_int", SIMPLE), set(&View::itemsize, 1), {field_itemsize_independent});
  claim(asked("c_2d_int", ND), set(&View::itemsize, 1), {field_itemsize_independent, field_len_product});
  claim(asked("c_1d_one_item", ND | FORMAT), [](View& v) { v.itemsize = v.len = 2; },
        {format_itemsize_agrees, field_itemsize_independent});
  claim(asked("c_2d_int", ND), [](View& v) { v.ndim = 1, v.len = 8; }, {field_ndim_independent});
  claim(asked("c_2d_int", ND), [](View& v) { v.ndim = 1, v.shape_values[0] = 6; }, {field_ndim_independent});
  claim(asked("c_2d_int", ND), set(&View::ndim, -1), {field_ndim_nonnegative, field_ndim_independent});
  claim(asked("c_2d_int", SIMPLE), set(&View::ndim, -1), {field_ndim_nonnegative, request_ndim_without_nd});
  claim(asked("c_2d_int", ND), set(&View::ndim, 65), {field_ndim_at_most_64, field_ndim_independent});
  claim(asked("c_2d_int", SIMPLE), set(&View::ndim, 65), {field_ndim_at_most_64, request_ndim_without_nd});
  claim(asked("dimensions_64_ones", ND), [](Trace&) {}, {});
  for (const int odd : {2, -1})
    claim(asked("c_2d_int_readonly", SIMPLE), set(&View::readonly, odd), {field_readonly_boolean});
  claim(asked("c_2d_int", SIMPLE), set(&View::readonly, 1), {field_readonly_same_for_all});
  claim(asked("c_2d_int_readonly", SIMPLE), set(&View::readonly, 0), {field_readonly_same_for_all});
}

void add_arrays(Claims& claim) {
  claim(asked("c_2d_int", ND), extents(0, 3, 1, 2), {field_shape_same_for_all});
  claim(asked("dimensions_64_c", ND), extents(0, 3, 63, 2), {field_shape_same_for_all});
  claim(asked("c_2d_int", ND), extents(0, -2, 1, 3), {field_shape_nonnegative, field_shape_same_for_all});
  claim(asked("c_2d_int", ND), extents(0, -2, 1, -3), {field_shape_nonnegative, field_shape_same_for_all});
  claim(asked("c_2d_int", STRIDES), stride(0, 16), {field_strides_same_for_all});
  claim(asked("c_2d_int", STRIDES), stride(1, 8), {field_strides_same_for_all});
  claim(asked("extent_one_middle_c", STRIDES), stride(1, 77), {});  // never followed
  claim(asked("empty_1d", STRIDES), stride(0, 77), {});
  claim(asked("c_2d_int", C_CONTIGUOUS), strides(4, 8), {field_strides_same_for_all, layout_contiguous_as_requested});
  claim(asked("f_2d_int", F_CONTIGUOUS), stride(1, 12), {field_strides_same_for_all, layout_contiguous_as_requested});
  claim(asked("f_2d_int", ANY_CONTIGUOUS), stride(1, 12), {field_strides_same_for_all, layout_contiguous_as_requested});
  claim(asked("f_2d_int", ANY_CONTIGUOUS), strides(12, 4), {field_strides_same_for_all});  // the other order
  claim(asked("pil_2d_rows", FULL_RO), suboffset(0, 4), {field_suboffsets_same_for_all});
  claim(asked("pil_2d_rows", FULL_RO), suboffset(1, 0), {field_suboffsets_same_for_all});
  claim(asked("pil_2d_rows", FULL_RO), suboffset(1, -7), {});  // below 0 one is like another
  claim(asked("c_2d_int", INDIRECT), [](View& v) { v.suboffsets = Pointer::readable, v.suboffsets_values.fill(-1); },
        {field_suboffsets_null_if_none});
  claim(asked("zero_dim_int", ND), set(&View::shape, Pointer::readable), {field_shape_zero_dim_null});
  claim(asked("zero_dim_int", STRIDES), set(&View::strides, Pointer::readable), {field_strides_zero_dim_null});
  claim(asked("zero_dim_int", INDIRECT), set(&View::suboffsets, Pointer::readable), {field_suboffsets_zero_dim_null});
}

void add_memory(Claims& claim) {
  const Right simple = asked("c_2d_int", SIMPLE);
  claim(simple, elsewhere(SameElements::different), {field_buf_same_memory});
  claim(simple, elsewhere(SameElements::same), {});
  claim(simple, elsewhere(SameElements::not_compared), {});
  claim(asked("c_2d_int", FULL_RO), elsewhere(SameElements::same, 4096), {});
  for (const Pointer buf : {Pointer::null, Pointer::untouched})
    claim(asked("c_2d_int", ND), set(&View::buf, buf), {field_buf_same_memory});
  const auto nothing_known = [](Pointer buf) {
    return [=](Trace& trace) {
      trace.richest.reset();
      spoil(trace, set(&View::buf, buf));
    };
  };
  claim(simple, nothing_known(Pointer::null), {field_buf_logical_start}).declared_only = true;
  for (const char* empty : {"empty_1d", "empty_last_extent"})  // may lie anywhere
    for (const Pointer buf : {Pointer::null, Pointer::readable, Pointer::unreadable}) {
      claim(asked(empty, FULL_RO), [=](View& v) { v.buf = buf, v.buf_offset = 64; }, {});
      claim(asked(empty, SIMPLE), nothing_known(buf), {});
    }
  for (const int word : {SIMPLE, FULL_RO}) {
    claim(asked("c_2d_int", word), set(&Answer::declared, SameElements::different), {field_strides_elements_right});
    claim(asked("c_2d_int", word),
          [](Answer& answer) { answer.declared = SameElements::different, answer.right_from = 4; },
          {field_buf_logical_start});
  }
  // Of a single element buf alone says where it is.
  for (const char* single : {"zero_dim_int", "c_1d_one_item"})
    claim(asked(single, FULL_RO), set(&Answer::declared, SameElements::different), {field_buf_logical_start});
  claim(simple, set(&Answer::declared, SameElements::same), {});
  claim(simple, set(&Answer::memory_readable, false), {layout_bounds_inside_block});
  claim(simple, set(&Answer::memory_readable, true), {});
  claim(simple, set(&Answer::canaries_intact, false), {lifetime_struct_inside_only});
  for (unsigned field = field_bit::buf; field < field_bit::internal; field <<= 1)
    claim(simple, set(&Answer::unwritten, field), {field_struct_all_filled});
}

// Another block, in C order, of memory in Fortran order.
auto copied(int readonly, SameElements elements = SameElements::same) {
  return [=](Answer& answer) {
    answer = asked("c_2d_int", C_CONTIGUOUS).answer();
    answer.view.readonly = readonly;
    answer.view.buf_offset = 4096;
    answer.block = Block::other;
    answer.elements = elements;
    answer.declared = SameElements::not_compared;
  };
}

void add_copies(Claims& claim) {
  for (const int word : {C_CONTIGUOUS, STRIDES}) {
    const Right right = asked("f_2d_int", word);
    claim(right, copied(1), {});
    claim(right, copied(0), {field_readonly_of_a_copy});
    claim(right, copied(1, SameElements::different), {field_strides_elements_right});
    claim(right, copied(1, SameElements::not_compared), {});
  }
  claim(asked("f_2d_int", C_CONTIGUOUS | WRITABLE), copied(0), {field_readonly_of_a_copy});
  claim(asked("f_2d_int", C_CONTIGUOUS | WRITABLE), copied(1), {request_writable_writable});
  const auto spoilt = [](auto change) {
    return [=](Answer& answer) {
      copied(1)(answer);
      change(answer);
    };
  };
  const Right right = asked("f_2d_int", C_CONTIGUOUS);
  claim(right, spoilt([](Answer& a) { a.block = Block::same; }), {request_c_contiguous_refused_if_not});
  claim(right, spoilt([](Answer& a) { a.view.strides_values = {4, 8}; }), {request_c_contiguous_refused_if_not});
  claim(right, spoilt([](Answer& a) { a.view.len = 20; }), {field_len_product});
  claim(right, spoilt([](Answer& a) { a.view.obj = Owner::null; }), {field_obj_not_null});
  claim(right, spoilt([](Answer& a) { a.declared = SameElements::different; }), {field_strides_elements_right});
  claim(asked("f_2d_int", SIMPLE), spoilt([](Answer& a) {
          a.view.shape = a.view.strides = Pointer::null;
          a.view.ndim = 1;
        }),
        {});
  claim(asked("f_2d_int", C_CONTIGUOUS | F_CONTIGUOUS), copied(1), {request_contiguous_both_orders});
  // The same strides in another block: nothing had to be copied, and who writes there is not promised anything else.
  claim(asked("c_2d_int", C_CONTIGUOUS), copied(0), {});
}

void add_steps(Claims& claim) {
  for (const ssize step : {2, -2, 1, 3})
    claim(asked("c_2d_int", STRIDES), stride(1, step), {field_strides_at_least_itemsize, field_strides_same_for_all})
        .declared_only = true;  // of others the elements are right, so the steps are meant
  claim(asked("c_2d_int", STRIDES), stride(1, 0), {field_strides_same_for_all});
  claim(asked("extent_one_middle_c", STRIDES), stride(1, 1), {});
}

void add_unchanging(Claims& claim) {
  for (const Unchanging how : {Unchanging::hash, Unchanging::payload}) {
    claim(asked("c_2d_int", FULL), set(&Answer::unchanging, how), {request_writable_unchanging_memory});
    claim(asked("c_2d_int", FULL_RO), set(&Answer::unchanging, how), {});
  }
  const auto declared = [](auto change) {
    return [=](Trace& trace) {
      trace.declared_readonly = true;
      spoil(trace, change);
    };
  };
  claim(asked("c_2d_int", FULL), declared([](Trace&) {}), {request_writable_refused_if_readonly});
  claim(asked("c_2d_int", FULL_RO), declared(set(&View::readonly, 1)), {});
  claim(asked("c_2d_int", FULL_RO), declared(set(&View::readonly, 0)), {field_readonly_same_for_all});
}

void add_owners(Claims& claim) {
  const Right simple = asked("c_2d_int", SIMPLE);
  for (const Owner owner : {Owner::null, Owner::untouched, Owner::garbage})
    claim(simple, set(&View::obj, owner), {field_obj_not_null});
  claim(simple, set(&View::obj, Owner::other), {});
  for (const long gained : {0, -1}) claim(simple, set(&Answer::references_gained, gained), {field_obj_owned_reference});
  claim(simple, set(&Answer::references_gained, 2), {});
  claim(simple, set(&Answer::references_gained, std::nullopt), {});
}

void add_formats(Claims& claim) {
  const Right all = asked("c_2d_int", FULL_RO);
  claim(all, set(&View::format_terminated, false), {format_text_terminated});
  for (const char* text : {"i%", "i)"}) claim(all, format(text), {format_text_parses, format_text_same_for_all});
  for (const char* text : {"I", "f"}) claim(all, format(text), {format_text_same_for_all});
  claim(all, format("@i"), {});
  claim(all, format("q"), {format_itemsize_agrees, format_text_same_for_all});
  claim(all, format("T{q:a:}"), {format_itemsize_agrees_pep3118, format_text_same_for_all});
  claim(asked("structure_packed", FULL_RO), format("T{<q:value:}"),
        {format_itemsize_agrees_pep3118, format_text_same_for_all});
  claim(all, [](View& v) { v.format_text.assign(std::string(2000, 'i')); }, {});  // cut off: nothing is known of it
}

void add_status_and_errors(Claims& claim) {
  const Right simple = asked("c_2d_int", SIMPLE);
  const Right refusal = asked("f_2d_int", SIMPLE);
  claim(simple, set(&Answer::status, 1), {error_status_zero_or_minus_one});
  for (const int status : {-2, 0}) claim(refusal, set(&Answer::status, status), {error_status_zero_or_minus_one});
  claim(simple, set(&Answer::exception_set, true), {error_exception_none_on_success});
  claim(refusal, set(&Answer::exception_set, false), {error_exception_set_on_failure});
  claim(refusal, [](Answer& a) { a.exception_set = false, a.error = Error::none; }, {error_exception_set_on_failure});
  claim(refusal, set(&Answer::error, Error::type_error), {error_type_buffer_error});
  claim(refusal, set(&Answer::error, Error::value_error), {});
  for (const Owner owner : {Owner::exporter, Owner::other, Owner::garbage})
    claim(refusal, set(&View::obj, owner), {error_obj_null_on_failure});
  claim(refusal, set(&View::obj, Owner::untouched), {});
  for (const long gained : {1, -1})
    claim(refusal, set(&Answer::references_gained, gained), {error_refusal_nothing_kept});
  claim(refusal, set(&Answer::canaries_intact, false), {lifetime_struct_inside_only});
  claim(refusal, set(&Answer::unwritten, field_bit::len), {});
}

}  // namespace

void add_field_claims(Claims& claim) {
  add_numbers(claim);
  add_arrays(claim);
  add_memory(claim);
  add_copies(claim);
  add_steps(claim);
  add_unchanging(claim);
  add_owners(claim);
  add_formats(claim);
  add_status_and_errors(claim);
}

}  // namespace bufspec::oracle
