// Records of a consumer that follows every rule, and the same with one thing spoilt.
// What the many habits and layouts add is in consumers_oracle.cpp.
#include "bufspec/misreadings.hpp"
#include "claims.hpp"

namespace bufspec::oracle {

namespace {

using namespace flag;
using enum Rule;

// All requests asked for `word`.
auto of_word(int word) {
  return [=](Consumed& c) {
    for (Consumed::Request& one : c.requests) one.flags = word;
  };
}

// The first request's record.
template <typename Value>
auto request(Value Consumed::Request::* member, Value value) {
  return [=](Consumed& c) { c.requests[0].*member = value; };
}

// A result that was read wrongly: by the bytes that reading gives, where it gives any.
auto reads_wrongly(std::string_view layout, Misreading way) {
  return [=](Consumed& c) {
    constexpr std::uintptr_t block = 0x10000;
    for (const auto& [known, bytes] : misreadings_of(named(layout), block))
      if (known == way) return show_bytes(c, named(layout), bytes, block);
    c.result = Compared::wrong;
    c.misreading = way;
  };
}

void add_releases_by_consumers(Claims& claim) {
  const Right right = consumed("c_2d_int");
  const auto releases = [](int count, long kept) {
    return [=](Trace& trace) {
      spoil(trace, request(&Consumed::Request::releases, count));
      trace.steps.back().consumed->references_kept = kept;
    };
  };
  claim(right, releases(0, 1), {consumer_release_exactly_once});
  claim(right, releases(2, -1), {consumer_release_exactly_once});
  claim(right, at(3, [](Consumed& c) { c.requests[0].releases = 2, c.references_kept = -1; }),
        {consumer_release_exactly_once});
  claim(right, [](Consumed& c) { c.requests.push_back({ND, false, 1, 0}); }, {consumer_release_never_granted});
  claim(right, [](Consumed& c) { c.requests.push_back({ND, false, 0, 0}); }, {});
  claim(right, set(&Consumed::stray_releases, 2), {consumer_release_never_granted});
  for (const long kept : {1, -1})
    claim(right, at(3, set(&Consumed::references_kept, kept)), {consumer_release_nothing_kept});
  claim(right, at(2, set(&Consumed::references_kept, 2)), {});  // garbage may hold it
  for (const unsigned field : {field_bit::format, field_bit::shape, field_bit::strides, field_bit::suboffsets})
    claim(right, request(&Consumed::Request::changed, field), {consumer_struct_arrays_unchanged});
  claim(right, request(&Consumed::Request::changed, field_bit::internal), {consumer_struct_internal_unchanged});
}

void add_writes(Claims& claim) {
  const Right reads = consumed("strided_1d");
  const Right fills = consumed("strided_1d", 0, fills_memory);
  const auto elements = set(&Consumed::elements_changed, true);
  claim(reads, elements, {consumer_write_only_if_asked});
  for (const std::size_t step : {std::size_t{0}, std::size_t{2}})
    claim(reads, at(step, elements), {consumer_write_only_if_asked});
  claim(consumed("strided_1d", 0, tries_to_write), at(0, elements), {});
  claim(reads, at(0, set(&Consumed::gaps_changed, true)), {consumer_write_inside_elements});
  claim(fills, at(0, set(&Consumed::gaps_changed, true)), {consumer_write_inside_elements});
  claim(fills, at(0, set(&Consumed::filled, Compared::wrong)), {consumer_fill_elements_right});
  claim(fills, set(&Trace::consumer, ConsumerKind::reads), {consumer_request_no_needless_write});
  claim(reads, of_word(FULL), {consumer_request_no_needless_write});
  // Who fills goes by readonly.
  const auto fills_unasked = [=](Trace& trace) {
    trace.consumer = ConsumerKind::fills;
    trace.steps[0].consumed->elements_changed = true;
  };
  claim(reads, fills_unasked, {});
  claim(consumed("strided_1d_readonly"), fills_unasked, {consumer_write_only_if_asked});
}

void add_errors(Claims& claim) {
  const Right right = consumed("c_2d_int");
  const Right refuses = consumed("c_2d_int", behaviour::refuses_all);
  const auto does_not_raise = at(0, set(&Consumed::raised, false));
  claim(refuses, does_not_raise, {consumer_error_refusal_told});
  claim(consumed("c_2d_int", behaviour::refuses_all, falls_back), at(0, set(&Consumed::result, Compared::wrong)), {});
  const auto raises = [](Error error, bool is_declared, bool is_raised_by_bytes) {
    return at(0, [=](Consumed& c) {
      raise(c);
      c.error = error;
      c.is_declared_refusal = is_declared;
      c.is_raised_by_bytes = is_raised_by_bytes;
    });
  };
  const Right accepts_little = right.with(set(&Trace::accepts, 0U));
  for (const Error error : {Error::index_error, Error::other, Error::memory_error, Error::system_error}) {
    claim(accepts_little, raises(error, false, false), {consumer_error_refusal_type});
    claim(accepts_little, raises(error, true, false), {});
    claim(right, raises(error, false, true), {});
  }
  for (const Error error : {Error::buffer_error, Error::type_error, Error::value_error, Error::not_implemented_error}) {
    claim(accepts_little, raises(error, false, false), {});
    claim(right, raises(error, false, true), {consumer_capability_accepted});
  }
  // Elements that are negative, or no text, may be refused wherever they lie.
  for (const Error error : {Error::value_error, Error::index_error, Error::other})
    for (const bool is_raised_by_bytes : {false, true})
      claim(consumed("c_2d_int", behaviour::no_zero_byte), raises(error, false, is_raised_by_bytes), {});
  claim(refuses, raises(Error::other, false, false), {});  // nothing was granted
  claim(consumed("c_2d_int", behaviour::other_thread), raises(Error::other, false, false), {});
  for (const Right& one : {right, refuses})
    claim(one, at(0, set(&Consumed::result_and_exception_disagree, true)), {consumer_error_exception_set});
  claim(right, at(0, raise), {consumer_capability_accepted});
  claim(consumed("dimensions_64_ones"), at(0, raise), {consumer_dimensions_up_to_64});
  claim(consumed("c_2d_int_readonly", 0, fills_memory), [](Trace&) {}, {});  // who fills need not take it
  // Where our exporter refuses or does something unusual, an exception has that reason.
  for (const std::uint32_t behaviours :
       {behaviour::refuses_writable, behaviour::refuses_all, behaviour::other_thread, behaviour::reenters_consumer})
    claim(consumed("c_2d_int", behaviours), at(0, raise), {});
}

// The result of the call, and what it still shows afterwards: reported once.
void add_results(Claims& claim) {
  using enum Misreading;
  const auto misread = [&](Rule rule, std::string_view layout, Misreading way, std::optional<int> word = std::nullopt) {
    const Right right = consumed(layout);
    const auto wrong = reads_wrongly(layout, way);
    claim(right,
          [=](Trace& trace) {
            if (word) spoil(trace, of_word(*word));
            for (const std::size_t step : {std::size_t{0}, std::size_t{1}}) at(step, wrong)(trace);
          },
          {rule});
  };
  misread(consumer_data_elements_right, "pil_2d_rows", unknown);
  misread(consumer_data_elements_right, "c_2d_int", fortran_order);
  misread(consumer_data_elements_right, "c_2d_int", fortran_order, STRIDES);
  misread(consumer_data_elements_right, "c_1d_int", of_itemsize);
  misread(consumer_data_elements_right, "c_2d_int", of_itemsize, ND);
  misread(consumer_data_elements_right, "c_2d_int", other_format);
  misread(consumer_data_linear_if_contiguous, "strided_1d", linear);
  misread(consumer_data_linear_if_contiguous, "f_2d_int", linear);
  misread(consumer_data_suboffsets_followed, "pil_2d_rows", without_suboffsets);
  misread(consumer_data_any_stride, "reversed_1d", absolute_strides);
  misread(consumer_data_missing_strides, "c_2d_int", fortran_order, ND);
  misread(consumer_data_missing_format, "c_2d_int", other_format, INDIRECT);
  misread(consumer_data_simple_is_bytes, "c_1d_int", of_itemsize, SIMPLE);
  misread(consumer_data_byte_order, "big_endian_1d", byte_swapped);
  misread(consumer_data_empty, "empty_1d_reversed", empty);
  misread(consumer_data_empty, "empty_1d", unknown);
  // What a consumer makes of nothing at NULL is its own business, and whether it takes it; the release is not.
  const Right of_null = consumed("empty_1d", behaviour::null_if_empty);
  claim(of_null, set(&Consumed::result, Compared::wrong), {});
  claim(of_null, at(0, raise), {});
  const auto is_never_released = [](Trace& trace) {
    spoil(trace, request(&Consumed::Request::releases, 0));
    trace.steps.back().consumed->references_kept = 1;
  };
  claim(of_null, is_never_released, {consumer_release_exactly_once});
  misread(consumer_data_extent_one_stride, "sub_block_one_row", extent_one);
  misread(consumer_data_unaligned, "unaligned_1d", aligned);
  misread(consumer_dimensions_up_to_64, "dimensions_64_ones", unknown);
  claim(consumed("c_2d_int"), at(0, reads_wrongly("c_2d_int", released)), {consumer_hold_while_used});
  claim(consumed("c_2d_int"), at(1, reads_wrongly("c_2d_int", unknown)), {consumer_hold_while_used});
  claim(consumed("c_2d_int"), at(0, set(&Consumed::result, Compared::not_compared)), {});
  misread(consumer_data_elements_right, "c_2d_int", counted_items);
  misread(consumer_data_elements_right, "empty_1d", counted_items);
  misread(consumer_data_elements_right, "dimensions_64_ones", counted_items);
  // The segment as it lies, by who has no need of another order; unless C order was promised.
  const auto as_it_lies = [&](std::string_view layout, int word, bool is_all) {
    return [=](Consumed& c) {
      reads_wrongly(layout, linear)(c);
      c.requests[0].flags = word;
      c.is_in_memory_order = is_all;
    };
  };
  claim(consumed("f_2d_int"), at(0, as_it_lies("f_2d_int", ANY_CONTIGUOUS, true)), {consumer_data_memory_order});
  claim(consumed("f_2d_int"), at(0, as_it_lies("f_2d_int", FULL_RO, true)), {consumer_data_memory_order});
  claim(consumed("f_2d_int"), at(0, as_it_lies("f_2d_int", FULL_RO, false)), {consumer_data_linear_if_contiguous});
  claim(consumed("f_2d_int"), at(0, as_it_lies("f_2d_int", C_CONTIGUOUS, true)), {consumer_data_linear_if_contiguous});
  claim(consumed("f_2d_int"), at(0, as_it_lies("f_2d_int", ND, true)), {consumer_data_linear_if_contiguous});
  claim(consumed("strided_1d"), at(0, as_it_lies("strided_1d", FULL_RO, true)), {consumer_data_linear_if_contiguous});
  const auto filled_as_it_lies = at(0, [](Consumed& c) {
    c.filled = Compared::wrong;
    c.is_in_memory_order = true;
  });
  claim(consumed("f_2d_int", 0, fills_memory), filled_as_it_lies, {consumer_data_memory_order});
  claim(consumed("c_2d_int", 0, fills_memory), filled_as_it_lies, {consumer_fill_elements_right});
  // What keeps the memory holds a view, whether or not its result can be read.
  const auto keeps = [](int releases, Compared result) {
    return [=](Trace& trace) {
      trace.consumer = ConsumerKind::keeps;
      for (StepRecord& record : trace.steps) {
        record.consumed->requests[0].releases = releases;
        record.consumed->result = result;
      }
    };
  };
  using enum Compared;
  claim(consumed("c_2d_int"), keeps(1, not_compared), {consumer_hold_while_used});
  claim(consumed("c_2d_int"), keeps(1, Compared::right), {});  // a copy
  claim(consumed("empty_1d"), keeps(1, not_compared), {});
  claim(consumed("c_2d_int", 0, holds_view).with([](Trace& trace) {
    for (const std::size_t step : {std::size_t{0}, std::size_t{1}})
      trace.steps[step].consumed->requests[0].releases = 0;
    trace.consumer = ConsumerKind::keeps;
    trace.steps[0].consumed->result = not_compared;
  }),
        [](Trace&) {}, {});
  claim(consumed("c_2d_int"),
        [=](Trace& trace) {
          keeps(1, not_compared)(trace);
          trace.steps[0].consumed->returned_none = true;
        },
        {});
  // The document of 2010 has no rule of its own for what is read in a line.
  Right founding = consumed("f_2d_int");
  founding.scenario.edition = Edition::founding_2010;
  claim(founding, at(0, reads_wrongly("f_2d_int", linear)), {consumer_data_elements_right});
}

// Of an exporter that lies.
void add_lies(Claims& claim) {
  const auto wrong = at(0, set(&Consumed::result, Compared::wrong));
  const Right indirect = consumed("c_2d_int", behaviour::lie_suboffsets);
  claim(indirect, wrong, {consumer_hardening_negative_suboffsets});
  claim(indirect, at(0, raise), {});
  claim(consumed("c_2d_int", behaviour::lie_obj | behaviour::refuses_all), set(&Consumed::stray_releases, 1),
        {consumer_hardening_failed_obj});
  claim(consumed("c_2d_int", behaviour::lie_obj | behaviour::refuses_all),
        [](Consumed& c) { c.requests[0] = {FULL_RO, false, 1, 0}; }, {consumer_hardening_failed_obj});
  claim(consumed("c_2d_int", behaviour::lie_readonly, fills_memory), at(0, set(&Consumed::elements_changed, true)),
        {consumer_hardening_readonly_answer});
}

}  // namespace

void add_consumer_claims(Claims& claim) {
  add_releases_by_consumers(claim);
  add_writes(claim);
  add_errors(claim);
  add_results(claim);
  add_lies(claim);
}

}  // namespace bufspec::oracle
