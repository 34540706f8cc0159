// Does the driver write into the trace what an exporter does, good or bad?  The exporter is a fake behind the handle.
#include "suites/engine/exporter/driver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>

#include "judgements.hpp"
#include "suites/engine/run.hpp"

namespace bufspec::engine {
namespace {

constexpr std::size_t size = 6;

// Six bytes, exported as they are; each member below makes it do one thing otherwise.
class FakeExported final : public Exported {
 public:
  std::function<bool(int)> refuses = [](int) { return false; };
  std::function<void(Buffer&)> after_ask = [](Buffer&) {};
  std::function<void(FakeExported&)> on_collect = [](FakeExported&) {};
  std::function<void(FakeExported&)> on_another = [](FakeExported&) {};
  bool is_there = true, is_the_same_for_ever = false;
  bool has_slot = true, has_twin = true, has_way_in = true;
  bool release_drops = true, writes_suboffsets = true, operation_raises = true;

  std::array<char, size> memory{'a', 'b', 'c', 'd', 'e', 'f'};
  std::array<ssize, 1> shape{size};
  std::array<ssize, 1> strides{1};
  Buffer* last = nullptr;  // the struct that was filled in last
  int operations_on_twin = 0;
  int asked = 0;  // so many requests of the object were granted
  ssize len = size;
  ssize growth = 1;  // by what each operation multiplies it
  std::optional<std::string> content_before, content_after;  // what it says of itself, before and after the operation
  bool is_operated = false;

  [[nodiscard]] unsigned observes() const noexcept override { return observation::all & ~observation::process; }
  [[nodiscard]] std::uint32_t runtime() const noexcept override { return 0x030c0000; }
  [[nodiscard]] std::span<const Allocator> allocators() const noexcept override {
    static constexpr std::array all{Allocator{std::malloc, std::free}};
    return all;
  }
  [[nodiscard]] bool make(const Layout* layout) override {
    is_operated = false;
    asked = 0;
    return is_there && layout == nullptr;
  }
  [[nodiscard]] std::optional<std::string> content() override { return is_operated ? content_after : content_before; }
  [[nodiscard]] bool makes_another(bool) override { return !is_the_same_for_ever; }
  [[nodiscard]] bool make_twin() override { return has_twin; }
  [[nodiscard]] std::optional<std::string_view> expected() const noexcept override { return std::nullopt; }

  [[nodiscard]] std::optional<int> ask(Buffer& view, int flags, Route route) override {
    if (route == Route::slot && !has_slot) return std::nullopt;
    if (refuses(flags)) {
      raised_ = Error::buffer_error;
      view.obj = nullptr;
      return -1;
    }
    ssize* const unwritten = view.suboffsets;
    ++asked;
    view = Buffer{};
    if (!writes_suboffsets) view.suboffsets = unwritten;
    view.buf = memory.data();
    view.obj = reinterpret_cast<decltype(view.obj)>(this);
    view.len = len;
    view.itemsize = view.ndim = 1;
    view.format = has(flags, flag::FORMAT) ? format_.data() : nullptr;
    view.shape = has(flags, flag::ND) ? shape.data() : nullptr;
    view.strides = has(flags, flag::STRIDES) ? strides.data() : nullptr;
    ++references_;
    last = &view;
    after_ask(view);
    return 0;
  }
  void release(Buffer& view) override {
    if (view.obj != nullptr && release_drops) --references_;
    view.obj = nullptr;
  }
  [[nodiscard]] Raised exception() override {
    const Raised raised{raised_ != Error::none, raised_, std::string(error_name(raised_))};
    raised_ = Error::none;
    return raised;
  }
  void forget_exception() noexcept override { raised_ = Error::none; }
  [[nodiscard]] std::optional<long> references() const noexcept override { return references_; }
  [[nodiscard]] Owner owner(const void* obj) const noexcept override {
    return obj == static_cast<const void*>(this) ? Owner::exporter : Owner::garbage;
  }
  [[nodiscard]] std::size_t operation_count() const noexcept override { return 1; }
  [[nodiscard]] std::string operation_name(std::size_t) const override { return "grow"; }
  [[nodiscard]] Raised operate(std::size_t, Which which) override {
    if (which == Which::twin) return ++operations_on_twin, Raised{};
    len *= growth;
    is_operated = true;
    return operation_raises ? Raised{true, Error::buffer_error, "BufferError"} : Raised{};
  }
  [[nodiscard]] bool use_another(const Layout*, std::size_t) override { return on_another(*this), true; }
  void drop() override {}
  void collect() override { on_collect(*this); }
  void re_enter(const std::function<void()>& inside) override {
    if (has_way_in) inside();
  }
  void in_thread(const std::function<void()>& work) override {
    const std::lock_guard lock(turn_);
    work();
  }
  void while_others_run(const std::function<void()>& wait) override { wait(); }

 private:
  std::string format_ = "B";
  long references_ = 1;
  Error raised_ = Error::none;
  std::mutex turn_;
};

const Step acquire{StepKind::acquire, 0, flag::FULL_RO};
const Step release{StepKind::release, 0, 0};
const Step read{StepKind::read, 0, 0};
const Step collect{StepKind::collect, 0, 0};
const Step mutate{StepKind::mutate, 0, 0};
const Step another{StepKind::another, 0, 0};

struct DriverTest : testing::Test {
  const Trace& run(std::vector<Step> steps) {
    scenario.steps = std::move(steps);
    return trace = trace_of(driver, scenario);
  }
  [[nodiscard]] const StepRecord& at(std::size_t step) const { return trace.steps.at(step); }
  [[nodiscard]] Rules broken() const { return bufspec::broken(judge(scenario, trace)); }

  FakeExported fake;
  ExporterDriver driver{fake};
  Scenario scenario;
  Trace trace;
};

TEST_F(DriverTest, OfARightExporterTheTraceIsClean) {
  fake.operation_raises = false;
  run({acquire, read, release, {StepKind::acquire_direct, 0, flag::ND}, {StepKind::release_copy, 0, 0}, mutate});
  EXPECT_TRUE(broken().empty()) << describe(broken());
  EXPECT_EQ(trace.richest_word, flag::FULL_RO);
  EXPECT_EQ(at(0).answer->references_gained, 1);
  EXPECT_EQ(at(0).answer->unwritten, 0U);
  EXPECT_EQ(at(1).reread->changed, 0U);
  EXPECT_EQ(at(1).reread->elements, SameElements::same);
  EXPECT_EQ(at(2).released->references_kept, 0);
  EXPECT_TRUE(at(3).answer->granted);
  EXPECT_EQ(at(4).released->references_kept, 0);
}

TEST_F(DriverTest, TheRichestAnswerIsThatToTheFirstWordThatIsGranted) {
  fake.refuses = [](int word) { return word != flag::SIMPLE; };
  run({acquire});
  EXPECT_EQ(trace.richest_word, flag::SIMPLE);
  EXPECT_FALSE(at(0).answer->granted);
  EXPECT_EQ(at(0).answer->error, Error::buffer_error);
}

TEST_F(DriverTest, OfAnotherObjectOnlyTheArraysOfThisOneAreItsAffair) {
  fake.on_another = [](FakeExported& e) { e.shape[0] = 3; };
  run({acquire, another, read, release});
  EXPECT_EQ(broken(), Rules{Rule::lifetime_export_arrays_valid});
  fake.shape[0] = size;
  // Whoever makes the objects may make them of one memory, or keep alive the last one only.
  fake.on_another = [](FakeExported& e) { e.memory[5] = 'z'; };
  run({acquire, another, read, release, acquire, read, release});
  EXPECT_TRUE(broken().empty()) << describe(broken());
}

TEST_F(DriverTest, WhatChangesWhileAViewIsHeldIsNamed) {
  const std::vector<std::pair<unsigned, std::function<void(FakeExported&)>>> changes{
      {field_bit::shape, [](FakeExported& e) { e.shape[0] = 3; }},
      {field_bit::strides, [](FakeExported& e) { e.strides[0] = 2; }},
      {field_bit::len, [](FakeExported& e) { e.last->len = 3; }},
      {field_bit::buf, [](FakeExported& e) { e.last->buf = &e.memory[1]; }},
      {field_bit::format, [](FakeExported& e) { e.last->format[0] = 'b'; }},
      {field_bit::internal, [](FakeExported& e) { e.last->internal = &e; }}};
  for (const auto& [field, change] : changes) {
    FakeExported one;
    one.on_collect = change;
    ExporterDriver other(one);
    scenario.steps = {acquire, collect, read};
    EXPECT_EQ(trace_of(other, scenario).steps[2].reread->changed, field);
  }
  fake.on_collect = [](FakeExported& e) { e.memory[5] = 'z'; };
  run({acquire, collect, read});
  EXPECT_EQ(at(2).reread->changed, 0U);
  EXPECT_EQ(at(2).reread->elements, SameElements::different);
}

TEST_F(DriverTest, FieldsThatAreNotWrittenAndBytesBesideTheStructAreSeen) {
  fake.writes_suboffsets = false;
  fake.after_ask = [](Buffer& view) { reinterpret_cast<volatile char*>(&view)[sizeof view] = 0; };
  run({acquire});
  EXPECT_EQ(at(0).answer->unwritten, field_bit::suboffsets);
  EXPECT_FALSE(at(0).answer->canaries_intact);
}

TEST_F(DriverTest, AReleaseThatDropsNothingKeepsAReferenceEachTime) {
  fake.release_drops = false;
  run({acquire, release, acquire, release, {StepKind::repeat, 0, flag::SIMPLE, 50}});
  EXPECT_EQ(at(1).released->references_kept, 1);
  EXPECT_EQ(at(3).released->references_kept, 2);
  EXPECT_EQ(at(4).repeated->references_kept, 50);
  EXPECT_EQ(at(4).repeated->granted, 50U);
}

TEST_F(DriverTest, AViewWithoutATrueOwnerIsNotReleased) {
  fake.after_ask = [this](Buffer& view) { view.obj = reinterpret_cast<decltype(view.obj)>(&fake.memory); };
  run({acquire, release});
  EXPECT_EQ(at(0).answer->view.obj, Owner::garbage);
  EXPECT_FALSE(at(1).released.has_value());
}

TEST_F(DriverTest, WithoutASlotOrAWayInNothingIsRecorded) {
  fake.has_slot = fake.has_way_in = false;
  run({{StepKind::acquire_direct, 0, flag::ND}, {StepKind::reenter, 0, flag::ND}});
  EXPECT_FALSE(at(0).answer.has_value());
  EXPECT_FALSE(at(1).answer.has_value());
  EXPECT_TRUE(judge(scenario, trace).judged.none());
}

TEST_F(DriverTest, TheTwinIsTriedWhereThereIsOneAndNoViewIsHeld) {
  run({mutate});
  EXPECT_TRUE(at(0).mutated->twin_tried && at(0).mutated->raised);
  EXPECT_EQ(fake.operations_on_twin, 1);
  EXPECT_EQ(broken(), Rules{Rule::lifetime_export_lock_ends});
  run({acquire, mutate});
  EXPECT_EQ(at(1).mutated->views_held, 1);
  EXPECT_FALSE(at(1).mutated->twin_tried);
  fake.has_twin = false;
  run({mutate});
  EXPECT_FALSE(at(0).mutated->twin_tried);
  EXPECT_EQ(fake.operations_on_twin, 1);
}

TEST_F(DriverTest, MoreViewsAreHeldThanThereAreSlotsUntilTheNextSuchStep) {
  const Step hold{StepKind::hold, 0, flag::FULL_RO, 255};
  run({acquire, hold, mutate, {StepKind::hold, 0, flag::FULL_RO, 2}, mutate, {StepKind::hold}, mutate, release, hold});
  EXPECT_EQ(at(2).mutated->views_held, 256);
  EXPECT_EQ(at(4).mutated->views_held, 3);
  EXPECT_EQ(at(6).mutated->views_held, 1);
  EXPECT_EQ(fake.references(), 1) << "the end gives back what is held";
}

TEST_F(DriverTest, AnObjectThatWasDroppedIsNotAskedButItsViewIsRead) {
  run({mutate, acquire});
  EXPECT_TRUE(at(1).answer.has_value()) << "the operation raised";
  run({acquire, {StepKind::drop, 0, 0}, read, {StepKind::acquire, 1, flag::ND}});
  EXPECT_EQ(at(2).reread->elements, SameElements::same);
  EXPECT_FALSE(at(3).answer.has_value());
}

TEST_F(DriverTest, AnObjectThatNobodyAskedIsLookedAtOnceItsFirstRequestsAreOver) {
  const Step drop{StepKind::drop, 0, 0};
  fake.after_ask = [&](Buffer& view) {
    if (fake.asked == 1) view.format = nullptr;
  };
  run({acquire, release});
  EXPECT_EQ(broken(), Rules{}) << "it was asked before";
  run({drop, acquire, release});
  EXPECT_EQ(broken(), Rules{Rule::request_format_present});
  EXPECT_EQ(trace.richest_word, flag::FULL_RO);
  EXPECT_NE(trace.richest->view.format, Pointer::null);
  fake.is_the_same_for_ever = true;
  ExporterDriver other(fake);
  scenario.steps = {drop, acquire, release};
  EXPECT_TRUE(trace_of(other, scenario).steps.empty()) << "there is no other object";
}

TEST_F(DriverTest, AViewAfterAnOperationIsJudgedByItself) {
  fake.operation_raises = false;
  run({mutate, acquire, read, release});
  EXPECT_TRUE(at(1).answer->granted && at(2).reread && at(3).released);
  EXPECT_EQ(broken(), Rules{});
  fake.growth = 2;  // len alone
  run({mutate, acquire, release});
  EXPECT_EQ(broken(), Rules{Rule::field_len_product});
}

TEST_F(DriverTest, AViewAfterAnOperationShowsWhatTheObjectSays) {
  fake.operation_raises = false;
  fake.content_before = "abcdef";
  fake.content_after = "abcdef";
  run({mutate, acquire, release});
  EXPECT_EQ(at(1).answer->declared, SameElements::same);
  fake.content_after = "abcdeX";
  run({mutate, acquire, release});
  EXPECT_EQ(broken(), Rules{Rule::field_strides_elements_right});
  fake.content_after = "abcdefg";
  run({mutate, acquire, release});
  EXPECT_EQ(broken(), Rules{Rule::field_strides_elements_right});
  fake.content_after.reset();  // closed, say
  run({mutate, acquire, release});
  EXPECT_EQ(at(1).answer->declared, SameElements::not_compared);
  // A ring, or what has room to spare, says less than its buffer shows.
  for (const char* part : {"abc", "cdef", "", "defabc", "fa"}) {
    fake.content_after = part;
    run({mutate, acquire, release});
    EXPECT_EQ(at(1).answer->declared, SameElements::not_compared) << part;
  }
  for (const char* other : {"abd", "abcdefa", "abcdeX"}) {
    fake.content_after = other;
    run({mutate, acquire, release});
    EXPECT_EQ(broken(), Rules{Rule::field_strides_elements_right}) << other;
  }
  // What says something else from the start says nothing.
  fake.content_before = "other";
  fake.content_after = "abcdeX";
  run({mutate, acquire, release});
  EXPECT_EQ(at(1).answer->declared, SameElements::not_compared);
}

TEST_F(DriverTest, NothingAsksBetweenOperationsWhileTheObjectIsSmall) {
  fake.operation_raises = false;
  int asked = 0;
  fake.after_ask = [&asked](Buffer&) { ++asked; };
  run({mutate, mutate, mutate, acquire, release});
  EXPECT_EQ(asked, 2) << "what the object is, before the first, and the request";
}

TEST_F(DriverTest, AnObjectThatGrowsWithEachOperationIsChangedNoMoreOnceItIsLarge) {
  fake.operation_raises = false;
  fake.growth = 9;
  run(std::vector<Step>(40, mutate));
  EXPECT_EQ(std::ranges::count_if(trace.steps, [](const StepRecord& one) { return one.mutated.has_value(); }), 6);
  EXPECT_LT(fake.len, 10 << 20);
}

TEST_F(DriverTest, EveryThreadAsks) {
  fake.refuses = [](int word) { return word == flag::WRITABLE; };
  run({{StepKind::threads, 0, flag::ND, 5}, {StepKind::threads, 0, flag::WRITABLE, 5}});
  EXPECT_EQ(at(0).repeated->granted, 5U * thread_count);
  EXPECT_EQ(at(1).repeated->refused, 5U * thread_count);
  EXPECT_EQ(at(0).repeated->references_kept, 0);
  EXPECT_TRUE(at(0).repeated->elements_same);
}

TEST_F(DriverTest, WhatCannotBeRunIsNotBegun) {
  fake.is_the_same_for_ever = true;
  EXPECT_TRUE(run({mutate}).steps.empty()) << "it may not be changed";
  EXPECT_FALSE(driver.is_lost());
  scenario.layout = Layout{};
  EXPECT_TRUE(run({acquire}).steps.empty()) << "it is not built from layouts";
  scenario.layout.reset();
  fake.is_there = false;
  EXPECT_TRUE(run({acquire}).steps.empty());
  EXPECT_TRUE(driver.is_lost());
}

}  // namespace
}  // namespace bufspec::engine
