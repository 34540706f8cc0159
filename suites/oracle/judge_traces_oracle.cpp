// Does the judge find what is wrong between the steps of a trace, and with a function?
#include <algorithm>

#include "right_answer.hpp"

namespace bufspec::oracle {
namespace {

constexpr int all = flag::FULL_RO;

TEST(JudgeTracesOracle, WordsOfOneMeaningHaveOneAnswer) {
  const LayoutRow* row = tables().layout("c_2d_int");
  ASSERT_NE(row, nullptr);
  const auto judged = [&](const std::vector<int>& words, const std::function<void(Answer&)>& spoil) {
    const Scenario scenario = engine::asking(row->layout, words, Edition::current);
    Trace trace = engine::trace_on_reference(scenario).value();
    spoil(*trace.steps[2 * words.size() - 2].answer);
    return broken(judge(scenario, trace));
  };
  const auto contains = [](const Names& names, const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const std::vector<std::function<void(Answer&)>> spoils{[](Answer& a) {
                                                           a.granted = false, a.exception_set = true,
                                                           a.error = Error::buffer_error, a.view.obj = Owner::null;
                                                         },
                                                         [](Answer& a) { a.view.shape = Pointer::null; },
                                                         [](Answer& a) { a.view.strides = Pointer::null; },
                                                         [](Answer& a) { a.view.suboffsets = Pointer::readable; },
                                                         [](Answer& a) { a.view.format = Pointer::null; },
                                                         [](Answer& a) { a.view.len = 1; },
                                                         [](Answer& a) { a.view.itemsize = 1; },
                                                         [](Answer& a) { a.view.readonly = 1; },
                                                         [](Answer& a) { a.view.ndim = 5; }};
  for (const auto& spoil : spoils) {
    EXPECT_TRUE(
        contains(judged({flag::RECORDS_RO, flag::RECORDS_RO | 0x002}, spoil), "request.unassigned_bits.ignored"));
    EXPECT_TRUE(
        contains(judged({flag::RECORDS_RO, flag::RECORDS_RO | 0x200}, spoil), "request.unassigned_bits.ignored"));
    // Only where the plain word was asked before.
    EXPECT_FALSE(contains(judged({flag::ND, flag::RECORDS_RO | 0x002}, spoil), "request.unassigned_bits.ignored"));
  }
  // 0x010 may be answered as SIMPLE or as STRIDES, not as something between them.
  const std::vector<int> stray{flag::SIMPLE, flag::STRIDES, 0x010};
  EXPECT_EQ(judged(stray, [](Answer&) {}), Names{});
  EXPECT_TRUE(contains(judged(stray, [](Answer& a) { a.view.itemsize = 1; }), "request.stray_bits.without_nd"));
  EXPECT_FALSE(
      contains(judged({flag::SIMPLE, 0x010}, [](Answer& a) { a.view.itemsize = 1; }), "request.stray_bits.without_nd"));
  EXPECT_FALSE(contains(judged({flag::STRIDES, 0x010}, [](Answer& a) { a.view.itemsize = 1; }),
                        "request.stray_bits.without_nd"));
}

// A refusal is needless only of what asks for no more than was granted.
TEST(JudgeTracesOracle, WhatAsksForMoreThanWasGrantedMayBeRefused) {
  const auto refused = [](int word, int richest) {
    Right right("c_2d_int", word);
    right.trace.richest_word = richest;
    right.answer() = {};
    right.answer().status = -1;
    right.answer().exception_set = true;
    right.answer().error = Error::buffer_error;
    return broken(right.judged());
  };
  const Names needless{"request.refusal.needless"};
  EXPECT_EQ(refused(flag::STRIDES, flag::STRIDES), needless);
  EXPECT_EQ(refused(flag::ND, flag::STRIDES), needless);
  EXPECT_EQ(refused(flag::SIMPLE, flag::ND), needless);
  EXPECT_EQ(refused(flag::RECORDS_RO, flag::STRIDES), Names{});
  EXPECT_EQ(refused(flag::STRIDES, flag::ND), Names{});
  EXPECT_EQ(refused(flag::ND, flag::SIMPLE), Names{});
  EXPECT_EQ(refused(flag::ND | flag::FORMAT, flag::FORMAT), Names{});
  EXPECT_EQ(refused(flag::ND | flag::FORMAT, flag::RECORDS_RO), needless);
}

TEST(JudgeTracesOracle, AFunctionAgreesWithTheLayout) {
  for (const LayoutRow& row : tables().layouts) {
    for (const char order : {'C', 'F', 'A', 'x'}) {
      Scenario scenario;
      scenario.target = Target::function;
      scenario.layout = row.layout;
      scenario.order = order;
      scenario.steps = {{StepKind::call, 0, 0}};
      auto made = engine::trace_on_reference(scenario);
      ASSERT_TRUE(made.has_value());
      Trace& trace = *made;
      EXPECT_EQ(broken(judge(scenario, trace)), Names{}) << row.name << ", order " << order;
      Called& called = *trace.steps[0].called;
      called.result = 1 - called.result;
      EXPECT_EQ(broken(judge(scenario, trace)), Names{"function.is_contiguous.agrees"})
          << row.name << ", order " << order;
      called.result = 1 - called.result;
      called.error = Error::type_error;
      EXPECT_EQ(broken(judge(scenario, trace)), Names{"function.is_contiguous.agrees"})
          << row.name << ", order " << order;
    }
  }
}

// A ready-made object: its richest answer stands in for the layout.
TEST(JudgeTracesOracle, WithoutALayoutTheRichestAnswerIsTheMemory) {
  Right right("f_2d_int_readonly", flag::STRIDES);
  right.scenario.layout.reset();
  EXPECT_EQ(broken(right.judged()), Names{});
  Right other = right;
  other.view().shape_values[0] = 3;
  EXPECT_FALSE(other.judged().clean());
  other = right;
  other.view().readonly = 0;
  EXPECT_EQ(broken(other.judged()), Names{"field.readonly.same_for_all"});
  // An exporter may call memory read-only and yet grant WRITABLE: only a declared layout makes that a fact.
  other = right;
  other.scenario.steps[0].flags = flag::STRIDED;
  other.view().readonly = 0;
  EXPECT_EQ(broken(other.judged()), Names{});
  // Its format is the true one, unless it could not be read to its end.
  Right text("f_2d_int", all);
  text.scenario.layout.reset();
  text.view().format_text.assign("I");
  EXPECT_EQ(broken(text.judged()), Names{"format.text.same_for_all"});
  text.trace.richest->view.format_terminated = false;
  EXPECT_EQ(broken(text.judged()), Names{});
  right.trace.richest.reset();
  EXPECT_TRUE(right.judged().clean());
  EXPECT_FALSE(right.judged().judged[index_of(Rule::request_strides_strides_present)]);
}

TEST(JudgeTracesOracle, AnAnswerThatDescribesNoMemoryGivesNoLayout) {
  Right right("c_2d_int", all);
  Layout layout;
  EXPECT_TRUE(layout_from_answer(right.answer(), layout));
  EXPECT_EQ(bufspec::describe(layout).find("(2, 3)") != std::string::npos, true) << bufspec::describe(layout);
  const std::vector<std::function<void(Answer&)>> spoils{
      [](Answer& a) { a.granted = false; },
      [](Answer& a) { a.view.ndim = -1; },
      [](Answer& a) { a.view.ndim = 65; },
      [](Answer& a) { a.view.itemsize = -1; },
      [](Answer& a) { a.view.shape = Pointer::null; },
      [](Answer& a) { a.view.shape_values[0] = -1; },
      [](Answer& a) { a.view.shape_values[0] = a.view.shape_values[1] = ssize{1} << 40; }};
  for (const auto& spoil : spoils) {
    Answer answer = right.answer();
    spoil(answer);
    EXPECT_FALSE(layout_from_answer(answer, layout));
  }
  for (const char* name : {"zero_dim_int", "dimensions_64_c"})
    EXPECT_TRUE(layout_from_answer(Right(name, all).answer(), layout)) << name;
  Right bare("c_2d_int", all);
  bare.view().itemsize = 0;
  EXPECT_TRUE(layout_from_answer(bare.answer(), layout));
  Right indirect("pil_2d_rows", all);
  ASSERT_TRUE(layout_from_answer(indirect.answer(), layout));
  EXPECT_TRUE(layout.has_suboffsets && layout.suboffsets[0] == 0 && layout.suboffsets[1] == -1);
  Answer answer = right.answer();
  answer.view.strides = Pointer::null;
  ASSERT_TRUE(layout_from_answer(answer, layout));
  EXPECT_EQ(layout.strides[0], 12);
  EXPECT_EQ(layout.strides[1], 4);
}

}  // namespace
}  // namespace bufspec::oracle
