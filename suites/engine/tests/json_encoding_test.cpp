// Do scenarios and traces survive JSON, and is every other text refused with the path of what is wrong?
#include "suites/engine/json/encoding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "generators.hpp"
#include "json_filler.hpp"
#include "judgements.hpp"
#include "suites/library/trace.hpp"

namespace bufspec::json {
namespace {

std::string fault_of_scenario(std::string_view text) {
  Fault fault;
  return scenario_from(text, fault) ? "accepted" : fault.text();
}

std::string fault_of_trace(std::string_view text) {
  Fault fault;
  return trace_from(text, fault) ? "accepted" : fault.text();
}

std::string replaced(std::string text, std::string_view old, std::string_view now) {
  const std::size_t place = text.find(old);
  EXPECT_NE(place, std::string::npos) << old << " in " << text;
  return place == std::string::npos ? text : text.replace(place, old.size(), now);
}

// A trace has no equality of its own: two are the same if they are spelled alike.
void survives(const Trace& trace) {
  const std::string text = text_of(trace);
  Fault fault;
  const auto again = trace_from(text, fault);
  RC_ASSERT(again.has_value());
  RC_ASSERT(text_of(*again) == text);
}

Scenario asked_while_held() {
  Scenario scenario;
  scenario.steps = {
      {StepKind::acquire, 0, flag::FULL_RO}, {StepKind::mutate, 0, 3}, {StepKind::repeat, 0, flag::ND, 7}};
  return scenario;
}

RC_GTEST_PROP(JsonOfScenarios, ReadsBackAsItWas, ()) {
  const Scenario scenario = *scenarios();
  Fault fault;
  const auto again = scenario_from(text_of(scenario), fault);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == scenario);
}

RC_GTEST_PROP(JsonOfScenarios, ReadsBackWhateverTheFieldsHold, ()) {
  const auto scenario = filled<Scenario>(*rc::gen::arbitrary<std::uint64_t>());
  Fault fault;
  const auto again = scenario_from(text_of(scenario), fault);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == scenario);
}

RC_GTEST_PROP(JsonOfTraces, ReadsBackWhateverTheFieldsHold, ()) {
  survives(filled<Trace>(*rc::gen::arbitrary<std::uint64_t>()));
}

RC_GTEST_PROP(JsonOfTraces, IsJudgedAsTheTraceItself, ()) {
  const Layout layout = *layouts();
  const Scenario scenario = *sequences(4, layout);
  auto trace = engine::trace_on_reference(scenario, layout);
  RC_PRE(trace.has_value());
  // One record of another's makes rules broken that the reference keeps.
  if (!trace->steps.empty() && *rc::gen::arbitrary<bool>()) {
    const auto place = *rc::gen::inRange<std::size_t>(0, trace->steps.size());
    StepRecord& record = trace->steps[place];
    if (record.answer) record.answer->view.len += 1;
    if (record.reread) record.reread->changed = field_bit::shape;
    if (record.released) record.released->references_kept = 1;
  }
  survives(*trace);
  Fault fault;
  const auto read_scenario = scenario_from(text_of(scenario), fault);
  const auto read_trace = trace_from(text_of(*trace), fault);
  RC_ASSERT(read_scenario.has_value() && read_trace.has_value());
  const Judgement judged = judge(scenario, *trace);
  const Judgement again = judge(*read_scenario, *read_trace);
  RC_ASSERT(describe(again) == describe(judged));
  RC_ASSERT(again.judged == judged.judged);
  RC_ASSERT(again.readings == judged.readings);
  RC_CLASSIFY(!judged.clean(), "something is broken");
}

TEST(JsonOfScenarios, IsWhatTheSchemaDescribes) {
  Scenario scenario = asked_while_held();
  scenario.layout = Layout{.format = "\xff", .itemsize = 4, .ndim = 2, .shape = {2, 3}, .has_strides = false};
  scenario.behaviours = behaviour::poisoned | behaviour::lie_len;
  scenario.refused_requests = 5;
  EXPECT_EQ(text_of(scenario),
            R"({"target":"exporter","edition":"current","layout":{"format":"\udcff","itemsize":4,"shape":[2,3],)"
            R"("strides":null,"suboffsets":null,"offset":0,"block":0,"readonly":false},"function":"is_contiguous",)"
            R"("check":null,"order":"C","behaviours":["poisoned","lie_len"],"refused_requests":[0,2],"steps":[)"
            R"({"kind":"acquire","slot":0,"flags":284},{"kind":"mutate","operation":3},)"
            R"({"kind":"repeat","flags":8,"count":7}]})");
}

TEST(JsonOfScenarios, IsRefusedWithThePathOfWhatIsWrong) {
  const std::string right = text_of(asked_while_held());
  ASSERT_EQ(fault_of_scenario(right), "accepted");
  const auto with = [&](std::string_view old, std::string_view now) {
    const std::string fault = fault_of_scenario(replaced(right, old, now));
    return fault.substr(0, fault.rfind(" (offset"));
  };
  EXPECT_EQ(with("\"flags\":284", "\"flags\":\"284\""),
            "steps[0].flags: expected an integer from -2147483648 to 2147483647");
  EXPECT_EQ(with("\"flags\":284", "\"flags\":2147483648"),
            "steps[0].flags: expected an integer from -2147483648 to 2147483647");
  EXPECT_EQ(with("\"flags\":284", "\"flag\":284"), "steps[0]: expected a member flags");
  EXPECT_EQ(with("\"flags\":284", "\"flags\":284,\"name\":\"x\""), "steps[0].name: expected no such member");
  EXPECT_EQ(with("\"slot\":0", "\"slot\":8"), "steps[0].slot: expected an integer from 0 to 7");
  EXPECT_EQ(with("\"slot\":0", "\"slot\":-1"), "steps[0].slot: expected an integer from 0 to 7");
  EXPECT_EQ(with("\"count\":7", "\"count\":200001"), "steps[2].count: expected an integer from 0 to 200000");
  EXPECT_EQ(with("\"operation\"", "\"flags\""), "steps[1]: expected a member operation");
  EXPECT_EQ(with("\"acquire\"", "\"ask\"").substr(0, 23), "steps[0].kind: expected");
  EXPECT_EQ(with("\"exporter\"", "\"Exporter\""), "target: expected one of exporter, consumer, function");
  EXPECT_EQ(with("\"exporter\"", "0"), "target: expected one of exporter, consumer, function");
  EXPECT_EQ(with("\"layout\":null", "\"layout\":[]"), "layout: expected an object");
  EXPECT_EQ(with("\"order\":\"C\"", "\"order\":\"CF\""), "order: expected a string of one byte");
  EXPECT_EQ(with("\"refused_requests\":[]", "\"refused_requests\":[1,1]"),
            "refused_requests[1]: expected each number once");
  EXPECT_EQ(with("\"refused_requests\":[]", "\"refused_requests\":[8]"),
            "refused_requests[0]: expected an integer from 0 to 7");
  EXPECT_EQ(with("\"behaviours\":[]", "\"behaviours\":[\"lies\"]").substr(0, 23), "behaviours[0]: expected");
  EXPECT_EQ(with("\"check\":null", "\"check\":\"no.such.rule\"").substr(0, 15), "check: expected");
  EXPECT_EQ(fault_of_scenario("[]"), "expected an object (offset 0)");
}

TEST(JsonOfScenarios, HasStridesForEachDimensionAndNoMoreThan64) {
  Scenario scenario;
  scenario.layout = Layout{.ndim = 2, .shape = {2, 3}, .strides = {3, 1}};
  const std::string right = text_of(scenario);
  EXPECT_EQ(fault_of_scenario(replaced(right, "[3,1]", "[3]")).substr(0, 42),
            "layout.strides: expected a list of 2 (offs");
  std::string many = "[1";
  for (int i = 0; i < max_ndim; ++i) many += ",1";
  EXPECT_EQ(fault_of_scenario(replaced(right, "[2,3]", many + "]")).substr(0, 46),
            "layout.shape: expected a list of at most 64 (o");
}

TEST(JsonOfTraces, IsRefusedWithThePathOfWhatIsWrong) {
  const Layout layout{.format = "i", .itemsize = 4, .ndim = 2, .shape = {2, 3}, .strides = {12, 4}, .block = 24};
  Scenario scenario = engine::asking(layout, {flag::FULL_RO});
  const auto trace = engine::trace_on_reference(scenario);
  ASSERT_TRUE(trace);
  const std::string right = text_of(*trace);
  ASSERT_EQ(fault_of_trace(right), "accepted");
  const auto with = [&](std::string_view old, std::string_view now) {
    const std::string fault = fault_of_trace(replaced(right, old, now));
    return fault.substr(0, fault.rfind(" (offset"));
  };
  EXPECT_EQ(with("\"steps\":[{\"answer\":{\"granted\":true", "\"steps\":[{\"answer\":{\"granted\":1"),
            "steps[0].answer.granted: expected true or false");
  EXPECT_EQ(with("\"shape\":[2,3]", "\"shape\":[2]"), "richest.view.shape: expected a list of 2");
  EXPECT_EQ(with("\"shape\":[2,3]", "\"shape\":\"set\""),
            "richest.view.shape: expected a list, or NULL, untouched or unreadable");
  EXPECT_EQ(with("\"shape\":[2,3]", "\"shape\":\"untouched\""), "accepted");
  EXPECT_EQ(with("\"format_truncated\":false", "\"format_truncated\":true"),
            "richest.view.format_truncated: expected false: the text is shorter than is copied");
  EXPECT_EQ(with("\"len\":24", "\"len\":9223372036854775808"),
            "richest.view.len: expected an integer from -9223372036854775808 to 9223372036854775807");
  EXPECT_EQ(with("\"steps\":[{\"answer\"", "\"steps\":[{\"reply\":0,\"answer\""),
            "steps[0].reply: expected no such member");
  EXPECT_EQ(with("\"steps\":[", "\"steps\":[7,"), "steps[0]: expected an object");
}

// Whatever is read is spelled as it is meant; nothing ends the process.
void reads_exactly_or_not_at_all(const std::string& text, std::size_t& accepted) {
  Fault fault;
  if (const auto scenario = scenario_from(text, fault)) {
    ++accepted;
    const auto again = scenario_from(text_of(*scenario), fault);
    ASSERT_TRUE(again && *again == *scenario) << text;
    (void)bufspec::describe(*scenario);
  } else {
    ASSERT_LE(fault.offset, text.size());
    ASSERT_FALSE(fault.expected.empty());
  }
  if (const auto trace = trace_from(text, fault)) {
    ++accepted;
    const std::string spelled = text_of(*trace);
    const auto again = trace_from(spelled, fault);
    ASSERT_TRUE(again) << fault.text() << text;
    ASSERT_EQ(text_of(*again), spelled);
  }
}

TEST(JsonOfAnybody, CutAtAnyByteIsRefused) {
  const std::string scenario = text_of(filled<Scenario>(7));
  const std::string trace = text_of(filled<Trace>(7));
  Fault fault;
  for (std::size_t size = 0; size < scenario.size(); ++size)
    ASSERT_FALSE(scenario_from(scenario.substr(0, size), fault)) << size;
  for (std::size_t size = 0; size < trace.size(); ++size)
    ASSERT_FALSE(trace_from(trace.substr(0, size), fault)) << size;
}

TEST(JsonOfAnybody, ChangedAnywhereIsReadExactlyOrNotAtAll) {
  std::size_t accepted = 0;
  std::mt19937_64 numbers(3118);
  constexpr std::string_view pieces[]{"\"", "{",    "}",    "[",   "]",       ",",    ":",  "0",        "-",
                                      "9",  "null", "true", "\\u", "\\udc80", "\xff", "1e", "\"kind\"", " "};
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const std::string right = seed % 2 == 0 ? text_of(filled<Scenario>(seed)) : text_of(filled<Trace>(seed));
    for (int round = 0; round < 200; ++round) {
      std::string text = right;
      const std::size_t changes = 1 + numbers() % 2;
      for (std::size_t change = 0; change < changes; ++change) {
        const std::size_t place = numbers() % text.size();
        const std::string_view piece = pieces[numbers() % std::size(pieces)];
        switch (numbers() % 4) {
          case 0:
            text.erase(place, 1 + numbers() % 8);
            break;
          case 1:
            text.insert(place, piece);
            break;
          case 2:
            text.replace(place, piece.size(), piece);
            break;
          default:
            text[place] = static_cast<char>(numbers());
        }
        if (text.empty()) text = " ";
      }
      reads_exactly_or_not_at_all(text, accepted);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(accepted, 100U) << "most changes of a digit leave a scenario or a trace";
}

TEST(JsonOfAnybody, OfAnyStructureIsJudgedWithoutHarm) {
  // What a peer says was seen need not be possible; the judge says something about it, or nothing.
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const auto scenario = filled<Scenario>(seed);
    const auto trace = filled<Trace>(seed + 1);
    (void)judge(scenario, trace);
  }
}

}  // namespace
}  // namespace bufspec::json
