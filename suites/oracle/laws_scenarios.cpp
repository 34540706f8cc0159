// Laws of the reference's own machinery: scenarios and their bytes, shrinking, the judge.
#include <algorithm>
#include <memory>

#include "bufspec/exporter.hpp"
#include "judgements.hpp"
#include "oracle.hpp"
#include "properties.hpp"
#include "suites/library/trace.hpp"

namespace bufspec::oracle {
namespace {

RC_GTEST_PROP(ReferenceLaws, DecodeUndoesEncode, ()) {
  const Scenario scenario = *scenarios();
  RC_ASSERT(decode(encode(scenario)) == scenario);
}

// A text, a list or a map may say that it is longer than what is left.
RC_GTEST_PROP(ReferenceLaws, BytesOfACallMayEndAnywhere, ()) {
  Scenario scenario;
  scenario.target = Target::function;
  Call call;
  call.name = "size_from_format";
  call.given = Tree::empty_map();
  call.given.map.emplace_back("format", Tree::of(*rc::gen::arbitrary<std::string>()));
  call.expect = Tree::empty_map();
  call.expect.map.emplace_back("result", Tree::of(std::int64_t{4}));
  scenario.call = std::make_shared<const Call>(std::move(call));
  const std::vector<std::uint8_t> bytes = encode(scenario);
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    const Scenario cut = decode(std::span(bytes).first(length));
    RC_ASSERT(decode(encode(cut)) == cut);
  }
}

RC_GTEST_PROP(ReferenceLaws, DecodedLayoutsExist, ()) {
  const auto bytes = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
  const Layout layout = decode_layout(bytes);
  RC_ASSERT(well_formed(layout).ok());
  RC_ASSERT(layout.ndim <= 8 && layout.block <= 65536);
  const Scenario scenario = decode(bytes);
  RC_ASSERT(scenario.steps.size() <= max_steps);
  for (const Step& step : scenario.steps) RC_ASSERT(step.slot < max_slots);
}

RC_GTEST_PROP(ReferenceLaws, ShrinkingComesToAnEnd, ()) {
  Scenario scenario = *scenarios();
  for (int step = 0; step < 10000; ++step) {
    const std::vector<Scenario> candidates = smaller(scenario);
    if (candidates.empty()) return;
    for (const Scenario& candidate : candidates) {
      RC_ASSERT(!(candidate == scenario));
      if (candidate.layout) RC_ASSERT(well_formed(*candidate.layout).ok());
    }
    scenario = candidates[*rc::gen::inRange<std::size_t>(0, candidates.size())];
  }
  RC_FAIL("10,000 steps and no end");
}

RC_GTEST_PROP(ReferenceLaws, TheReferenceBreaksNoRuleInAnyScenario, ()) {
  const Scenario scenario = *scenarios();
  auto made = engine::trace_on_reference(scenario, *layouts());
  RC_PRE(made.has_value());
  Trace& trace = *made;
  for (const Violation& one : judge(scenario, trace).violations) RC_FAIL(bufspec::describe(one));
}

RC_GTEST_PROP(ReferenceLaws, TheReferenceBreaksNoRuleInAnySequence, ()) {
  const Layout layout = *layouts();
  const Scenario scenario = *sequences(4, layout);
  RC_ASSERT(scenario.steps.size() <= 40);
  for (std::size_t i = 0; i < scenario.steps.size(); ++i)
    RC_ASSERT(scenario.steps[i].kind != StepKind::mutate || scenario.steps[i].flags < 4);
  const auto made = engine::trace_on_reference(scenario, layout);
  RC_ASSERT(made.has_value());
  const Trace& trace = *made;
  RC_ASSERT(trace.steps.size() == scenario.steps.size());
  const Judgement judgement = judge(scenario, trace);
  for (const Violation& one : judgement.violations) RC_FAIL(bufspec::describe(one));
  const auto has = [&](StepKind kind) {
    return std::any_of(scenario.steps.begin(), scenario.steps.end(),
                       [&](const Step& step) { return step.kind == kind; });
  };
  RC_CLASSIFY(has(StepKind::release_copy), "releases a copy");
  RC_CLASSIFY(has(StepKind::write), "writes");
  RC_CLASSIFY(judgement.judged[index_of(Rule::lifetime_export_memory_unchanged)], "judges what a held view shows");
  RC_ASSERT(has(StepKind::read) || !judgement.judged[index_of(Rule::lifetime_export_arrays_valid)]);
}

RC_GTEST_PROP(ReferenceLaws, TheReferenceBreaksNoRuleOfAnyLayout, ()) {
  const Layout layout = *layouts();
  const auto words = *rc::gen::container<std::vector<int>>(flag_words());
  const Scenario scenario = engine::asking(layout, words, *rc::gen::element(Edition::current, Edition::founding_2010));
  const auto made = engine::trace_on_reference(scenario);
  RC_ASSERT(made.has_value());
  const Trace& trace = *made;
  for (const Violation& one : judge(scenario, trace).violations) RC_FAIL(bufspec::describe(one));
}

// What is not observed is not judged, and less of a trace never breaks more.
RC_GTEST_PROP(ReferenceLaws, LessObservedIsLessJudged, ()) {
  const Scenario scenario = *scenarios();
  auto made = engine::trace_on_reference(scenario, *layouts());
  RC_PRE(made.has_value());
  Trace& trace = *made;
  const Judgement whole = judge(scenario, trace);
  trace.observes = static_cast<unsigned>(*rc::gen::inRange(0, static_cast<int>(observation::all) + 1));
  const Judgement part = judge(scenario, trace);
  RC_ASSERT((part.judged & ~whole.judged).none());
  // But for steps shorter than an item: elements that are seen to be right excuse them.
  const auto broken = [](const Judgement& judged) {
    return std::count_if(judged.violations.begin(), judged.violations.end(),
                         [](const Violation& one) { return one.rule != Rule::field_strides_at_least_itemsize; });
  };
  RC_ASSERT(broken(part) <= broken(whole));
  trace.steps.resize(*rc::gen::inRange<std::size_t>(0, trace.steps.size() + 1));
  RC_ASSERT((judge(scenario, trace).judged & ~part.judged).none());
}

RC_GTEST_PROP(ReferenceLaws, FlagsAreNamedByTheirParts, ()) {
  const int word = *flag_words();
  const std::string name = flags_name(word);
  RC_ASSERT(!name.empty());
  int named = 0;
  std::size_t at = 0;
  while (at <= name.size()) {
    const std::size_t end = std::min(name.find('|', at), name.size());
    const std::string part = name.substr(at, end - at);
    named |= tables().flag_value(part) ? *tables().flag_value(part) : static_cast<int>(std::stoul(part, nullptr, 16));
    at = end + 1;
  }
  RC_ASSERT(named == word);
}

RC_GTEST_PROP(ReferenceLaws, ElementBytesAreTold, ()) {
  const ssize k = *rc::gen::inRange<ssize>(0, 256);
  std::string element(*rc::gen::inRange<std::size_t>(1, 20), '\0');
  element_bytes(k, element);
  for (std::size_t i = 0; i < element.size(); ++i)
    RC_ASSERT(static_cast<unsigned char>(element[i]) == (i % 8 == 0 ? k : 0));
}

}  // namespace
}  // namespace bufspec::oracle
