// What does the judge know of the memory of a ready-made object?  Its richest answer stands in for a layout.
#include <functional>

#include "right_trace.hpp"

namespace bufspec::oracle {
namespace {

using enum Rule;
using namespace flag;

TEST(JudgeReadyMade, WithoutALayoutTheRichestAnswerIsTheMemory) {
  Right right = asked("f_2d_int_readonly", STRIDES);
  right.scenario.layout.reset();
  EXPECT_EQ(right.broken(), Rules{});
  EXPECT_FALSE(right.with([](View& v) { v.shape_values[0] = 3; }).judged().clean());
  EXPECT_EQ(right.with(set(&View::readonly, 0)).broken(), Rules{field_readonly_same_for_all});
  // An exporter may call memory read-only and yet grant WRITABLE: only a declared layout makes that a fact.
  Right writable = right.with(set(&View::readonly, 0));
  writable.scenario.steps[0].flags = STRIDED;
  EXPECT_EQ(writable.broken(), Rules{});
  Right unknown = right;
  unknown.trace.richest.reset();
  EXPECT_TRUE(unknown.judged().clean());
  EXPECT_FALSE(unknown.judges(request_strides_strides_present));
  // Its format is the true one, unless it could not be read to its end.
  Right text = asked("f_2d_int", FULL_RO).with(format("I"));
  text.scenario.layout.reset();
  EXPECT_EQ(text.broken(), Rules{format_text_same_for_all});
  text.trace.richest->view.format_terminated = false;
  EXPECT_EQ(text.broken(), Rules{});
}

TEST(JudgeReadyMade, NothingIsSaidOfAnObjectThatRefusesEverything) {
  Right right = asked("strided_1d", ND).with(set(&Answer::error, Error::type_error));
  right.scenario.layout.reset();
  right.trace.richest.reset();
  EXPECT_EQ(right.broken(), Rules{});
  EXPECT_FALSE(right.judges(error_type_buffer_error));
}

TEST(JudgeReadyMade, ShortStepsAreMeantWhereTheElementsAreRight) {
  Right right = asked("c_2d_int", STRIDES).with([](Answer& answer) {
    answer.view.strides_values[1] = 2;
    answer.declared = SameElements::same;
  });
  right.scenario.layout.reset();
  right.trace.richest->view.strides_values[1] = 2;
  EXPECT_EQ(right.broken(), Rules{});
  EXPECT_EQ(right.with(set(&Answer::declared, SameElements::not_compared)).broken(),
            Rules{field_strides_at_least_itemsize});
}

TEST(JudgeReadyMade, OnlyTheLengthIsKnownOfAnObjectThatShowsNoShape) {
  Right right = asked("c_2d_int", {SIMPLE, F_CONTIGUOUS, ND});
  right.scenario.layout.reset();
  right.trace.richest = asked("c_2d_int", SIMPLE).answer();
  right.trace.richest_word = SIMPLE;
  EXPECT_EQ(right.broken(), Rules{});
  EXPECT_FALSE(right.judges(field_ndim_independent));
}

TEST(JudgeReadyMade, AnAnswerThatDescribesNoMemoryGivesNoLayout) {
  const Answer right = asked("c_2d_int", FULL_RO).answer();
  Layout layout;
  EXPECT_TRUE(layout_from_answer(right, layout));
  EXPECT_EQ(layout.format, "i");
  EXPECT_TRUE(layout_from_answer(asked("c_2d_int", STRIDES).answer(), layout));
  EXPECT_EQ(layout.format, "B");  // of an answer without a format
  EXPECT_TRUE(layout_from_answer(right, layout));
  EXPECT_NE(bufspec::describe(layout).find("(2, 3)"), std::string::npos) << bufspec::describe(layout);
  const std::vector<std::function<void(Answer&)>> changes{
      [](Answer& a) { a.granted = false; },
      [](Answer& a) { a.view.ndim = -1; },
      [](Answer& a) { a.view.ndim = 65; },
      [](Answer& a) { a.view.itemsize = -1; },
      [](Answer& a) { a.view.shape = Pointer::null; },
      [](Answer& a) { a.view.shape_values[0] = -1; },
      [](Answer& a) { a.view.shape_values[0] = a.view.shape_values[1] = ssize{1} << 40; }};
  for (const auto& change : changes) {
    Answer answer = right;
    change(answer);
    EXPECT_FALSE(layout_from_answer(answer, layout));
  }
  for (const char* name : {"zero_dim_int", "dimensions_64_c"})
    EXPECT_TRUE(layout_from_answer(asked(name, FULL_RO).answer(), layout)) << name;
  Answer answer = right;
  answer.view.itemsize = 0;
  EXPECT_TRUE(layout_from_answer(answer, layout));
  ASSERT_TRUE(layout_from_answer(asked("pil_2d_rows", FULL_RO).answer(), layout));
  EXPECT_TRUE(layout.has_suboffsets && layout.suboffsets[0] == 0 && layout.suboffsets[1] == -1);
  answer = right;
  answer.view.strides = Pointer::null;
  ASSERT_TRUE(layout_from_answer(answer, layout));
  EXPECT_EQ(layout.strides[0], 12);
  EXPECT_EQ(layout.strides[1], 4);
}

}  // namespace
}  // namespace bufspec::oracle
