// Does a violation say, as values, which check failed, on which field, what was owed and what was found?
#include <set>
#include <stdexcept>
#include <string>

#include "bufspec/misreadings.hpp"
#include "right_trace.hpp"

namespace bufspec::oracle {
namespace {

using namespace flag;

// The finding of the first violation, spoilt; throws if there is none.
template <typename Change>
Finding found(const Right& right, const Change& change) {
  return right.with(change).judged().violations.at(0).finding;
}

Finding number(unsigned field, ssize owed, ssize found) { return {.fields = field, .owed = owed, .found = found}; }

TEST(JudgeFindings, PointersThatAreNotThereOrMustNotBe) {
  const Right right = asked("c_2d_int", ND);
  const auto presence = [](unsigned field, Pointer owed, Value found) {
    return Finding{.aspect = Aspect::presence, .fields = field, .flags = ND, .owed = owed, .found = std::move(found)};
  };
  for (const Pointer pointer : {Pointer::null, Pointer::untouched, Pointer::unreadable})
    EXPECT_EQ(found(right, set(&View::shape, pointer)), presence(field_bit::shape, Pointer::readable, pointer));
  EXPECT_EQ(found(right, [](View& v) { v.strides = Pointer::readable, v.strides_values = {12, 4}; }),
            presence(field_bit::strides, Pointer::null, value::Integers{{12, 4}}));
  EXPECT_EQ(found(right, [](View& v) { v.format = Pointer::readable, v.format_text.assign("i"); }),
            presence(field_bit::format, Pointer::null, value::Text{"i"}));
}

TEST(JudgeFindings, NumbersOwedAndFound) {
  const auto wide = [](View& v) { v.strides_values[0] = 8; };
  const auto strides = [](std::vector<ssize> owed, std::vector<ssize> found) {
    return Finding{.fields = field_bit::strides,
                   .owed = value::Integers{std::move(owed)},
                   .found = value::Integers{std::move(found)}};
  };
  EXPECT_EQ(found(asked("c_1d_int", STRIDES), wide), strides({4}, {8}));
  EXPECT_EQ(found(asked("c_2d_int", STRIDES), wide), strides({12, 4}, {8, 4}));
  const Right right = asked("c_2d_int", ND);
  EXPECT_EQ(found(right, set(&View::itemsize, 8)), number(field_bit::itemsize, 4, 8));
  EXPECT_EQ(found(right, set(&View::readonly, 1)), number(field_bit::readonly, 0, 1));
  EXPECT_EQ(found(asked("c_2d_int_readonly", ND), set(&View::readonly, 0)), number(field_bit::readonly, 1, 0));
  Finding len = number(field_bit::len, 24, 23);
  len.given = value::Integers{{2, 3}};
  EXPECT_EQ(found(right, set(&View::len, 23)), len);
  EXPECT_EQ(found(right, set(&Answer::unwritten, field_bit::len)), Finding{.fields = field_bit::len});
}

TEST(JudgeFindings, NumbersOfWhichOneIsOwed) {
  const auto ndim = [](std::vector<ssize> owed) {
    return Finding{.aspect = Aspect::one_of,
                   .fields = field_bit::ndim,
                   .flags = SIMPLE,
                   .owed = value::Integers{std::move(owed)},
                   .found = ssize{3}};
  };
  EXPECT_EQ(found(asked("c_2d_int", SIMPLE), set(&View::ndim, 3)), ndim({2, 1, 0}));
  EXPECT_EQ(found(asked("c_1d_int", SIMPLE), set(&View::ndim, 3)), ndim({1, 0}));
}

TEST(JudgeFindings, TheOwnerInObj) {
  for (const Owner owner : {Owner::null, Owner::untouched, Owner::garbage})
    EXPECT_EQ(found(asked("c_2d_int", SIMPLE), set(&View::obj, owner)),
              (Finding{.fields = field_bit::obj, .owed = Owner::exporter, .found = owner}));
}

TEST(JudgeFindings, FieldsOfAHeldViewAreNamed) {
  const Right held = done("c_2d_int", {{StepKind::acquire, 0, FULL_RO}, {StepKind::read, 0, 0}});
  const auto of = [&](unsigned changed, unsigned unreadable) {
    return found(held, [=](Reread& r) { r.changed = changed, r.unreadable = unreadable; });
  };
  const auto lost = [](Aspect aspect, unsigned fields, unsigned unreadable) {
    return Finding{.aspect = aspect, .fields = fields, .found = value::Fields{unreadable}};
  };
  using namespace field_bit;
  EXPECT_EQ(of(len, 0), lost(Aspect::changed, len, 0));
  EXPECT_EQ(of(shape | internal, 0), lost(Aspect::changed, shape | internal, 0));
  EXPECT_EQ(of(0, field_bit::format), lost(Aspect::unreadable, field_bit::format, field_bit::format));
  EXPECT_EQ(of(buf | strides, strides | suboffsets),
            lost(Aspect::unreadable, buf | strides | suboffsets, strides | suboffsets));
  EXPECT_EQ(found(held, [](Reread& r) { r.changed = len, r.unreadable = shape, r.freed = strides; }),
            lost(Aspect::reused, len | shape | strides, shape | strides));
  EXPECT_EQ(of(obj | itemsize | readonly | ndim, 0), lost(Aspect::changed, obj | itemsize | readonly | ndim, 0));
}

TEST(JudgeFindings, WhatBecameOfAView) {
  const Right held =
      done("c_2d_int",
           {{StepKind::acquire, 0, FULL}, {StepKind::read, 0, 0}, {StepKind::write, 0, 0}, {StepKind::release, 0, 0}});
  const auto only = [](Aspect aspect) { return Finding{.aspect = aspect}; };
  EXPECT_EQ(found(held, set(&Reread::memory_reused, true)), only(Aspect::reused));
  EXPECT_EQ(found(held, set(&Reread::memory_readable, false)), only(Aspect::unreadable));
  EXPECT_EQ(found(held, set(&Reread::elements, SameElements::different)), only(Aspect::other_elements));
  EXPECT_EQ(found(held, set(&Written::possible, false)), only(Aspect::unwritable));
  EXPECT_EQ(found(held, set(&Written::read_back, false)), only(Aspect::not_read_back));
  EXPECT_EQ(found(held, set(&Released::canaries_intact, false)), only(Aspect::at_release));
  EXPECT_EQ(found(held, set(&Answer::canaries_intact, false)), only(Aspect::at_request));
  EXPECT_EQ(found(held, set(&Released::obj, Owner::other)),
            (Finding{.fields = field_bit::obj, .owed = Owner::null, .found = Owner::other}));
  EXPECT_EQ(found(held, set(&Released::references_kept, 2L)),
            (Finding{.aspect = Aspect::references, .owed = ssize{0}, .found = ssize{2}}));
}

TEST(JudgeFindings, TheFirstWrongByteAndTheWay) {
  const Layout& layout = named("c_1d_int");
  const Right right = consumed(layout);
  std::string bytes = elements_of(layout).value();
  const auto of = [&](const std::string& shown) {
    return found(right, at(0, [&](Consumed& c) { show_bytes(c, layout, shown); }));
  };
  bytes[8] = 7;
  bytes[12] = 9;
  EXPECT_EQ(of(bytes), (Finding{.aspect = Aspect::byte, .index = 8, .owed = ssize{2}, .found = ssize{7}}));
  EXPECT_EQ(of(bytes.substr(1)), (Finding{.aspect = Aspect::length, .owed = ssize{24}, .found = ssize{23}}));
  const Finding released{
      .aspect = Aspect::byte, .index = 0, .owed = ssize{0}, .found = ssize{219}, .given = Misreading::released};
  EXPECT_EQ(of(std::string(24, static_cast<char>(released_byte))), released);
}

TEST(JudgeFindings, ReleasesThatAreMissingOrTooManyAreNamedByTheirRequest) {
  const auto releases = [](std::size_t requests, int flags, int count, long kept) {
    Right right = consumed("c_2d_int").with([=](Consumed& c) { c.requests.assign(requests, {flags, true, count, 0}); });
    right.consumed(3).references_kept = kept;
    return right.judged();
  };
  const Judgement missing = releases(300, ND, 0, static_cast<long>(max_logged_requests));
  ASSERT_EQ(missing.violations.size(), 1U) << testing::PrintToString(missing);
  EXPECT_EQ(missing.violations[0].finding, (Finding{.aspect = Aspect::not_released, .flags = ND, .times = 256}));
  const Judgement twice = releases(1, STRIDES, 2, -1);
  ASSERT_EQ(twice.violations.size(), 1U) << testing::PrintToString(twice);
  EXPECT_EQ(twice.violations[0].finding,
            (Finding{.aspect = Aspect::released_again, .flags = STRIDES, .owed = ssize{1}, .found = ssize{2}}));
  EXPECT_EQ(twice.violations[0].step, 0U);
}

// The finding of the one violation of that rule.
Finding of_rule(const Judgement& judgement, Rule rule) {
  for (const Violation& violation : judgement.violations)
    if (violation.rule == rule) return violation.finding;
  throw std::out_of_range(std::string(rule_id(rule)));
}

TEST(JudgeFindings, WhatIsOwedWhereSeveralRulesAreBroken) {
  const Judgement negative = asked("c_2d_int", FULL_RO).with(set(&View::ndim, -1)).judged();
  EXPECT_EQ(of_rule(negative, Rule::field_ndim_nonnegative),
            (Finding{.aspect = Aspect::at_least, .fields = field_bit::ndim, .owed = ssize{0}, .found = ssize{-1}}));
  const Judgement readonly = asked("c_2d_int", FULL).with(set(&View::readonly, 1)).judged();
  EXPECT_EQ(of_rule(readonly, Rule::request_writable_writable), number(field_bit::readonly, 0, 1));
  Right kept = consumed("c_2d_int");
  kept.consumed(3).references_kept = 2;
  EXPECT_EQ(of_rule(kept.judged(), Rule::consumer_release_nothing_kept),
            (Finding{.aspect = Aspect::references, .owed = ssize{0}, .found = ssize{2}}));
}

TEST(JudgeFindings, EveryAspectHasANameOfItsOwn) {
  EXPECT_EQ(std::set<std::string_view>(aspect_names.begin(), aspect_names.end()).size(), aspect_names.size());
}

// One form for the output of tests.
TEST(JudgeFindings, AFindingIsShownOnOneLine) {
  EXPECT_EQ(describe(Finding{.aspect = Aspect::presence,
                             .fields = field_bit::shape,
                             .flags = ND,
                             .owed = Pointer::null,
                             .found = value::Integers{{2, 3}}}),
            "presence, field shape, owed NULL, found (2, 3), for ND");
}

}  // namespace
}  // namespace bufspec::oracle
