// Does the judge find what goes wrong while views are held, under operations and over many repeats, and does it keep
// silent where something else explains what it sees?  One right record, spoilt in one way at a time.
#include "right_answer.hpp"

namespace bufspec::oracle {
namespace {

constexpr int all = flag::FULL_RO;
const Step first{StepKind::acquire, 0, all};

// Steps on a named layout, done by the reference; records of what it cannot do are the test's to fill in.
struct Done {
  Scenario scenario;
  Trace trace;

  explicit Done(std::vector<Step> steps, std::string_view layout = "c_2d_int") {
    const LayoutRow* row = tables().layout(layout);
    if (row == nullptr) throw std::runtime_error("no layout of that name");
    scenario.layout = row->layout;
    scenario.steps = std::move(steps);
    trace = engine::trace_on_reference(scenario).value();
  }
  [[nodiscard]] StepRecord& at(std::size_t step) { return trace.steps[step]; }
  [[nodiscard]] Names broken() const { return oracle::broken(judge(scenario, trace)); }
  [[nodiscard]] bool judges(Rule rule) const { return judge(scenario, trace).judged[index_of(rule)]; }
};

Mutated operation(int views_held, Error error = Error::none) {
  Mutated mutated;
  mutated.operation = "append";
  mutated.views_held = views_held;
  mutated.raised = error != Error::none;
  mutated.error = error;
  mutated.exception_name = std::string(error_name(error));
  mutated.twin_tried = views_held == 0;
  return mutated;
}

TEST(JudgeHeldOracle, AHeldViewStaysAsItWas) {
  const auto spoilt = [](const std::function<void(Reread&)>& spoil) {
    Done done({first, {StepKind::read, 0, 0}});
    EXPECT_EQ(done.broken(), Names{});
    spoil(*done.at(1).reread);
    return done.broken();
  };
  const Names arrays{"lifetime.export.arrays_valid"};
  const Names memory{"lifetime.export.memory_valid"};
  for (unsigned field = field_bit::buf; field <= field_bit::internal; field <<= 1) {
    EXPECT_EQ(spoilt([&](Reread& r) { r.changed = field; }), arrays) << field;
    EXPECT_EQ(spoilt([&](Reread& r) { r.unreadable = field; }), arrays) << field;
  }
  EXPECT_EQ(spoilt([](Reread& r) { r.memory_readable = false; }), memory);
  EXPECT_EQ(spoilt([](Reread& r) { r.memory_reused = true; }), memory);
  EXPECT_EQ(spoilt([](Reread& r) { r.elements = SameElements::different; }), Names{"lifetime.export.memory_unchanged"});
  EXPECT_EQ(spoilt([](Reread& r) { r.elements = SameElements::not_compared; }), Names{});
  // What lies in memory that is no longer the view's is not told twice.
  EXPECT_EQ(spoilt([](Reread& r) { r.memory_reused = true, r.elements = SameElements::different; }), memory);
}

TEST(JudgeHeldOracle, FieldsAreNamed) {
  const auto found = [](unsigned changed, unsigned unreadable) {
    Done done({first, {StepKind::read, 0, 0}});
    done.at(1).reread->changed = changed;
    done.at(1).reread->unreadable = unreadable;
    return judge(done.scenario, done.trace).violations.at(0).found;
  };
  EXPECT_EQ(found(field_bit::len, 0), "len changed");
  EXPECT_EQ(found(field_bit::shape | field_bit::internal, 0), "shape, internal changed");
  EXPECT_EQ(found(0, field_bit::format), "format can no longer be read");
  EXPECT_EQ(found(field_bit::buf | field_bit::strides, field_bit::strides | field_bit::suboffsets),
            "buf changed; strides, suboffsets can no longer be read");
  EXPECT_EQ(found(field_bit::obj | field_bit::itemsize | field_bit::readonly | field_bit::ndim, 0),
            "obj, itemsize, readonly, ndim changed");
}

// Only what the scenario did itself explains other elements.
TEST(JudgeHeldOracle, OurOwnChangesExplainOtherElements) {
  const auto judged_after = [](const Step& between, const std::function<void(StepRecord&)>& fill) {
    Done done({first, between, {StepKind::read, 0, 0}});
    fill(done.at(1));
    done.at(2).reread->elements = SameElements::different;
    return done.broken();
  };
  const Names unchanged{"lifetime.export.memory_unchanged"};
  const auto as_it_is = [](StepRecord&) {};
  EXPECT_EQ(judged_after({StepKind::mutate, 0, 0}, [](StepRecord& r) { r.mutated = operation(1); }), Names{});
  EXPECT_EQ(
      judged_after({StepKind::mutate, 0, 0}, [](StepRecord& r) { r.mutated = operation(1, Error::buffer_error); }),
      unchanged);
  EXPECT_EQ(judged_after({StepKind::mutate, 0, 0}, [](StepRecord& r) { r.mutated = operation(1, Error::value_error); }),
            Names{});
  EXPECT_EQ(judged_after({StepKind::write, 0, 0}, as_it_is), Names{});
  EXPECT_EQ(judged_after({StepKind::write, 0, 0}, [](StepRecord& r) { r.written->tried = false; }), unchanged);
  for (const StepKind kind : {StepKind::collect, StepKind::repeat, StepKind::reenter, StepKind::mutate})
    EXPECT_EQ(judged_after({kind, 0, all, 3}, as_it_is), unchanged);
  // A view that was acquired afterwards shows them from the start.
  Done done({first, {StepKind::write, 0, 0}, {StepKind::acquire, 1, all}, {StepKind::read, 1, 0}});
  done.at(3).reread->elements = SameElements::different;
  EXPECT_EQ(done.broken(), unchanged);
}

TEST(JudgeHeldOracle, WritableMemoryIsWritten) {
  const auto spoilt = [](const std::function<void(Done&, Written&)>& spoil) {
    Done done({first, {StepKind::acquire, 1, all}, {StepKind::write, 0, 0}});
    EXPECT_EQ(done.broken(), Names{});
    spoil(done, *done.at(2).written);
    return done.broken();
  };
  const Names truthful{"field.readonly.truthful"};
  EXPECT_EQ(spoilt([](Done&, Written& w) { w.possible = false; }), truthful);
  EXPECT_EQ(spoilt([](Done&, Written& w) { w.read_back = false; }), truthful);
  EXPECT_EQ(spoilt([](Done&, Written& w) { w.tried = w.possible = w.read_back = false; }), Names{});
  // Of memory that others write too, what is read again says nothing.
  EXPECT_EQ(spoilt([](Done& d, Written& w) {
              d.trace.observes &= ~observation::content;
              w.read_back = false;
            }),
            Names{});
  EXPECT_EQ(spoilt([](Done& d, Written& w) {
              d.trace.observes &= ~observation::content;
              w.possible = false;
            }),
            truthful);
  for (const auto& [elsewhere, reading] :
       {std::pair{SameElements::same, "one_memory"}, {SameElements::different, "block_for_each_view"}}) {
    Done done({first, {StepKind::acquire, 1, all}, {StepKind::write, 0, 0}});
    done.at(2).written->elsewhere = elsewhere;
    EXPECT_TRUE(reads(judge(done.scenario, done.trace), Rule::field_buf_one_memory, reading));
    done.at(2).written->read_back = false;
    EXPECT_FALSE(reads(judge(done.scenario, done.trace), Rule::field_buf_one_memory, reading));
  }
  Done alone({first, {StepKind::write, 0, 0}});
  EXPECT_FALSE(alone.judges(Rule::field_buf_one_memory));
}

// What was written and not taken back, elements that others change: neither is compared with what was before.
TEST(JudgeHeldOracle, ElementsThatAreNotOursToKnowAreNotCompared) {
  const auto spoilt = [](bool restored, bool content) {
    Done done({first, {StepKind::write, 0, 0}, {StepKind::release, 0, 0}, first});
    done.at(1).written->restored = restored;
    if (!content) done.trace.observes &= ~observation::content;
    done.at(3).answer->declared = done.at(3).answer->elements = SameElements::different;
    done.at(3).answer->view.buf_offset = 4;
    return done.broken();
  };
  EXPECT_EQ(spoilt(true, true), (Names{"field.buf.same_memory", "field.buf.logical_start"}));
  EXPECT_EQ(spoilt(false, true), Names{});
  EXPECT_EQ(spoilt(true, false), Names{});
}

TEST(JudgeHeldOracle, ACopyIsReleasedAsTheOriginal) {
  const auto spoilt = [](const std::function<void(Released&)>& spoil) {
    Done done({first, {StepKind::release_copy, 0, 0}});
    EXPECT_EQ(done.broken(), Names{});
    EXPECT_TRUE(done.judges(Rule::lifetime_release_through_copy));
    spoil(*done.at(1).released);
    return done.broken();
  };
  const Names through_copy{"lifetime.release.through_copy"};
  EXPECT_EQ(spoilt([](Released& r) { r.references_kept = 1; }), through_copy);
  EXPECT_EQ(spoilt([](Released& r) { r.references_kept = -1; }), through_copy);
  EXPECT_EQ(spoilt([](Released& r) { r.references_kept.reset(); }), Names{});
  EXPECT_EQ(spoilt([](Released& r) { r.exception_set = true; }), Names{"error.exception.none_on_success"});
  EXPECT_EQ(spoilt([](Released& r) { r.canaries_intact = false; }), Names{"lifetime.struct.inside_only"});
}

TEST(JudgeHeldOracle, AnOperationThatFailsForEverIsSeenBesideATwin) {
  const auto mutated = [](const Mutated& what, std::vector<Step> steps = {{StepKind::mutate, 0, 0}}) {
    Done done(std::move(steps));
    done.trace.steps.back().mutated = what;
    return done;
  };
  const Rule rule = Rule::lifetime_export_lock_ends;
  EXPECT_EQ(mutated(operation(0, Error::buffer_error)).broken(), Names{"lifetime.export.lock_ends"});
  EXPECT_EQ(mutated(operation(0, Error::type_error)).broken(), Names{"lifetime.export.lock_ends"});
  EXPECT_TRUE(mutated(operation(0)).judges(rule));
  Mutated both = operation(0, Error::buffer_error);
  both.twin_raised = true;
  EXPECT_EQ(mutated(both).broken(), Names{});
  Mutated twin = operation(0);
  twin.twin_raised = true;
  EXPECT_EQ(mutated(twin).broken(), Names{});
  Mutated untried = operation(0, Error::buffer_error);
  untried.twin_tried = false;
  EXPECT_FALSE(mutated(untried).judges(rule));
  // While a view is held a refusal is what is asked for.
  Mutated held = operation(1, Error::buffer_error);
  held.twin_tried = true;
  EXPECT_EQ(mutated(held).broken(), Names{});
  EXPECT_FALSE(mutated(held).judges(rule));
  EXPECT_TRUE(mutated(held).judges(Rule::lifetime_export_memory_valid));
  // After another operation the object is no longer what its twin is.
  Mutated failing = operation(0, Error::value_error);
  failing.twin_raised = true;
  for (const auto& [before, is_judged] :
       {std::pair{operation(0), false}, {failing, false}, {operation(1, Error::buffer_error), true}}) {
    Done done({{StepKind::mutate, 0, 1}, {StepKind::mutate, 0, 0}});
    done.at(0).mutated = before;
    done.at(1).mutated = operation(0, Error::buffer_error);
    EXPECT_EQ(judge(done.scenario, done.trace).violations.size(), is_judged ? 1U : 0U);
  }
}

// An operation may leave another memory behind.
TEST(JudgeHeldOracle, WhatWasKnownOfAMemoryEndsWithAnOperation) {
  const auto asked_after = [](Error error) {
    Done done({{StepKind::mutate, 0, 0}, {StepKind::acquire, 0, flag::ND}});
    done.at(0).mutated = operation(0, error);
    done.at(0).mutated->twin_raised = true;
    done.at(1).answer->view.shape_values[0] = 7;
    done.at(1).answer->view.len = 84;
    done.at(1).answer->status = 1;
    return done.broken();
  };
  const Names status{"error.status.zero_or_minus_one"};
  EXPECT_EQ(asked_after(Error::none), status);
  EXPECT_EQ(asked_after(Error::value_error), status);
  EXPECT_EQ(asked_after(Error::buffer_error), (Names{"error.status.zero_or_minus_one", "field.shape.same_for_all"}));
  Done closed({{StepKind::acquire, 0, flag::SIMPLE},
               {StepKind::release, 0, 0},
               {StepKind::mutate, 0, 0},
               {StepKind::acquire, 0, 0x002}});
  closed.at(2).mutated = operation(0);
  Answer& answer = *closed.at(3).answer;
  answer = {};
  answer.status = -1;
  answer.exception_set = true;
  answer.error = Error::value_error;
  EXPECT_EQ(closed.broken(), Names{});
}

// One consumer at a time is a way to share, too.
TEST(JudgeHeldOracle, ARefusalWhileViewsAreHeldMayHaveThatReason) {
  const auto refused = [](std::vector<Step> steps) {
    Done done(std::move(steps));
    Answer& answer = *done.trace.steps.back().answer;
    answer = {};
    answer.status = -1;
    answer.exception_set = true;
    answer.error = Error::buffer_error;
    return done.broken();
  };
  const Step again{StepKind::acquire, 1, all};
  const Names needless{"request.refusal.needless"};
  EXPECT_EQ(refused({again}), needless);
  EXPECT_EQ(refused({first, again}), Names{});
  EXPECT_EQ(refused({first, {StepKind::reenter, 0, all}}), Names{});
  EXPECT_EQ(refused({{StepKind::reenter, 0, all}}), Names{});
  EXPECT_EQ(refused({first, {StepKind::release, 0, 0}, again}), needless);
  EXPECT_EQ(refused({first, {StepKind::release_copy, 0, 0}, again}), needless);
  // The view in the slot is given back first.
  EXPECT_EQ(refused({first, first}), needless);
  EXPECT_EQ(refused({{StepKind::acquire, 0, flag::SIMPLE}, {StepKind::acquire, 1, 0x002}}), Names{});
  // A refusal for that reason is no answer that another word has to share.
  Done done({first, {StepKind::acquire, 1, flag::SIMPLE}, {StepKind::release, 0, 0}, {StepKind::acquire, 2, 0x002}});
  Answer& answer = *done.at(1).answer;
  answer = {};
  answer.status = -1;
  answer.exception_set = true;
  answer.error = Error::buffer_error;
  EXPECT_EQ(done.broken(), Names{});
}

TEST(JudgeHeldOracle, TheSlotIsAskedAsTheFunctionIs) {
  for (const int word : {flag::READ, flag::WRITE}) {
    Done direct({{StepKind::acquire_direct, 0, word}});
    EXPECT_TRUE(direct.at(0).answer->granted);
    EXPECT_EQ(direct.broken(), Names{});
    EXPECT_FALSE(direct.judges(Rule::request_reserved_read_or_write_alone));
    EXPECT_TRUE(direct.judges(Rule::field_len_product));
    Answer& answer = *direct.at(0).answer;
    answer.view.len = 5;
    EXPECT_EQ(direct.broken(), Names{"field.len.product"});
    answer = {};
    answer.status = -1;
    answer.exception_set = true;
    answer.error = Error::system_error;
    EXPECT_EQ(direct.broken(), Names{});
    answer.status = 0;
    EXPECT_EQ(direct.broken(), Names{"error.status.zero_or_minus_one"});
  }
  Done refused({{StepKind::acquire_direct, 0, flag::ND}});
  Answer& answer = *refused.at(0).answer;
  answer = {};
  answer.status = -1;
  answer.exception_set = true;
  answer.error = Error::system_error;
  EXPECT_EQ(refused.broken(), Names{"request.refusal.needless"});
  // The function asks the slot: one answer for both.
  Done both({{StepKind::acquire, 0, flag::SIMPLE}, {StepKind::release, 0, 0}, {StepKind::acquire_direct, 0, 0x002}});
  EXPECT_TRUE(both.judges(Rule::request_unassigned_bits_ignored));
  both.at(2).answer->view.ndim = 2;
  EXPECT_EQ(both.broken(), Names{"request.unassigned_bits.ignored"});
}

// Readonly is what the exporter chooses where WRITABLE is not asked for, but the same for all.
TEST(JudgeHeldOracle, ReadonlyOfWritableMemoryIsAChoice) {
  Done done(
      {{StepKind::acquire, 0, flag::SIMPLE}, {StepKind::acquire, 1, flag::WRITABLE}, {StepKind::acquire, 2, all}});
  done.at(0).answer->view.readonly = done.at(2).answer->view.readonly = 1;
  done.trace.richest.reset();
  EXPECT_EQ(done.broken(), Names{});
  done.at(2).answer->view.readonly = 0;
  EXPECT_EQ(done.broken(), Names{"field.readonly.same_for_all"});
  Done readonly({{StepKind::acquire, 0, flag::SIMPLE}}, "c_2d_int_readonly");
  readonly.trace.richest.reset();
  EXPECT_EQ(readonly.broken(), Names{});
  readonly.at(0).answer->view.readonly = 0;
  EXPECT_EQ(readonly.broken(), Names{"field.readonly.same_for_all"});
}

struct Endured {
  const char* what;
  StepKind kind;
  Repeated repeated;
  Names broken;
};

Repeated times(std::uint64_t granted, std::uint64_t refused, long references, std::int64_t first_half = 0,
               std::int64_t second_half = 0) {
  Repeated repeated;
  repeated.granted = granted;
  repeated.refused = refused;
  repeated.references_kept = references;
  repeated.first_half_bytes = first_half;
  repeated.second_half_bytes = second_half;
  return repeated;
}

TEST(JudgeHeldOracle, WhatStaysBehindIsCountedByThePair) {
  const Names references{"lifetime.release.references_restored"};
  const Names memory{"lifetime.release.memory_restored"};
  const Names refusal{"error.refusal.nothing_kept"};
  const StepKind repeat = StepKind::repeat;
  const std::vector<Endured> list{
      {"nothing", repeat, times(100000, 0, 0), {}},
      {"one in a cache", repeat, times(100000, 0, 1), {}},
      {"fewer than one in a hundred", repeat, times(100000, 0, 999), {}},
      {"one in a hundred", repeat, times(100000, 0, 1000), references},
      {"one of a few", repeat, times(5, 0, 1), references},
      {"one each", repeat, times(100000, 0, 100000), references},
      {"one fewer each", repeat, times(100000, 0, -100000), {"lifetime.release.obj_kept"}},
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
      {"one in a hundred fewer", repeat, times(100000, 0, -1000), {"lifetime.release.obj_kept"}},
      {"one a thread", StepKind::threads, times(100000, 0, thread_count), {}},
      {"more than one a thread", StepKind::threads, times(100000, 0, thread_count + 1), references},
      {"lost between threads", StepKind::threads, times(100000, 0, -thread_count - 1), {"lifetime.release.obj_kept"}},
  };
  for (const Endured& one : list) {
    Done done({{one.kind, 0, all, 10}});
    done.at(0).repeated = one.repeated;
    EXPECT_EQ(done.broken(), one.broken) << one.what;
    done.trace.observes &= ~observation::process;
    const bool is_of_bytes = one.repeated.references_kept == 0;
    EXPECT_EQ(done.broken(), is_of_bytes ? Names{} : one.broken) << one.what << ", bytes unseen";
    done.at(0).repeated->references_kept.reset();
    EXPECT_EQ(done.broken(), Names{}) << one.what << ", nothing seen";
  }
}

TEST(JudgeHeldOracle, BytesOfOneHalfSayNothing) {
  for (auto half : {&Repeated::first_half_bytes, &Repeated::second_half_bytes}) {
    Done done({{StepKind::repeat, 0, all, 10}});
    done.at(0).repeated = times(1000, 0, 0, 4000, 4000);
    EXPECT_TRUE(done.judges(Rule::lifetime_release_memory_restored));
    ((*done.at(0).repeated).*half).reset();
    EXPECT_FALSE(done.judges(Rule::lifetime_release_memory_restored));
  }
}

// In the founding document a reference too few is one that was not restored.
TEST(JudgeHeldOracle, TooFewReferencesAreToldByTheEdition) {
  for (const std::vector<Step>& right :
       {std::vector<Step>{first, {StepKind::release, 0, 0}}, std::vector<Step>{{StepKind::repeat, 0, all, 10}}}) {
    EXPECT_TRUE(Done(right).judges(Rule::lifetime_release_references_restored));
    EXPECT_TRUE(Done(right).judges(Rule::lifetime_release_obj_kept));
  }
  Done done({first, {StepKind::release, 0, 0}, {StepKind::repeat, 0, all, 10}});
  done.at(1).released->references_kept = -1;
  done.at(2).repeated = times(10, 0, -10);
  EXPECT_EQ(done.broken(), Names(2, "lifetime.release.obj_kept"));
  EXPECT_FALSE(done.judges(Rule::lifetime_release_references_restored));
  done.scenario.edition = Edition::founding_2010;
  EXPECT_EQ(done.broken(), Names(2, "lifetime.release.references_restored"));
}

TEST(JudgeHeldOracle, ThreadsSeeTheSameElements) {
  Done done({{StepKind::threads, 0, all, 10}});
  Repeated repeated = times(40, 0, 0);
  repeated.elements_same = false;
  done.at(0).repeated = repeated;
  EXPECT_EQ(done.broken(), Names{"lifetime.export.memory_valid"});
  done.trace.observes &= ~observation::content;
  EXPECT_EQ(done.broken(), Names{});
  done.trace.observes |= observation::content;
  done.at(0).repeated->granted = 0;
  done.at(0).repeated->refused = 40;
  EXPECT_EQ(done.broken(), Names{});
  done.scenario.steps[0].kind = StepKind::repeat;
  done.at(0).repeated = repeated;
  EXPECT_EQ(done.broken(), Names{});
}

}  // namespace
}  // namespace bufspec::oracle
