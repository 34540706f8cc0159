// Does the judge find each thing that a consumer does wrong, once, whatever the memory, and keep silent where nothing can be
// said?  One thing spoilt is one row of claims_consumers.cpp; here is what goes through all layouts, words and ways.
#include <algorithm>
#include <set>

#include "bufspec/misreadings.hpp"
#include "right_trace.hpp"

namespace bufspec::oracle {
namespace {

using enum Rule;
using namespace flag;

auto shows(const Layout& layout, const std::string& bytes) {
  return [=](Consumed& c) { show_bytes(c, layout, bytes); };
}

bool has_many_dimensions(const Layout& layout) {
  return (capabilities_needed(layout) & capability::dimensions_64) != 0;
}

TEST(JudgeConsumers, ReleasesAreCounted) {
  for (const LayoutRow& row : tables().layouts) {
    const Right right = consumed(row.layout);
    EXPECT_EQ(right.broken(), Rules{}) << row.name;
    for (const int releases : {0, 2})
      EXPECT_EQ(right
                    .with([=](Consumed& c) {
                      c.requests[0].releases = releases;
                      if (c.references_kept) c.references_kept = 1 - releases;
                    })
                    .broken(),
                Rules{consumer_release_exactly_once})
          << row.name;
  }
}

TEST(JudgeConsumers, AResultMayHoldItsViewUntilItIsGivenUpAndGarbageCollected) {
  Right right = consumed("c_2d_int").with([](Consumed& c) { c.requests[0].releases = 0; });
  Consumed& last = right.consumed(3);
  last.references_kept = last.results_held = 1;
  EXPECT_EQ(right.broken(), Rules{});
  last.results_held = 0;
  EXPECT_EQ(right.broken(), Rules{consumer_release_exactly_once});
  right.scenario.steps.pop_back();
  right.trace.steps.pop_back();
  EXPECT_EQ(right.broken(), Rules{}) << "a cycle may hold it";
}

TEST(JudgeConsumers, AViewIsHeldAsLongAsTheResultIsUsed) {
  for (const LayoutRow& row : tables().layouts) {
    const Right right = consumed(row.layout, 0, holds_view);
    const std::string elements = elements_of(row.layout).value();
    if (elements.empty()) continue;
    const auto gone = shows(row.layout, std::string(elements.size(), static_cast<char>(released_byte)));
    for (const std::size_t step : {std::size_t{0}, std::size_t{1}})
      EXPECT_EQ(right.with(at(step, gone)).broken(), Rules{consumer_hold_while_used}) << row.name;
    EXPECT_EQ(right.with(at(1, [](Consumed& c) { c.requests[0].releases = 1; })).broken(), Rules{})
        << "a copy needs no view";
    // Given up, it may be released; looked at again, it may not.
    EXPECT_EQ(right.with(at(0, set(&Consumed::results_held, 0))).broken(), Rules{});
  }
}

TEST(JudgeConsumers, AWrongResultIsReportedOnce) {
  for (const LayoutRow& row : tables().layouts) {
    const Right right = consumed(row.layout);
    const std::string elements = elements_of(row.layout).value();
    const Rule general = elements.empty()                  ? consumer_data_empty
                         : has_many_dimensions(row.layout) ? consumer_dimensions_up_to_64
                                                           : consumer_data_elements_right;
    const auto both = [&](const std::string& bytes) {
      return right.with(at(0, shows(row.layout, bytes))).with(at(1, shows(row.layout, bytes))).broken();
    };
    EXPECT_EQ(both(elements + "x"), Rules{general}) << row.name;
    EXPECT_EQ(right.with(at(0, set(&Consumed::result, Compared::not_compared))).broken(), Rules{});
    if (elements.empty()) continue;
    std::string changed = elements;
    changed.back() = static_cast<char>(~changed.back());
    EXPECT_EQ(both(changed), Rules{general});
    for (const auto& [way, bytes] : misreadings_of(row.layout)) {
      const Rules found = both(bytes);  // of memory that was let go, both steps tell, by the same rule
      EXPECT_EQ(std::set<Rule>(found.begin(), found.end()).size(), 1U) << row.name << ' ' << misreading_name(way);
    }
  }
}

TEST(JudgeConsumers, AWrongResultBreaksOneRuleWhateverTheWordAndTheWay) {
  for (const char* layout : {"c_2d_int", "f_2d_int", "zero_dim_int", "pil_2d_rows", "empty_1d_step_two", "strided_1d"})
    for (const int word : {SIMPLE, ND, STRIDES, FULL_RO})
      for (int number = 0; !misreading_name(static_cast<Misreading>(number)).empty(); ++number) {
        const auto misreading = static_cast<Misreading>(number);
        Right wrong =
            consumed(layout).with([=](Consumed& c) { c.requests[0].flags = word; }).with(at(0, [=](Consumed& c) {
              c.result = Compared::wrong;
              c.misreading = misreading;
            }));
        for (const Edition edition : {Edition::current, Edition::founding_2010}) {
          wrong.scenario.edition = edition;
          EXPECT_EQ(wrong.broken().size(), 1U)
              << misreading_name(misreading) << ' ' << flags_name(word) << ' ' << layout;
        }
      }
}

TEST(JudgeConsumers, WhatIsRequestedDecidesWhatAWrongReadingIs) {
  const Layout& matrix = named("c_2d_int");
  const Layout& line = named("c_1d_int");
  const auto reading = [](const Layout& layout, Misreading way, std::size_t habit) {
    for (const auto& [known, bytes] : misreadings_of(layout))
      if (known == way) return consumed(layout, 0, habit).with(at(0, shows(layout, bytes))).broken();
    return Rules{};
  };
  EXPECT_EQ(reading(matrix, Misreading::fortran_order, asks_for_shape), Rules{consumer_data_missing_strides});
  EXPECT_EQ(reading(line, Misreading::of_itemsize, asks_for_bytes), Rules{consumer_data_simple_is_bytes});
}

TEST(JudgeConsumers, WhatIsDeclaredIsAccepted) {
  for (const LayoutRow& row : tables().layouts) {
    const Right raising =
        consumed(row.layout).with(at(0, raise)).with(at(1, set(&Consumed::result, Compared::not_compared)));
    const auto broken = [&](unsigned accepts) { return raising.with(set(&Trace::accepts, accepts)).broken(); };
    const unsigned needed = capabilities_needed(row.layout);
    const Rules rule{has_many_dimensions(row.layout) ? consumer_dimensions_up_to_64 : consumer_capability_accepted};
    EXPECT_EQ(broken(needed), rule) << row.name;
    EXPECT_EQ(broken(capability::all), rule) << row.name;
    EXPECT_EQ(broken(0), Rules{}) << row.name;
    for (unsigned bits = needed; bits != 0; bits &= bits - 1)
      EXPECT_EQ(broken(capability::all & ~(bits & (0U - bits))), Rules{}) << row.name;
  }
}

TEST(JudgeConsumers, AnExceptionHasAReasonWhereARequestWasRefusedOrAFillerMetReadonlyMemory) {
  Right refused = consumed("c_2d_int").with(at(0, raise));
  EXPECT_EQ(refused.broken(), Rules{consumer_capability_accepted});
  refused.scenario.refused_requests = 1;
  EXPECT_EQ(refused.broken(), Rules{});
  const Right fills = consumed("c_2d_int_readonly").with(at(0, raise));
  EXPECT_EQ(fills.with(set(&Trace::consumer, ConsumerKind::fills)).broken(), Rules{});
}

TEST(JudgeConsumers, AFallbackIsKnownOfThoseWhoDeclareIt) {
  Right fallen_back = consumed("c_2d_int", behaviour::refuses_all, falls_back);
  EXPECT_FALSE(fallen_back.consumed().raised);
  EXPECT_EQ(fallen_back.with(at(0, set(&Consumed::result, Compared::wrong))).broken(), Rules{});
  EXPECT_EQ(fallen_back.with(set(&Trace::has_fallback, false)).broken(), Rules{consumer_error_refusal_told});
}

TEST(JudgeConsumers, WhatIsReturnedAfterARefusalMayBeAFallbackAndOfManyCallsNobodyKnowsWhose) {
  const auto wrong = at(0, set(&Consumed::result, Compared::wrong));
  const auto refused = [](bool comes_last) {
    return at(0, [comes_last](Consumed& c) {
      c.requests.insert(comes_last ? c.requests.end() : c.requests.begin(), {FULL_RO, false, 0, 0});
    });
  };
  const Right single = consumed("c_2d_int", 0, falls_back).with(wrong);
  EXPECT_EQ(single.with(refused(true)).broken(), Rules{});
  EXPECT_EQ(single.with(refused(false)).broken(), Rules{consumer_data_elements_right}) << "then it was granted one";

  Right often = single.with(refused(false));
  often.scenario.steps[0] = {StepKind::repeat, 0, 0, 2};
  EXPECT_EQ(often.broken(), Rules{consumer_data_elements_right}) << "each call is refused what the others are";
  often.scenario.refused_requests = 1;
  EXPECT_EQ(often.broken(), Rules{});
  EXPECT_EQ(often.with(set(&Trace::has_fallback, false)).broken(), Rules{consumer_data_elements_right});
  often.consumed().requests.assign(1, {FULL_RO, true, 1, 0});
  EXPECT_EQ(often.broken(), Rules{}) << "the log does not keep all that were refused";

  const Right fills = consumed("c_2d_int", 0, fills_memory)
                          .with(set(&Trace::has_fallback, true))
                          .with(at(0, set(&Consumed::filled, Compared::wrong)));
  EXPECT_EQ(fills.broken(), Rules{consumer_fill_elements_right});
  EXPECT_EQ(fills.with(refused(true)).broken(), Rules{});
}

TEST(JudgeConsumers, TheRequestsOfEachCallAreLookedAt) {
  Scenario scenario = consumed("c_2d_int").scenario;
  scenario.steps.insert(scenario.steps.begin(), {{StepKind::consume, 1, 0}, {StepKind::release, 1, 0}});
  Right right = right_trace(scenario).with([](Consumed& c) { c.requests.assign(1, {FULL_RO, true, 1, 0}); });
  for (std::size_t step = 2; step < right.trace.steps.size(); ++step)
    right.consumed(step).requests.push_back({SIMPLE, false, 0, 0});
  EXPECT_EQ(right.broken(), Rules{consumer_error_refusal_told}) << "the first call was granted, the second was not";
}

TEST(JudgeConsumers, OfOneThatRequestedNothingLittleIsJudged) {
  Right right = consumed("c_2d_int").with(becomes(Consumed{}));
  right.consumed().called = true;
  EXPECT_EQ(right.broken(), Rules{});
  EXPECT_EQ(right.judged().judged.count(), 1U) << "only that it ended with a result or an exception";
}

TEST(JudgeConsumers, OfALieHardeningAloneIsJudgedAndOnlyOfWhoAskedForTheField) {
  for (const std::uint32_t lie : {behaviour::lie_len, behaviour::lie_format})
    EXPECT_EQ(consumed("c_2d_int", lie).judged().judged.count(), 1U) << behaviour_name(lie);
  for (const std::uint32_t lie :
       {behaviour::lie_len, behaviour::lie_format, behaviour::lie_readonly, behaviour::lie_suboffsets})
    EXPECT_TRUE(consumed("c_2d_int", lie, asks_for_bytes).judged().judged.none()) << behaviour_name(lie);
}

}  // namespace
}  // namespace bufspec::oracle
