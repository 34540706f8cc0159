// Is each reading of a contested rule recorded when it is followed, without a violation?
// That an answer outside every reading is one is in judge_breaks.cpp.
#include <algorithm>
#include <functional>
#include <vector>

#include "judge_breaks.hpp"
#include "tests.hpp"

namespace bufspec::engine {

namespace {

struct Followed {
  Rule rule;
  const char* reading;
  Layout layout;
  std::vector<int> words;
  std::function<void(Trace&)> apply;
  std::vector<Step> steps{};  // where they are not one request after another
  std::uint32_t lie = 0;  // a consumer is told it
};

Answer with_format(Answer answer, const char* format) {
  answer.view.format = Pointer::readable;
  answer.view.format_text.assign(format);
  return answer;
}

void set_ndim(Trace& trace, int ndim) { trace.steps[0].answer->view.ndim = ndim; }

std::vector<Followed> followed_readings() {
  const auto as_it_is = [](Trace&) {};
  const auto refuse = [](Trace& t) {
    t.steps[0].consumed->raised = true;
    t.steps[0].consumed->result = Compared::not_compared;
  };
  const std::vector<Step> written_and_held{
      {StepKind::acquire, 0, flag::FULL}, {StepKind::acquire, 1, flag::FULL}, {StepKind::write, 1, 0}};
  constexpr int own_bit_of_strides = 0x010;
  return {
      {Rule::request_ndim_without_nd, "original", matrix(), {flag::SIMPLE}, [](Trace& t) { set_ndim(t, 2); }},
      {Rule::request_ndim_without_nd, "one", matrix(), {flag::SIMPLE}, as_it_is},
      {Rule::request_ndim_without_nd, "zero", matrix(), {flag::SIMPLE}, [](Trace& t) { set_ndim(t, 0); }},
      {Rule::request_ndim_without_nd_zero_dim, "zero", scalar(), {flag::SIMPLE}, [](Trace& t) { set_ndim(t, 0); }},
      {Rule::request_ndim_without_nd_zero_dim, "one", scalar(), {flag::SIMPLE}, as_it_is},
      {Rule::request_format_without_nd, "refused", matrix(), {flag::FORMAT}, as_it_is},
      {Rule::request_format_without_nd,
       "bytes_format",
       matrix(),
       {flag::FORMAT},
       [](Trace& t) { t.steps[0].answer = with_format(answer_of(matrix(), flag::SIMPLE), "B"); }},
      {Rule::request_format_without_nd,
       "true_format",
       matrix(),
       {flag::FORMAT},
       [](Trace& t) { t.steps[0].answer = with_format(answer_of(matrix(), flag::SIMPLE), "i"); }},
      {Rule::request_stray_bits_without_nd, "complete_flags", matrix(), {own_bit_of_strides}, as_it_is},
      {Rule::request_stray_bits_without_nd,
       "own_bits",
       matrix(),
       {own_bit_of_strides},
       [](Trace& t) { t.steps[0].answer = answer_of(matrix(), flag::STRIDES); }},
      {Rule::field_buf_one_memory,
       "one_memory",
       matrix(),
       {},
       [](Trace& t) { t.steps[2].written->elsewhere = SameElements::same; },
       written_and_held},
      {Rule::field_buf_one_memory,
       "block_for_each_view",
       matrix(),
       {},
       [](Trace& t) { t.steps[2].written->elsewhere = SameElements::different; },
       written_and_held},
      {Rule::layout_contiguous_empty, "contiguous", empty_strided(), {flag::C_CONTIGUOUS}, as_it_is},
      {Rule::layout_contiguous_empty,
       "not_contiguous",
       empty_strided(),
       {flag::C_CONTIGUOUS},
       [](Trace& t) { t.steps[0].answer = answer_of(strided_line(), flag::C_CONTIGUOUS); }},
      {Rule::error_type_buffer_error, "buffer_error", strided_line(), {flag::SIMPLE}, as_it_is},
      {Rule::error_type_buffer_error,
       "value_error",
       strided_line(),
       {flag::SIMPLE},
       [](Trace& t) { t.steps[0].answer->error = Error::value_error; }},
      {Rule::error_obj_null_on_failure, "null", strided_line(), {flag::SIMPLE}, as_it_is},
      {Rule::error_obj_null_on_failure,
       "untouched",
       strided_line(),
       {flag::SIMPLE},
       [](Trace& t) { t.steps[0].answer->view.obj = Owner::untouched; }},
      {Rule::consumer_hardening_len_or_shape, "refuses", matrix(), {}, refuse, {}, behaviour::lie_len},
      {Rule::consumer_hardening_len_or_shape,
       "trusts_len",
       matrix(),
       {},
       [](Trace& t) { t.steps[0].consumed->result = Compared::wrong; },
       {},
       behaviour::lie_len},
      {Rule::consumer_hardening_len_or_shape, "trusts_shape", matrix(), {}, as_it_is, {}, behaviour::lie_len},
      {Rule::consumer_hardening_bad_format, "refuses", matrix(), {}, refuse, {}, behaviour::lie_format},
      {Rule::consumer_hardening_bad_format, "ignores", matrix(), {}, as_it_is, {}, behaviour::lie_format},
  };
}

TEST(Readings, EachIsTried) {
  const auto followed = followed_readings();
  for (const Reading& reading : readings) {
    const auto is_it = [&](const Followed& one) { return one.rule == reading.rule && one.reading == reading.name; };
    EXPECT_EQ(std::count_if(followed.begin(), followed.end(), is_it), 1)
        << rule_id(reading.rule) << " " << reading.name;
  }
}

TEST(Readings, EachIsRecordedAndBreaksNothing) {
  for (const bool is_declared : {true, false}) {
    for (const Followed& one : followed_readings()) {
      if (one.lie != 0 && !is_declared) continue;  // our exporter's layout is always known
      SCOPED_TRACE(std::string(rule_id(one.rule)) + " " + one.reading + (is_declared ? "" : ", ready-made"));
      Scenario scenario = asking(one.layout, one.words, Edition::current, is_declared);
      if (!one.steps.empty()) scenario.steps = one.steps;
      if (one.lie != 0) scenario = consuming(one.layout, one.lie);
      Shown shown = shown_by_reference(scenario, one.layout);
      one.apply(shown.trace);
      const Judgement judgement = judge(shown.scenario, shown.trace);
      EXPECT_TRUE(judgement.clean()) << testing::PrintToString(judgement);
      EXPECT_TRUE(judgement.judged[index_of(one.rule)]);
      for (std::size_t number = 0; number < readings.size(); ++number) {
        if (readings[number].rule != one.rule) continue;
        EXPECT_EQ((judgement.readings >> number & 1) != 0, readings[number].name == one.reading)
            << readings[number].name;
      }
    }
  }
}

TEST(Readings, AnAnswerThatFitsTwoReadingsRecordsNone) {
  Layout line = strided_line();
  line.strides[0] = 4;
  const Shown shown = shown_by_reference(asking(line, {flag::SIMPLE}));
  const Judgement judgement = judge(shown.scenario, shown.trace);
  EXPECT_TRUE(judgement.judged[index_of(Rule::request_ndim_without_nd)]);
  EXPECT_EQ(judgement.readings, 0U);
}

TEST(Readings, AnOutsiderIsRecordedUnderNoReading) {
  for (const Break& broken : judge_breaks()) {
    const auto is_of_rule = [&](const Reading& reading) { return reading.rule == broken.rule; };
    if (std::none_of(readings.begin(), readings.end(), is_of_rule)) continue;
    SCOPED_TRACE(std::string(rule_id(broken.rule)) + " " + broken.name);
    Shown shown = shown_by_reference(broken.scenario);
    const std::size_t last = shown.trace.steps.size() - 2;
    broken.apply(shown.trace);
    // Only the broken answer: the steps before it follow readings of their own.
    shown.scenario.steps = {shown.scenario.steps[last]};
    shown.trace.steps = {shown.trace.steps[last]};
    const Judgement judgement = judge(shown.scenario, shown.trace);
    for (std::size_t number = 0; number < readings.size(); ++number) {
      const bool is_followed = (judgement.readings >> number & 1) != 0;
      EXPECT_FALSE(readings[number].rule == broken.rule && is_followed && !judgement.clean()) << readings[number].name;
    }
  }
}

}  // namespace

}  // namespace bufspec::engine
