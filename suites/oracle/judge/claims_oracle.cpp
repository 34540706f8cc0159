// Does the judge find each broken rule, by its name and nothing else, and keep silent where it must?
#include <climits>
#include <filesystem>

#include "claims.hpp"
#include "suites/library/trace.hpp"

namespace bufspec::oracle {
namespace {

std::string place_of(const Claim& claim) {
  const auto& layout = claim.right.scenario.layout;
  return std::filesystem::path(claim.where.file_name()).filename().string() + ':' + std::to_string(claim.where.line()) +
         ": " + (layout ? bufspec::describe(*layout) : "");
}

bool is_of_exporter(const Claim& claim) { return claim.right.scenario.target == Target::exporter; }

// What `right` says of each rule, spoilt.
void expect_broken(const Right& right, const Claim& claim) {
  ASSERT_EQ(right.broken(), Rules{}) << "before it is spoilt";
  const Right spoilt = right.with(claim.spoil);
  const Judgement judgement = spoilt.judged();
  EXPECT_EQ(broken(judgement), claim.broken) << testing::PrintToString(judgement);
  for (const Violation& violation : judgement.violations) {
    EXPECT_TRUE(judgement.judged[index_of(violation.rule)]) << rule_id(violation.rule);
    EXPECT_LT(violation.step, spoilt.scenario.steps.size());
  }
}

TEST(JudgeClaims, OfDeclaredMemoryHold) {
  for (const Claim& claim : claims()) {
    SCOPED_TRACE(place_of(claim));
    expect_broken(claim.right, claim);
  }
}

TEST(JudgeClaims, OfReadyMadeObjectsHold) {
  for (const Claim& claim : claims()) {
    if (claim.declared_only || !is_of_exporter(claim)) continue;
    SCOPED_TRACE(place_of(claim));
    Scenario scenario = claim.right.scenario;
    scenario.layout.reset();
    expect_broken(right_trace(scenario, claim.right.scenario.layout), claim);
  }
}

// Of some contested rules the readings are all that there is, granted and refused, one memory and several, so that no
// answer lies outside.
TEST(JudgeClaims, AreThereForEveryRuleThatCanBeBroken) {
  RuleSet named;
  for (const Claim& claim : claims())
    for (const Rule rule : claim.broken) named.set(index_of(rule));
  for (const Rule rule : {Rule::layout_contiguous_empty, Rule::field_buf_one_memory, Rule::request_contiguous_copy,
                          Rule::consumer_hardening_len_or_shape, Rule::consumer_hardening_bad_format}) {
    EXPECT_FALSE(named[index_of(rule)]) << rule_id(rule);
    named.set(index_of(rule));
  }
  for (std::size_t i = 0; i < rule_count; ++i) EXPECT_TRUE(named[i]) << rule_ids[i] << ": no claim breaks it";
}

TEST(JudgeClaims, AreLeftOutWhereAnObservationIsMissing) {
  for (const Claim& claim : claims()) {
    SCOPED_TRACE(place_of(claim));
    Right spoilt = claim.spoilt();
    const unsigned observed = spoilt.trace.observes;
    for (unsigned bit = 1; bit <= observation::all; bit <<= 1) {
      if ((observed & bit) == 0) continue;
      spoilt.trace.observes = observed & ~bit;
      const Judgement judgement = spoilt.judged();
      for (std::size_t i = 0; i < rule_count; ++i) {
        const bool needs_it = (observations_needed(static_cast<Rule>(i)) & bit) != 0;
        EXPECT_FALSE(needs_it && judgement.judged[i]) << rule_ids[i] << " without " << bit;
      }
      for (const Violation& violation : judgement.violations)
        EXPECT_EQ(observations_needed(violation.rule) & bit, 0U) << rule_id(violation.rule) << " without " << bit;
    }
    spoilt.trace.observes = 0;
    EXPECT_TRUE(spoilt.judged().judged.none() && spoilt.judged().clean()) << "judged unseen";
  }
}

TEST(JudgeClaims, SayNothingInAnEditionThatDoesNotStateThem) {
  for (const Claim& claim : claims()) {
    SCOPED_TRACE(place_of(claim));
    for (const Edition edition : {Edition::current, Edition::founding_2010}) {
      Right spoilt = claim.spoilt();
      spoilt.scenario.edition = edition;
      const Judgement judgement = spoilt.judged();
      for (std::size_t i = 0; i < rule_count; ++i)
        EXPECT_FALSE(judgement.judged[i] && !is_stated(static_cast<Rule>(i), edition)) << rule_ids[i];
      for (const Reading& reading : readings)
        EXPECT_FALSE(spoilt.reads(reading.rule, reading.name) && !judgement.judged[index_of(reading.rule)])
            << reading.name;
    }
  }
}

TEST(JudgeClaims, ThatBreakAContestedRuleRecordNoReadingOfIt) {
  for (const Claim& claim : claims()) {
    if (!is_of_exporter(claim) || claim.broken.empty()) continue;
    SCOPED_TRACE(place_of(claim));
    // Only the broken answer: the steps before it follow readings of their own.
    Right spoilt = claim.spoilt();
    const std::size_t step = spoilt.judged().violations.at(0).step;
    spoilt.scenario.steps = {spoilt.scenario.steps[step]};
    spoilt.trace.steps = {spoilt.trace.steps[step]};
    for (const Rule rule : spoilt.broken())
      for (const Reading& reading : readings)
        EXPECT_FALSE(reading.rule == rule && spoilt.reads(rule, reading.name)) << reading.name;
  }
}

TEST(JudgeClaims, OfConsumersAreOfHardeningAloneWhereOurExporterLies) {
  for (const Claim& claim : claims()) {
    if (claim.right.scenario.target != Target::consumer) continue;
    SCOPED_TRACE(place_of(claim));
    for (std::uint32_t lie = behaviour::lie_len; lie <= behaviour::lie_obj; lie <<= 1) {
      Right spoilt = claim.spoilt();
      spoilt.scenario.behaviours |= lie;
      const Judgement judgement = spoilt.judged();
      for (std::size_t i = 0; i < rule_count; ++i)
        EXPECT_FALSE(judgement.judged[i] && !rule_ids[i].starts_with("consumer.hardening.")) << rule_ids[i];
    }
  }
}

// Judging what cannot be trusted narrows what is judged; the sanitizers see the rest.
TEST(JudgeClaims, EndOnALayoutThatCannotExist) {
  for (const int ndim : {INT_MIN, -1, 65, 1000, INT_MAX})
    for (const Claim& claim : claims()) {
      Right right = claim.right;
      right.scenario.layout = named("c_2d_int_with_strides");
      right.scenario.layout->ndim = ndim;
      EXPECT_FALSE(right.judges(Rule::request_refusal_needless));
    }
}

TEST(JudgeClaims, EndOnWildAnswers) {
  const Layout& layout = named("c_2d_int_with_strides");
  const std::vector<int> words{0, 0x1f, 0x3f, 0x5f, 0x1fd, 0x110, -1, INT_MIN};
  const Right right = right_trace(engine::asking(layout, words, Edition::current, false), layout);
  for (const ssize extreme : {PTRDIFF_MIN, ssize{-1}, ssize{0}, PTRDIFF_MAX}) {
    for (const int ndim : {INT_MIN, -1, 0, 64, 65, INT_MAX}) {
      View wild;
      wild.buf = wild.format = wild.shape = wild.strides = wild.suboffsets = Pointer::readable;
      wild.obj = Owner::exporter;
      wild.len = wild.itemsize = extreme;
      wild.ndim = ndim;
      wild.shape_values.fill(extreme);
      wild.strides_values.fill(extreme);
      wild.suboffsets_values.fill(extreme);
      Right spoilt = right;
      for (StepRecord& record : spoilt.trace.steps)
        if (record.answer) {
          record.answer->view = wild;
          record.answer->granted = true;
        }
      EXPECT_FALSE(spoilt.judged().clean());
      spoilt.trace.richest->view = wild;
      (void)spoilt.judged();
    }
  }
}

TEST(JudgeClaims, ARecordOfAnotherKindOfStepIsPassedOver) {
  Right right = asked("c_2d_int", flag::ND);
  std::swap(right.trace.steps[0], right.trace.steps[1]);
  EXPECT_TRUE(right.judged().judged.none());
  right.trace.steps.clear();
  EXPECT_TRUE(right.judged().judged.none());
}

}  // namespace

const std::vector<Claim>& claims() {
  static const Claims all = [] {
    Claims made;
    add_request_claims(made);
    add_field_claims(made);
    add_lifetime_claims(made);
    add_consumer_claims(made);
    add_call_claims(made);
    return made;
  }();
  return all.all();
}

}  // namespace bufspec::oracle
