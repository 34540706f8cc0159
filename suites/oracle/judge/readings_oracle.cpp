// Is each reading of a contested rule recorded when it is followed, without a violation?
// That an answer outside every reading records none is in claims_oracle.cpp.
#include <algorithm>

#include "right_trace.hpp"

namespace bufspec::oracle {
namespace {

using enum Rule;
using namespace flag;

struct Followed {
  Rule rule;
  const char* reading;
  Right right;
};

std::vector<Followed> followed_readings() {
  constexpr int own_bit_of_strides = 0x010;
  const Right simple = asked("c_2d_int", SIMPLE);
  const Right scalar = asked("zero_dim_int", SIMPLE);
  const Right refusal = asked("f_2d_int", SIMPLE);
  const Right format_alone = asked("c_2d_int", FORMAT);
  const Right stray = asked("c_2d_int", own_bit_of_strides);
  const Right empty = asked("empty_1d_step_two", C_CONTIGUOUS);
  const Right written =
      done("c_2d_int", {{StepKind::acquire, 0, FULL}, {StepKind::acquire, 1, FULL}, {StepKind::write, 1, 0}});
  const Right of_len = consumed("c_2d_int", behaviour::lie_len);
  const Right of_format = consumed("c_2d_int", behaviour::lie_format);
  const auto granted_format = becomes(asked("c_2d_int", FORMAT, Edition::founding_2010).answer());
  const auto in_another_block = [](Answer& answer) {
    answer = asked("c_2d_int", C_CONTIGUOUS).answer();
    answer.view.readonly = 1;
    answer.block = Block::other;
    answer.declared = SameElements::not_compared;
  };
  const auto raises = at(0, [](Consumed& c) { c.raised = true, c.result = Compared::not_compared; });
  const auto reads_wrongly = at(0, set(&Consumed::result, Compared::wrong));
  return {
      {request_ndim_without_nd, "original", simple.with(set(&View::ndim, 2))},
      {request_ndim_without_nd, "one", simple},
      {request_ndim_without_nd, "zero", simple.with(set(&View::ndim, 0))},
      {request_ndim_without_nd_zero_dim, "zero", scalar.with(set(&View::ndim, 0))},
      {request_ndim_without_nd_zero_dim, "one", scalar},
      {request_format_without_nd, "refused", format_alone},
      {request_format_without_nd, "bytes_format", format_alone.with(granted_format).with(format("B"))},
      {request_format_without_nd, "true_format", format_alone.with(granted_format).with(format("i"))},
      {request_stray_bits_without_nd, "complete_flags", stray},
      {request_stray_bits_without_nd, "own_bits", stray.with(becomes(asked("c_2d_int", STRIDES).answer()))},
      {request_contiguous_copy, "refused", asked("f_2d_int", C_CONTIGUOUS)},
      {request_contiguous_copy, "copy", asked("f_2d_int", C_CONTIGUOUS).with(in_another_block)},
      {field_buf_one_memory, "one_memory", written.with(set(&Written::elsewhere, SameElements::same))},
      {field_buf_one_memory, "block_for_each_view", written.with(set(&Written::elsewhere, SameElements::different))},
      {layout_contiguous_empty, "contiguous", empty},
      {layout_contiguous_empty, "not_contiguous", empty.with(refused())},
      {error_type_buffer_error, "buffer_error", refusal},
      {error_type_buffer_error, "value_error", refusal.with(set(&Answer::error, Error::value_error))},
      {error_obj_null_on_failure, "null", refusal},
      {error_obj_null_on_failure, "untouched", refusal.with(set(&View::obj, Owner::untouched))},
      {consumer_hardening_len_or_shape, "refuses", of_len.with(raises)},
      {consumer_hardening_len_or_shape, "trusts_len", of_len.with(reads_wrongly)},
      {consumer_hardening_len_or_shape, "trusts_shape", of_len},
      {consumer_hardening_bad_format, "refuses", of_format.with(raises)},
      {consumer_hardening_bad_format, "ignores", of_format},
  };
}

TEST(JudgeReadings, EachIsTried) {
  const auto followed = followed_readings();
  for (const Reading& reading : readings) {
    const auto is_it = [&](const Followed& one) { return one.rule == reading.rule && one.reading == reading.name; };
    EXPECT_EQ(std::count_if(followed.begin(), followed.end(), is_it), 1)
        << rule_id(reading.rule) << " " << reading.name;
  }
}

TEST(JudgeReadings, EachIsRecordedAndBreaksNothing) {
  for (const bool is_declared : {true, false}) {
    for (Followed& one : followed_readings()) {
      // Our exporter's layout is always known; a ready-made object's is that of its richest answer.
      if (!is_declared && one.right.scenario.target == Target::consumer) continue;
      SCOPED_TRACE(std::string(rule_id(one.rule)) + " " + one.reading + (is_declared ? "" : ", ready-made"));
      if (!is_declared) one.right.scenario.layout.reset();
      EXPECT_EQ(one.right.broken(), Rules{});
      EXPECT_TRUE(one.right.judges(one.rule));
      for (const Reading& reading : readings) {
        if (reading.rule != one.rule) continue;
        EXPECT_EQ(one.right.reads(one.rule, reading.name), reading.name == one.reading) << reading.name;
      }
    }
  }
}

TEST(JudgeReadings, AnAnswerThatFitsTwoReadingsRecordsNone) {
  const Right line = asked("c_1d_int", SIMPLE);  // one dimension is 1 under two readings
  EXPECT_TRUE(line.judges(request_ndim_without_nd));
  EXPECT_EQ(line.judged().readings, 0U);
  // Where the true format is "B".
  const Answer granted = asked("bytes_one_dim", FORMAT, Edition::founding_2010).answer();
  const Right bytes = asked("bytes_one_dim", FORMAT).with(becomes(granted)).with(format("B"));
  EXPECT_EQ(bytes.broken(), Rules{});
  for (const char* reading : {"bytes_format", "true_format"})
    EXPECT_FALSE(bytes.reads(request_format_without_nd, reading)) << reading;
}

TEST(JudgeReadings, AContiguityRequestIsJudgedOnAScalarToo) {
  EXPECT_TRUE(asked("zero_dim_int", C_CONTIGUOUS).judges(layout_contiguous_as_requested));
  EXPECT_FALSE(asked("zero_dim_int", STRIDES).judges(layout_contiguous_as_requested));
}

}  // namespace
}  // namespace bufspec::oracle
