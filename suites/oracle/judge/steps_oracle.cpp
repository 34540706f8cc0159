// What does one step of a trace tell of another: views that are held, operations, many repeats, what was answered before?
// One right record, spoilt in one way at a time; where something else explains what is seen, the judge keeps silent.
#include <algorithm>

#include "right_trace.hpp"
#include "suites/library/trace.hpp"

namespace bufspec::oracle {
namespace {

using enum Rule;
using namespace flag;

const Step first{StepKind::acquire, 0, FULL_RO};

Mutated operation(int views_held, Error error = Error::none, bool twin_raised = false) {
  return {"append",    views_held, error != Error::none, error, std::string(error_name(error)), views_held == 0,
          twin_raised, {}};
}

bool contains(const Rules& rules, Rule rule) { return std::find(rules.begin(), rules.end(), rule) != rules.end(); }

TEST(JudgeSteps, WordsOfOneMeaningHaveOneAnswer) {
  const auto judged = [](const std::vector<int>& words, const std::function<void(Answer&)>& change) {
    return asked("c_2d_int", words).with(change).broken();
  };
  const std::vector<std::function<void(Answer&)>> changes{[](Answer& a) { a.view.shape = Pointer::null; },
                                                          [](Answer& a) { a.view.strides = Pointer::null; },
                                                          [](Answer& a) { a.view.suboffsets = Pointer::readable; },
                                                          [](Answer& a) { a.view.format = Pointer::null; },
                                                          [](Answer& a) { a.view.len = 1; },
                                                          [](Answer& a) { a.view.itemsize = 1; },
                                                          [](Answer& a) { a.view.readonly = 1; },
                                                          [](Answer& a) { a.view.ndim = 5; }};
  for (const auto& change : changes) {
    for (const int bit : {0x002, 0x200})
      EXPECT_TRUE(contains(judged({RECORDS_RO, RECORDS_RO | bit}, change), request_unassigned_bits_ignored));
    // Only where the plain word was asked before.
    EXPECT_FALSE(contains(judged({ND, RECORDS_RO | 0x002}, change), request_unassigned_bits_ignored));
  }
}

// An exporter may refuse any request.
TEST(JudgeSteps, ARefusalIsOfUnassignedBitsOnlyIfItComesEachTime) {
  const auto refuse = [](Answer& a, Error error) {
    a.granted = false;
    a.exception_set = true;
    a.error = error;
    a.view.obj = {};
  };
  const auto is_of_the_bits = [](const Right& right) {
    return contains(right.broken(), request_unassigned_bits_ignored);
  };
  constexpr int odd = RECORDS_RO | 0x002;
  Right right = asked("c_2d_int", {RECORDS_RO, odd, RECORDS_RO, RECORDS_RO, odd});
  refuse(right.answer(8), Error::buffer_error);
  EXPECT_FALSE(is_of_the_bits(right));
  refuse(right.answer(2), Error::value_error);
  EXPECT_FALSE(is_of_the_bits(right));
  refuse(right.answer(2), Error::buffer_error);
  EXPECT_TRUE(is_of_the_bits(right));
  for (const std::size_t step : {2U, 8U}) refuse(right.answer(step), Error::memory_error);
  EXPECT_FALSE(is_of_the_bits(right));

  Right plain_refused = asked("c_2d_int", {RECORDS_RO, odd, RECORDS_RO, RECORDS_RO, odd});
  refuse(plain_refused.answer(6), Error::memory_error);
  EXPECT_FALSE(is_of_the_bits(plain_refused));
  refuse(plain_refused.answer(6), Error::buffer_error);
  EXPECT_FALSE(is_of_the_bits(plain_refused)) << "it was granted before";
  for (const std::size_t step : {0U, 4U}) refuse(plain_refused.answer(step), Error::buffer_error);
  EXPECT_TRUE(is_of_the_bits(plain_refused));
}

// Only what the scenario did itself explains other elements.
TEST(JudgeSteps, OurOwnChangesExplainOtherElements) {
  const auto broken_after = [](const Step& between, const std::function<void(StepRecord&)>& fill) {
    Right right = done("c_2d_int", {first, between, {StepKind::read, 0, 0}});
    fill(right.trace.steps[1]);
    return right.with(set(&Reread::elements, SameElements::different)).broken();
  };
  const Rules unchanged{lifetime_export_memory_unchanged};
  const auto as_it_is = [](StepRecord&) {};
  for (const auto& [error, broken] :
       {std::pair{Error::none, Rules{}}, {Error::buffer_error, unchanged}, {Error::value_error, Rules{}}})
    EXPECT_EQ(broken_after({StepKind::mutate, 0, 0}, [made = operation(1, error)](StepRecord& r) { r.mutated = made; }),
              broken);
  EXPECT_EQ(broken_after({StepKind::write, 0, 0}, as_it_is), Rules{});
  EXPECT_EQ(broken_after({StepKind::write, 0, 0}, [](StepRecord& r) { r.written->tried = false; }), unchanged);
  for (const StepKind kind : {StepKind::collect, StepKind::repeat, StepKind::reenter})
    EXPECT_EQ(broken_after({kind, 0, FULL_RO, 3}, as_it_is), unchanged);
  EXPECT_EQ(broken_after({StepKind::mutate, 0, FULL_RO}, as_it_is), unchanged) << "there is no such operation";
  // A view that was acquired afterwards shows them from the start.
  const Right later =
      done("c_2d_int", {first, {StepKind::write, 0, 0}, {StepKind::acquire, 1, FULL_RO}, {StepKind::read, 1, 0}});
  EXPECT_EQ(later.with(set(&Reread::elements, SameElements::different)).broken(), unchanged);
}

TEST(JudgeSteps, WhatIsWrittenIsLookedForInOtherViews) {
  const Right right = done("c_2d_int", {first, {StepKind::acquire, 1, FULL_RO}, {StepKind::write, 0, 0}});
  for (const auto& [elsewhere, reading] :
       {std::pair{SameElements::same, "one_memory"}, {SameElements::different, "block_for_each_view"}}) {
    const Right written = right.with(set(&Written::elsewhere, elsewhere));
    EXPECT_TRUE(written.reads(field_buf_one_memory, reading));
    EXPECT_FALSE(written.with(set(&Written::read_back, false)).reads(field_buf_one_memory, reading));
  }
  EXPECT_FALSE(done("c_2d_int", {first, {StepKind::write, 0, 0}}).judges(field_buf_one_memory));
}

// What was written and not taken back, elements that others change: neither is compared with what was before.
TEST(JudgeSteps, ElementsThatAreNotOursToKnowAreNotCompared) {
  const auto broken = [](bool restored, bool content) {
    Right right = done("c_2d_int", {first, {StepKind::write, 0, 0}, {StepKind::release, 0, 0}, first});
    right.trace.steps[1].written->restored = restored;
    if (!content) right.trace.observes &= ~observation::content;
    return right
        .with([](Answer& answer) {
          answer.declared = answer.elements = SameElements::different;
          answer.view.buf_offset = 4;
        })
        .broken();
  };
  EXPECT_EQ(broken(true, true), (Rules{field_buf_same_memory, field_strides_elements_right}));
  EXPECT_EQ(broken(false, true), Rules{});
  EXPECT_EQ(broken(true, false), Rules{});
}

TEST(JudgeSteps, AnOperationIsJudgedBesideATwinWhereNoViewIsHeld) {
  const auto operated = [](const Mutated& what) {
    return done("c_2d_int", {{StepKind::mutate, 0, 0}}).with(becomes(what));
  };
  EXPECT_TRUE(operated(operation(0)).judges(lifetime_export_lock_ends));
  Mutated untried = operation(0, Error::buffer_error);
  untried.twin_tried = false;
  EXPECT_FALSE(operated(untried).judges(lifetime_export_lock_ends));
  Mutated held = operation(1, Error::buffer_error);
  held.twin_tried = true;
  EXPECT_FALSE(operated(held).judges(lifetime_export_lock_ends));
  EXPECT_TRUE(operated(held).judges(lifetime_export_memory_valid));
  // After another operation the object is no longer what its twin is.
  for (const auto& [before, is_judged] : {std::pair{operation(0), false},
                                          {operation(0, Error::value_error, true), false},
                                          {operation(1, Error::buffer_error), true}}) {
    Right right = done("c_2d_int", {{StepKind::mutate, 0, 1}, {StepKind::mutate, 0, 0}});
    right.trace.steps[0].mutated = before;
    right.trace.steps[1].mutated = operation(0, Error::buffer_error);
    EXPECT_EQ(right.broken(), is_judged ? Rules{lifetime_export_lock_ends} : Rules{});
  }
}

// An operation may leave another memory behind.
TEST(JudgeSteps, WhatWasKnownOfAMemoryEndsWithAnOperation) {
  const auto broken_after = [](Error error) {
    Right right = done("c_2d_int", {{StepKind::mutate, 0, 0}, {StepKind::acquire, 0, ND}});
    right.trace.steps[0].mutated = operation(0, error, true);
    return right.with([](Answer& a) { a.view.shape_values[0] = 7, a.view.len = 84, a.status = 1; }).broken();
  };
  EXPECT_EQ(broken_after(Error::none), Rules{error_status_zero_or_minus_one});
  EXPECT_EQ(broken_after(Error::value_error), Rules{error_status_zero_or_minus_one});
  EXPECT_EQ(broken_after(Error::buffer_error), (Rules{error_status_zero_or_minus_one, field_shape_same_for_all}));
  const Right closed = done("c_2d_int", {{StepKind::acquire, 0, SIMPLE},
                                         {StepKind::release, 0, 0},
                                         {StepKind::mutate, 0, 0},
                                         {StepKind::acquire, 0, 0x002}});
  EXPECT_EQ(closed.with(becomes(operation(0))).with(refused(Error::value_error)).broken(), Rules{});
}

// What an answer says of itself has to agree, and to be what was requested, whatever the memory is by now.
TEST(JudgeSteps, AnAnswerAfterAnOperationIsJudgedByItself) {
  const auto broken = [](int word, const std::function<void(Answer&)>& spoil, const char* layout = "c_2d_int") {
    Right right = done(layout, {{StepKind::mutate, 0, 0}, {StepKind::acquire, 0, word}});
    right.trace.steps[0].mutated = operation(0, Error::none);
    return right.with(spoil).broken();
  };
  const auto as_it_is = [](Answer&) {};
  for (int word = 0; word < flag::word_count; ++word)
    for (const char* layout : {"c_2d_int", "f_2d_int", "bytes_one_dim"})
      EXPECT_EQ(broken(word, as_it_is, layout), Rules{});
  using A = Answer;
  EXPECT_EQ(broken(FULL_RO, [](A& a) { a.view.len += 1; }), Rules{field_len_product});
  EXPECT_EQ(broken(FULL_RO, [](A& a) { a.view.obj = Owner::null; }), Rules{field_obj_not_null});
  EXPECT_EQ(broken(FULL_RO, [](A& a) { a.view.shape = Pointer::null; }), Rules{request_nd_shape_present});
  EXPECT_EQ(broken(FULL_RO, [](A& a) { a.view.strides = Pointer::null; }), Rules{request_strides_strides_present});
  EXPECT_EQ(broken(FULL_RO, [](A& a) { a.view.format = Pointer::null; }), Rules{request_format_present});
  EXPECT_EQ(broken(ND, [](A& a) { a.view.format = Pointer::readable; }), Rules{request_format_absent});
  EXPECT_EQ(broken(FULL, [](A& a) { a.view.readonly = 1; }), Rules{request_writable_writable});
  EXPECT_EQ(broken(FULL_RO, [](A& a) { a.memory_readable = false; }), Rules{layout_bounds_inside_block});
  EXPECT_EQ(broken(FULL_RO, [](A& a) { a.unwritten = field_bit::len; }), Rules{field_struct_all_filled});
  EXPECT_EQ(broken(FULL_RO, [](A& a) { a.declared = SameElements::different; }), Rules{field_strides_elements_right});
  // Others than before are nobody's fault.
  const auto becomes_other = [](A& a) {
    a.view.readonly = 1, a.view.format_text.assign("f"), a.elements = SameElements::different, a.block = Block::other;
  };
  EXPECT_EQ(broken(FULL_RO, becomes_other), Rules{});
}

// Two views that are held at once show one object, also of one that was changed: until something may have changed it again.
TEST(JudgeSteps, ViewsThatAreHeldSinceAnOperationAgree) {
  const Step operate{StepKind::mutate, 0, 0};
  const auto broken = [&](const std::vector<Step>& before, int word, const std::function<void(View&)>& spoil) {
    std::vector<Step> steps = before;
    steps.push_back({StepKind::acquire, 2, word});
    Right right = done("c_2d_int", steps);
    for (std::size_t step = 0; step < before.size(); ++step)
      if (before[step].kind == StepKind::mutate) right.trace.steps[step].mutated = operation(0);
    spoil(right.answer(before.size()).view);
    return right.broken();
  };
  const auto is_readonly = [](View& v) { v.readonly = 1; };
  const auto is_float = [](View& v) { v.format_text.assign("f"); };
  const auto is_tall = [](View& v) {
    v.shape_values[0] = 3, v.shape_values[1] = 2, v.strides_values[0] = 8, v.strides_values[1] = 4;
  };
  const std::vector<Step> beside{operate, {StepKind::acquire, 0, FULL_RO}};
  EXPECT_EQ(broken(beside, FULL_RO, [](View&) {}), Rules{});
  EXPECT_EQ(broken(beside, FULL_RO, is_readonly), Rules{field_readonly_same_for_all});
  EXPECT_EQ(broken(beside, FULL_RO, is_float), Rules{format_text_same_for_all});
  EXPECT_EQ(broken(beside, FULL_RO, is_tall), (Rules{field_shape_same_for_all, field_strides_same_for_all}));
  // Whatever is asked for, it is as long, and has as many dimensions and items of the same size.
  const auto is_short = [](View& v) { v.len = 20; };
  for (const int word : {SIMPLE, ND, STRIDES, WRITABLE}) {
    EXPECT_EQ(broken(beside, word, [](View&) {}), Rules{}) << word;
    EXPECT_EQ(broken(beside, word, is_short), Rules{field_len_product}) << word;
  }
  EXPECT_EQ(broken(beside, ND, [](View& v) { v.shape_values[0] = 3, v.shape_values[1] = 2; }),
            Rules{field_shape_same_for_all});
  // A copy in another order is read-only, and whoever asks to write says nothing of who does not.
  EXPECT_EQ(broken(beside, C_CONTIGUOUS, is_readonly), Rules{});
  EXPECT_EQ(broken({operate, {StepKind::acquire, 0, FULL}}, FULL_RO, is_readonly), Rules{});
  for (const std::vector<Step>& steps :
       {std::vector<Step>{operate, {StepKind::acquire, 0, FULL_RO}, {StepKind::release, 0, 0}},
        std::vector<Step>{{StepKind::acquire, 0, FULL_RO}, operate},
        std::vector<Step>{operate, {StepKind::acquire, 0, FULL_RO}, operate},
        // What was put off until the older view is gone may come now.
        std::vector<Step>{first, operate, {StepKind::acquire, 1, FULL_RO}, {StepKind::release, 0, 0}}})
    for (const auto& spoil : {std::function<void(View&)>(is_readonly), {is_float}, {is_tall}})
      EXPECT_EQ(broken(steps, FULL_RO, spoil), Rules{});
}

// To PyBuffer_IsContiguous memory without a byte lies in every order, whatever its strides.
TEST(JudgeSteps, ItemsOfNoByteLieInAnyOrder) {
  Right right = done("c_2d_int_with_strides", {{StepKind::acquire, 0, STRIDES}});
  right.scenario.steps[0].flags = F_CONTIGUOUS;
  EXPECT_TRUE(contains(right.broken(), request_f_contiguous_refused_if_not));
  right.scenario.layout->itemsize = 0;
  right.scenario.layout->format = "0s";
  right.answer().view.itemsize = right.answer().view.len = 0;
  EXPECT_EQ(right.broken(), Rules{});
}

// One consumer at a time is a way to share, too.
TEST(JudgeSteps, ARefusalWhileViewsAreHeldMayHaveThatReason) {
  const auto broken = [](std::vector<Step> steps) {
    return done("c_2d_int", std::move(steps)).with(refused()).broken();
  };
  const Step again{StepKind::acquire, 1, FULL_RO};
  const Rules needless{request_refusal_needless};
  EXPECT_EQ(broken({again}), needless);
  EXPECT_EQ(broken({first, again}), Rules{});
  EXPECT_EQ(broken({first, {StepKind::reenter, 0, FULL_RO}}), Rules{});
  EXPECT_EQ(broken({{StepKind::reenter, 0, FULL_RO}}), Rules{});
  EXPECT_EQ(broken({first, {StepKind::release, 0, 0}, again}), needless);
  EXPECT_EQ(broken({first, {StepKind::release_copy, 0, 0}, again}), needless);
  const Step hold{StepKind::hold, 0, FULL_RO, 3};
  EXPECT_EQ(broken({hold, again}), Rules{});
  EXPECT_EQ(broken({hold, {StepKind::hold}, again}), needless);
  EXPECT_EQ(broken({first, first}), needless) << "the view in the slot is released first";
  EXPECT_EQ(broken({{StepKind::acquire, 0, SIMPLE}, {StepKind::acquire, 1, 0x002}}), Rules{});
  // A refusal for that reason is no answer that another word has to share.
  Right right = done("c_2d_int",
                     {first, {StepKind::acquire, 1, SIMPLE}, {StepKind::release, 0, 0}, {StepKind::acquire, 2, 0x002}});
  refused()(right.answer(1));
  EXPECT_EQ(right.broken(), Rules{});
}

TEST(JudgeSteps, TheSlotIsAskedAsTheFunctionIs) {
  for (const int word : {READ, WRITE}) {
    Right direct = done("c_2d_int", {{StepKind::acquire_direct, 0, word}});
    EXPECT_TRUE(direct.answer().granted);
    EXPECT_EQ(direct.broken(), Rules{});
    EXPECT_FALSE(direct.judges(request_reserved_read_or_write_alone));
    EXPECT_TRUE(direct.judges(field_len_product));
  }
  EXPECT_TRUE(
      done("c_2d_int", {{StepKind::acquire, 0, SIMPLE}, {StepKind::release, 0, 0}, {StepKind::acquire_direct, 0, 2}})
          .judges(request_unassigned_bits_ignored));
}

// Readonly is what the exporter chooses where WRITABLE is not asked for, but the same for all.
TEST(JudgeSteps, ReadonlyOfWritableMemoryIsAChoice) {
  Right right = done(
      "c_2d_int", {{StepKind::acquire, 0, SIMPLE}, {StepKind::acquire, 1, WRITABLE}, {StepKind::acquire, 2, FULL_RO}});
  right.answer(0).view.readonly = right.answer(2).view.readonly = 1;
  right.trace.richest.reset();
  EXPECT_EQ(right.broken(), Rules{});
  EXPECT_EQ(right.with(set(&View::readonly, 0)).broken(), Rules{field_readonly_same_for_all});
  Right readonly = done("c_2d_int_readonly", {{StepKind::acquire, 0, SIMPLE}});
  readonly.trace.richest.reset();
  EXPECT_EQ(readonly.broken(), Rules{});
  EXPECT_EQ(readonly.with(set(&View::readonly, 0)).broken(), Rules{field_readonly_same_for_all});
}

Repeated times(std::uint64_t granted, std::uint64_t refused, long references, std::int64_t first_half = 0,
               std::int64_t second_half = 0) {
  return {granted, refused, references, first_half, second_half, true};
}

TEST(JudgeSteps, WhatStaysBehindIsCountedByThePair) {
  struct Row {
    const char* what;
    StepKind kind;
    Repeated repeated;
    Rules broken;
  };
  const Rules references{lifetime_release_references_restored};
  const Rules memory{lifetime_release_memory_restored};
  const Rules refusal{error_refusal_nothing_kept};
  const Rules kept{lifetime_release_obj_kept};
  const StepKind repeat = StepKind::repeat;
  const StepKind threads = StepKind::threads;
  const std::vector<Row> rows{
      {"nothing", repeat, times(100000, 0, 0), {}},
      {"one in a cache", repeat, times(100000, 0, 1), {}},
      {"fewer than one in a hundred", repeat, times(100000, 0, 999), {}},
      {"one in a hundred", repeat, times(100000, 0, 1000), references},
      {"one of a few", repeat, times(5, 0, 1), references},
      {"one each", repeat, times(100000, 0, 100000), references},
      {"one fewer each", repeat, times(100000, 0, -100000), kept},
      {"one fewer", repeat, times(100000, 0, -1), {}},
      {"one each of refusals", repeat, times(0, 100000, 100000), refusal},
      {"one fewer each of refusals", repeat, times(0, 100000, -100000), refusal},
      {"one each of both", repeat, times(50000, 50000, 50000), references},
      {"8 bytes each", repeat, times(100000, 0, 0, 400000, 400000), memory},
      {"8 bytes each of refusals", repeat, times(0, 100000, 0, 400000, 400000), refusal},
      {"less than 8 bytes each in the second half", repeat, times(100000, 0, 0, 400000, 399999), {}},
      {"less than 8 bytes each in the first half", repeat, times(100000, 0, 0, 399999, 400000), {}},
      {"a pool that grows once", repeat, times(100000, 0, 0, 1 << 24, 0), {}},
      {"too few pairs to tell bytes", repeat, times(999, 0, 0, 1 << 24, 1 << 24), {}},
      {"just enough pairs", repeat, times(1000, 0, 0, 4000, 4000), memory},
      {"nothing was done", repeat, times(0, 0, 5, 1 << 24, 1 << 24), {}},
      {"one grant among refusals", repeat, times(1, 999, 0, 4000, 4000), memory},
      {"one fewer than one in a hundred fewer", repeat, times(100000, 0, -999), {}},
      {"one in a hundred fewer", repeat, times(100000, 0, -1000), kept},
      {"one a thread", threads, times(100000, 0, thread_count), {}},
      {"more than one a thread", threads, times(100000, 0, thread_count + 1), references},
      {"lost between threads", threads, times(100000, 0, -thread_count - 1), kept},
  };
  for (const Row& row : rows) {
    Right right = done("c_2d_int", {{row.kind, 0, FULL_RO, 10}}).with(becomes(row.repeated));
    EXPECT_EQ(right.broken(), row.broken) << row.what;
    right.trace.observes &= ~observation::process;
    const bool is_of_bytes = row.repeated.references_kept == 0;
    EXPECT_EQ(right.broken(), is_of_bytes ? Rules{} : row.broken) << row.what << ", bytes unseen";
    EXPECT_EQ(right.with(set(&Repeated::references_kept, std::nullopt)).broken(), Rules{}) << row.what;
  }
}

TEST(JudgeSteps, BytesOfOneHalfSayNothing) {
  const Right right =
      done("c_2d_int", {{StepKind::repeat, 0, FULL_RO, 10}}).with(becomes(times(1000, 0, 0, 4000, 4000)));
  EXPECT_TRUE(right.judges(lifetime_release_memory_restored));
  for (const auto half : {&Repeated::first_half_bytes, &Repeated::second_half_bytes})
    EXPECT_FALSE(right.with(set(half, std::nullopt)).judges(lifetime_release_memory_restored));
}

// In the founding document a reference too few is one that was not restored.
TEST(JudgeSteps, TooFewReferencesAreReportedByTheEdition) {
  const Step release{StepKind::release, 0, 0};
  const Step repeat{StepKind::repeat, 0, FULL_RO, 10};
  for (const std::vector<Step>& steps : {std::vector{first, release}, {repeat}})
    for (const Rule rule : {lifetime_release_references_restored, lifetime_release_obj_kept})
      EXPECT_TRUE(done("c_2d_int", steps).judges(rule)) << rule_id(rule);
  Right right = done("c_2d_int", {first, release, repeat})
                    .with(set(&Released::references_kept, -1))
                    .with(becomes(times(10, 0, -10)));
  EXPECT_EQ(right.broken(), Rules(2, lifetime_release_obj_kept));
  EXPECT_FALSE(right.judges(lifetime_release_references_restored));
  right.scenario.edition = Edition::founding_2010;
  EXPECT_EQ(right.broken(), Rules(2, lifetime_release_references_restored));
}

TEST(JudgeSteps, ThreadsThatWereGrantedNothingOrSeeVolatileMemoryCompareNothing) {
  Right right = done("c_2d_int", {{StepKind::threads, 0, FULL_RO, 10}}).with(set(&Repeated::elements_same, false));
  EXPECT_EQ(right.broken(), Rules{lifetime_export_memory_valid});
  EXPECT_EQ(right.with([](Repeated& r) { r.granted = 0, r.refused = 40; }).broken(), Rules{});
  right.trace.observes &= ~observation::content;
  EXPECT_EQ(right.broken(), Rules{});
}

}  // namespace
}  // namespace bufspec::oracle
