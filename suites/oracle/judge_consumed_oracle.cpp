// Does the judge find each thing that a consumer does wrong, under its rule and no other, whatever the memory?
#include <set>

#include "bufspec/misreadings.hpp"
#include "consumer_habits.hpp"
#include "right_answer.hpp"

namespace bufspec::oracle {
namespace {

// A consumer with a habit, on a named layout, whose records can be spoilt.
struct Consumer {
  Scenario scenario;
  Trace trace;

  explicit Consumer(const Layout& layout, std::size_t habit = 0, std::uint32_t behaviours = 0) {
    scenario.target = Target::consumer;
    scenario.layout = layout;
    scenario.behaviours = behaviours;
    scenario.steps = {
        {StepKind::consume, 0, 0}, {StepKind::read, 0, 0}, {StepKind::release, 0, 0}, {StepKind::collect, 0, 0}};
    trace = trace_of_consumer(scenario, consumer_habits().at(habit)).value();
  }
  [[nodiscard]] Consumed& at(std::size_t step) { return *trace.steps[step].consumed; }
  [[nodiscard]] Names broken_by(const std::function<void(Consumer&)>& spoil) const {
    Consumer changed = *this;
    spoil(changed);
    return broken(judge(changed.scenario, changed.trace));
  }
  [[nodiscard]] Names everywhere(const std::function<void(Consumed&)>& spoil) const {
    return broken_by([&](Consumer& changed) {
      for (std::size_t step = 0; step < changed.trace.steps.size(); ++step) spoil(changed.at(step));
    });
  }
  [[nodiscard]] Names first(const std::function<void(Consumed&)>& spoil) const {
    return broken_by([&](Consumer& changed) { spoil(changed.at(0)); });
  }
};

const Layout& named(std::string_view name) {
  const LayoutRow* row = tables().layout(name);
  if (row == nullptr) throw std::runtime_error("no layout of that name");
  return row->layout;
}

constexpr std::size_t holding = 1;  // of consumer_habits()

TEST(JudgeConsumedOracle, ReleasesAreCounted) {
  for (const LayoutRow& row : tables().layouts) {
    const Consumer right(row.layout);
    EXPECT_EQ(broken(judge(right.scenario, right.trace)), Names{}) << row.name;
    EXPECT_EQ(right.everywhere([](Consumed& c) {
      c.requests[0].releases = 0;
      if (c.references_kept) c.references_kept = 1;
    }),
              Names{"consumer.release.exactly_once"});
    EXPECT_EQ(right.everywhere([](Consumed& c) {
      c.requests[0].releases = 2;
      if (c.references_kept) c.references_kept = -1;
    }),
              Names{"consumer.release.exactly_once"});
    EXPECT_EQ(right.everywhere([](Consumed& c) { c.requests.push_back({0, false, 1, 0}); }),
              Names{"consumer.release.never_granted"});
    EXPECT_EQ(right.everywhere([](Consumed& c) { c.requests.push_back({0, false, 0, 0}); }), Names{});
    EXPECT_EQ(right.everywhere([](Consumed& c) { c.stray_releases = 2; }), Names{"consumer.release.never_granted"});
    EXPECT_EQ(right.broken_by([](Consumer& c) { c.at(3).references_kept = 2; }),
              Names{"consumer.release.nothing_kept"});
    EXPECT_EQ(right.broken_by([](Consumer& c) { c.at(2).references_kept = 2; }), Names{}) << "garbage may hold it";
  }
}

TEST(JudgeConsumedOracle, AViewIsHeldAsLongAsTheResultIsUsed) {
  for (const LayoutRow& row : tables().layouts) {
    const Consumer right(row.layout, holding);
    const std::string elements = elements_of(row.layout).value();
    const std::string gone(elements.size(), static_cast<char>(released_byte));
    if (elements.empty()) continue;
    EXPECT_EQ(right.broken_by([&](Consumer& c) { show_bytes(c.at(1), row.layout, gone); }),
              Names{"consumer.hold.while_used"})
        << row.name;
    EXPECT_EQ(right.first([&](Consumed& c) { show_bytes(c, row.layout, gone); }), Names{"consumer.hold.while_used"});
    EXPECT_EQ(right.broken_by([](Consumer& c) { c.at(1).requests[0].releases = 1; }), Names{})
        << "a copy needs no view";
    // Given up, it may be released; looked at again, it may not.
    EXPECT_EQ(right.broken_by([](Consumer& c) { c.at(0).results_held = 0; }), Names{});
  }
}

TEST(JudgeConsumedOracle, AWrongResultIsToldOnce) {
  for (const LayoutRow& row : tables().layouts) {
    const Consumer right(row.layout);
    const std::string elements = elements_of(row.layout).value();
    const bool has_many = (capabilities_needed(row.layout) & capability::dimensions_64) != 0;
    const char* const general = elements.empty() ? "consumer.data.empty"
                                : has_many       ? "consumer.dimensions.up_to_64"
                                                 : "consumer.data.elements_right";
    const auto both = [&](const std::string& bytes) {
      return right.broken_by([&](Consumer& c) {
        show_bytes(c.at(0), row.layout, bytes);
        show_bytes(c.at(1), row.layout, bytes);
      });
    };
    EXPECT_EQ(both(elements + "x"), Names{general}) << row.name;
    EXPECT_EQ(right.first([](Consumed& c) { c.result = Compared::not_compared; }), Names{});
    if (elements.empty()) continue;
    std::string changed = elements;
    changed.back() = static_cast<char>(~changed.back());
    EXPECT_EQ(both(changed), Names{general});
    for (const auto& [way, bytes] : misreadings_of(row.layout)) {
      const Names told = both(bytes);  // of memory that was let go, both steps tell, by the same rule
      EXPECT_EQ(std::set<Names::value_type>(told.begin(), told.end()).size(), 1U)
          << row.name << ' ' << misreading_name(way);
    }
  }
}

TEST(JudgeConsumedOracle, AWrongResultIsToldByHowItWasRead) {
  constexpr std::size_t of_bytes = 2, of_shape = 3;
  const auto told = [](std::string_view name, Misreading way, std::size_t habit = 0) {
    const Layout& layout = named(name);
    const Consumer right(layout, habit);
    for (const auto& [known, bytes] : misreadings_of(layout, 0x10000))
      if (known == way) return right.first([&, &shown = bytes](Consumed& c) { show_bytes(c, layout, shown, 0x10000); });
    return Names{"no such way"};
  };
  EXPECT_EQ(told("strided_1d", Misreading::linear), Names{"consumer.data.linear_if_contiguous"});
  EXPECT_EQ(told("pil_2d_rows", Misreading::without_suboffsets), Names{"consumer.data.suboffsets_followed"});
  EXPECT_EQ(told("reversed_1d", Misreading::absolute_strides), Names{"consumer.data.any_stride"});
  EXPECT_EQ(told("c_2d_int", Misreading::fortran_order), Names{"consumer.data.elements_right"});
  EXPECT_EQ(told("c_2d_int", Misreading::fortran_order, of_shape), Names{"consumer.data.missing_strides"});
  EXPECT_EQ(told("c_1d_int", Misreading::of_itemsize), Names{"consumer.data.elements_right"});
  EXPECT_EQ(told("c_1d_int", Misreading::of_itemsize, of_bytes), Names{"consumer.data.simple_is_bytes"});
  EXPECT_EQ(told("big_endian_1d", Misreading::byte_swapped), Names{"consumer.data.byte_order"});
  EXPECT_EQ(told("empty_1d_reversed", Misreading::empty), Names{"consumer.data.empty"});
  EXPECT_EQ(told("sub_block_one_row", Misreading::extent_one), Names{"consumer.data.extent_one_stride"});
  EXPECT_EQ(told("unaligned_1d", Misreading::aligned), Names{"consumer.data.unaligned"});
  EXPECT_EQ(told("c_1d_int", Misreading::released), Names{"consumer.hold.while_used"});
}

TEST(JudgeConsumedOracle, TheFirstWrongByteAndTheWayAreSaid) {
  const Layout& layout = named("c_1d_int");
  Consumer wrong(layout);
  std::string bytes = elements_of(layout).value();
  const auto found = [&] {
    show_bytes(wrong.at(0), layout, bytes);
    return judge(wrong.scenario, wrong.trace).violations.at(0).found;
  };
  bytes[8] = 7;
  bytes[12] = 9;
  EXPECT_EQ(found(), "byte 8 is 7, expected 2");
  bytes.pop_back();
  EXPECT_EQ(found(), "23 bytes");
  bytes.assign(24, static_cast<char>(released_byte));
  EXPECT_EQ(found(), "byte 0 is 219, expected 0, as if the memory was read after its release");
}

TEST(JudgeConsumedOracle, WritesNeedAGrantForThem) {
  const Consumer reader(named("strided_1d"));
  EXPECT_EQ(reader.first([](Consumed& c) { c.elements_changed = true; }), Names{"consumer.write.only_if_asked"});
  EXPECT_EQ(reader.first([](Consumed& c) { c.gaps_changed = true; }), Names{"consumer.write.inside_elements"});
  EXPECT_EQ(reader.everywhere([](Consumed& c) { c.elements_changed = true; }), Names{"consumer.write.only_if_asked"})
      << "told once";
  Consumer of_readonly(named("strided_1d_readonly"));
  of_readonly.trace.consumer = ConsumerKind::fills;
  EXPECT_EQ(of_readonly.first([](Consumed& c) { c.elements_changed = true; }), Names{"consumer.write.only_if_asked"})
      << "readonly said so";
  constexpr std::size_t writing_keeper = 7, filler = 9;
  const Consumer keeper(named("strided_1d"), writing_keeper);
  EXPECT_EQ(keeper.first([](Consumed& c) { c.elements_changed = true; }), Names{});
  const Consumer fills(named("strided_1d"), filler);
  EXPECT_EQ(fills.first([](Consumed& c) { c.gaps_changed = true; }), Names{"consumer.write.inside_elements"});
  EXPECT_EQ(fills.first([](Consumed& c) { c.filled = Compared::wrong; }), Names{"consumer.fill.elements_right"});
  EXPECT_EQ(fills.broken_by([](Consumer& c) { c.trace.consumer = ConsumerKind::reads; }),
            Names{"consumer.request.no_needless_write"});
}

TEST(JudgeConsumedOracle, StructsAreLeftAsTheyWere) {
  const Consumer right(named("pil_2d_rows"));
  for (const unsigned field : {field_bit::format, field_bit::shape, field_bit::strides, field_bit::suboffsets})
    EXPECT_EQ(right.everywhere([&](Consumed& c) { c.requests[0].changed = field; }),
              Names{"consumer.struct.arrays_unchanged"});
  EXPECT_EQ(right.everywhere([](Consumed& c) { c.requests[0].changed = field_bit::internal; }),
            Names{"consumer.struct.internal_unchanged"});
}

TEST(JudgeConsumedOracle, RefusalsDoNotBecomeData) {
  constexpr std::size_t with_fallback = 8;
  const std::uint32_t refusing = behaviour::refuses_all;
  const Consumer refused(named("c_2d_int"), 0, refusing);
  EXPECT_EQ(refused.first([](Consumed& c) { c.raised = false; }), Names{"consumer.error.refusal_told"});
  EXPECT_EQ(refused.first([](Consumed& c) { c.result_and_exception_disagree = true; }),
            Names{"consumer.error.exception_set"});
  const Consumer fallen_back(named("c_2d_int"), with_fallback, refusing);
  EXPECT_FALSE(fallen_back.trace.steps[0].consumed->raised);
  EXPECT_EQ(broken(judge(fallen_back.scenario, fallen_back.trace)), Names{});
}

TEST(JudgeConsumedOracle, WhatIsDeclaredIsAccepted) {
  for (const LayoutRow& row : tables().layouts) {
    const auto refused = [&](unsigned accepts) {
      Consumer refuses(row.layout);
      refuses.trace.accepts = accepts;
      refuses.at(0).raised = true;
      refuses.at(0).exception_name = "ValueError";
      refuses.at(0).result = refuses.at(1).result = Compared::not_compared;
      return broken(judge(refuses.scenario, refuses.trace));
    };
    const unsigned needed = capabilities_needed(row.layout);
    const bool has_many = (needed & capability::dimensions_64) != 0;
    const Names broken_rule{has_many ? "consumer.dimensions.up_to_64" : "consumer.capability.accepted"};
    EXPECT_EQ(refused(needed), broken_rule) << row.name;
    EXPECT_EQ(refused(capability::all), broken_rule) << row.name;
    EXPECT_EQ(refused(0), Names{}) << row.name;
    for (unsigned bits = needed; bits != 0; bits &= bits - 1)
      EXPECT_EQ(refused(capability::all & ~(bits & (0U - bits))), Names{}) << row.name;
  }
}

TEST(JudgeConsumedOracle, OfALieOnlyHardeningIsSaid) {
  const auto reading = [](std::uint32_t lie, const char* rule, const std::function<void(Consumed&)>& spoil) {
    Consumer told(named("c_2d_int"), 0, lie);
    spoil(told.at(0));
    const Judgement judgement = judge(told.scenario, told.trace);
    EXPECT_EQ(judgement.judged.count(), 1U);
    std::string name;
    for (std::size_t number = 0; number < readings.size(); ++number)
      if ((judgement.readings >> number & 1) != 0 && rule_id(readings[number].rule) == rule)
        name = readings[number].name;
    return name;
  };
  const auto as_it_is = [](Consumed&) {};
  const auto raises = [](Consumed& c) { c.raised = true; };
  const auto reads_wrongly = [](Consumed& c) { c.result = Compared::wrong; };
  EXPECT_EQ(reading(behaviour::lie_len, "consumer.hardening.len_or_shape", as_it_is), "trusts_shape");
  EXPECT_EQ(reading(behaviour::lie_len, "consumer.hardening.len_or_shape", reads_wrongly), "trusts_len");
  EXPECT_EQ(reading(behaviour::lie_len, "consumer.hardening.len_or_shape", raises), "refuses");
  EXPECT_EQ(reading(behaviour::lie_format, "consumer.hardening.bad_format", as_it_is), "ignores");
  EXPECT_EQ(reading(behaviour::lie_format, "consumer.hardening.bad_format", raises), "refuses");
  const Consumer indirect(named("c_2d_int"), 0, behaviour::lie_suboffsets);
  EXPECT_EQ(indirect.first(reads_wrongly), Names{"consumer.hardening.negative_suboffsets"});
  EXPECT_EQ(indirect.first(raises), Names{});
  const Consumer refused(named("c_2d_int"), 0, behaviour::lie_obj | behaviour::refuses_all);
  EXPECT_EQ(refused.everywhere([](Consumed& c) { c.stray_releases = 1; }), Names{"consumer.hardening.failed_obj"});
  constexpr std::size_t filler = 9;
  const Consumer fills(named("c_2d_int"), filler, behaviour::lie_readonly);
  EXPECT_EQ(fills.first([](Consumed& c) { c.elements_changed = true; }), Names{"consumer.hardening.readonly_answer"});
  // Who did not ask for the field that lies was told no lie.
  constexpr std::size_t of_bytes = 2;
  for (const std::uint32_t lie :
       {behaviour::lie_len, behaviour::lie_format, behaviour::lie_readonly, behaviour::lie_suboffsets}) {
    const Consumer bytes(named("c_2d_int"), of_bytes, lie);
    EXPECT_TRUE(judge(bytes.scenario, bytes.trace).judged.none()) << behaviour_name(lie);
  }
}

}  // namespace
}  // namespace bufspec::oracle
