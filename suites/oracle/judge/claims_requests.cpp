// Answers to a request: granted or refused, which fields are there, and the same answer for words of one meaning.
// Each pointer at each word is in rows_oracle.cpp; here each row's rule stands once.
#include "claims.hpp"

namespace bufspec::oracle {

namespace {

using namespace flag;
constexpr int own_bit_of_strides = 0x010;

void show_shape(View& view) {
  view.shape = Pointer::readable;
  view.shape_values[0] = 6;
}

void show_strides(View& view) {
  view.strides = Pointer::readable;
  view.strides_values = {12, 4};
}

// What an exporter answers to FORMAT alone that does not refuse it.
auto grants_format(std::string_view layout, std::string_view text) {
  return [=, answer = asked(layout, FORMAT, Edition::founding_2010).answer()](Answer& now) {
    now = answer;
    now.view.format_text.assign(text);
  };
}

}  // namespace

void add_request_claims(Claims& claim) {
  using enum Rule;
  claim(asked("c_2d_int", FULL), set(&View::readonly, 1), {request_writable_writable});
  claim(asked("c_2d_int", WRITABLE), set(&View::readonly, 1), {request_writable_writable});
  claim(asked("c_2d_int_readonly", FULL), granted(), {request_writable_refused_if_readonly}).declared_only = true;
  claim(asked("c_2d_int", ND), set(&View::shape, Pointer::null), {request_nd_shape_present});
  claim(asked("c_2d_int", SIMPLE), show_shape, {request_nd_shape_absent});
  claim(asked("c_2d_int", SIMPLE), set(&View::ndim, 3), {request_ndim_without_nd});
  claim(asked("zero_dim_int", SIMPLE), set(&View::ndim, 2), {request_ndim_without_nd_zero_dim});
  claim(asked("c_2d_int", STRIDES), set(&View::strides, Pointer::null), {request_strides_strides_present});
  claim(asked("c_2d_int", ND), show_strides, {request_strides_strides_absent});
  claim(asked("strided_1d", ND), granted(), {request_strides_refused_without});
  claim(asked("f_2d_int", SIMPLE), granted(), {request_strides_refused_without});
  claim(asked("strided_1d", SIMPLE, Edition::founding_2010), granted(), {request_simple_refused_if_not_contiguous});
  claim(asked("f_2d_int", C_CONTIGUOUS), granted(), {request_c_contiguous_refused_if_not});
  claim(asked("pil_2d_rows", C_CONTIGUOUS | INDIRECT), granted(), {request_c_contiguous_refused_if_not});
  constexpr int both = C_CONTIGUOUS | F_CONTIGUOUS;
  const auto granted_for = [](std::string_view layout, int word) {
    return [answer = asked(layout, word).answer()](Answer& now) { now = answer; };
  };
  for (const char* layout : {"c_2d_int", "f_2d_int"})
    for (const int more : {0, WRITABLE, FORMAT, INDIRECT, ANY_CONTIGUOUS})
      claim(asked(layout, both | more), granted_for(layout, ANY_CONTIGUOUS | more), {request_contiguous_both_orders});
  claim(asked("c_2d_int_readonly", both | WRITABLE), granted_for("c_2d_int_readonly", C_CONTIGUOUS),
        {request_writable_refused_if_readonly})
      .declared_only = true;
  claim(asked("strided_2d_both", both), granted_for("strided_2d_both", STRIDES), {request_c_contiguous_refused_if_not});
  const auto spoilt_for = [&](auto change) {
    return [=, answer = asked("c_2d_int", C_CONTIGUOUS).answer()](Answer& now) {
      now = answer;
      change(now.view);
    };
  };
  claim(asked("c_2d_int", both), spoilt_for([](View& v) { v.len = 20; }),
        {request_contiguous_both_orders, field_len_product});
  claim(asked("c_2d_int", both), spoilt_for([](View& v) { v.strides = Pointer::null; }),
        {request_contiguous_both_orders, request_strides_strides_present});
  claim(asked("c_2d_int", both), spoilt_for([](View& v) { v.strides_values = {16, 4}; }),
        {request_contiguous_both_orders, field_strides_same_for_all, layout_contiguous_as_requested});
  claim(asked("c_2d_int", F_CONTIGUOUS), granted(), {request_f_contiguous_refused_if_not});
  claim(asked("strided_1d", ANY_CONTIGUOUS), granted(), {request_any_contiguous_refused_if_not});
  claim(asked("pil_2d_rows", INDIRECT), set(&View::suboffsets, Pointer::null), {request_indirect_suboffsets_present});
  claim(asked("c_2d_int", STRIDES), set(&View::suboffsets, Pointer::readable), {request_indirect_suboffsets_absent});
  claim(asked("pil_2d_rows", STRIDES), granted(), {request_indirect_refused_if_needed});
  claim(asked("c_2d_int", ND | FORMAT), set(&View::format, Pointer::null), {request_format_present});
  claim(asked("c_2d_int", ND), set(&View::format, Pointer::readable), {request_format_absent});

  // FORMAT without ND: refused, or the true format, or that of bytes.
  for (const auto* layout : {"c_2d_int", "bytes_one_dim"}) {
    claim(asked(layout, FORMAT), grants_format(layout, "B"), {}).declared_only = true;
    claim(asked(layout, FORMAT), grants_format(layout, "q"), {request_format_without_nd});
  }
  claim(asked("c_2d_int", FORMAT), grants_format("c_2d_int", "i"), {});
  claim(asked("bytes_one_dim", FORMAT), grants_format("bytes_one_dim", "i"), {request_format_without_nd});
  claim(asked("c_2d_int", FORMAT), set(&Answer::error, Error::type_error), {error_type_buffer_error});

  // A stray bit is answered as SIMPLE or as STRIDES, not as something between them, and only where both were asked before.
  const Right stray = asked("c_2d_int", {SIMPLE, STRIDES, own_bit_of_strides});
  claim(stray, set(&View::ndim, 0), {request_stray_bits_without_nd});
  claim(stray, show_strides, {request_stray_bits_without_nd});  // looks for any bit
  claim(asked("c_2d_int", own_bit_of_strides), show_strides, {request_stray_bits_without_nd});
  // Which answer is owed is open, not what it says of the memory.
  claim(asked("c_2d_int", own_bit_of_strides), [](View& v) { show_strides(v), v.itemsize = 1, v.ndim = 65; },
        {request_stray_bits_without_nd, field_ndim_at_most_64, request_ndim_without_nd, field_itemsize_independent});
  claim(asked("c_2d_int", own_bit_of_strides), [](View& v) { show_strides(v), v.obj = Owner::null; },
        {request_stray_bits_without_nd, field_obj_not_null});
  constexpr int parts_of_fortran = 0x050;
  claim(asked("f_2d_int", parts_of_fortran), granted_for("f_2d_int", F_CONTIGUOUS), {});
  claim(asked("f_2d_int", 0x040 | WRITABLE), granted(), {request_stray_bits_without_nd}).declared_only = true;
  claim(stray, set(&View::itemsize, 1), {field_itemsize_independent, request_stray_bits_without_nd});
  for (const int other : {SIMPLE, STRIDES})
    claim(asked("c_2d_int", {other, own_bit_of_strides}), set(&View::itemsize, 1), {field_itemsize_independent});

  // An unassigned bit changes nothing, where the word without it was asked before.
  claim(asked("c_2d_int", {SIMPLE, 0x400}), set(&View::ndim, 2), {request_unassigned_bits_ignored});
  claim(asked("c_2d_int", {ND, ND | 0x002}), refused(), {request_refusal_needless});  // it may refuse any request
  claim(asked("c_2d_int", {ND, RECORDS_RO | 0x002}), refused(), {request_refusal_needless});

  claim(asked("c_2d_int", READ), set(&Answer::error, Error::buffer_error), {request_reserved_read_or_write_alone});
  claim(asked("c_2d_int", WRITE), granted(), {request_reserved_read_or_write_alone});
  claim(asked("c_2d_int", {SIMPLE, WRITE, READ, READ | WRITE, READ | 0x400}), [](Trace&) {}, {});

  // A refusal is needless of what asks for no more than was granted.
  const auto refused_after = [](int richest) {
    return [=](Trace& trace) {
      trace.richest_word = richest;
      spoil(trace, refused());
    };
  };
  for (const auto& [word, richest] : {std::pair{STRIDES, STRIDES}, {ND, STRIDES}, {SIMPLE, ND}, {ND, FULL_RO}})
    claim(asked("c_2d_int", word), refused_after(richest), {request_refusal_needless});
  claim(asked("c_2d_int", ND | FORMAT), refused_after(RECORDS_RO), {request_refusal_needless});
  for (const auto& [word, richest] :
       {std::pair{RECORDS_RO, STRIDES}, {STRIDES, ND}, {ND, SIMPLE}, {ND | FORMAT, FORMAT}, {FULL_RO, RECORDS_RO}})
    claim(asked("c_2d_int", word), refused_after(richest), {});
}

}  // namespace bufspec::oracle
