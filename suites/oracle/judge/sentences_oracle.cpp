// Does a violation say in words what was expected and what was found?
#include "bufspec/misreadings.hpp"
#include "right_trace.hpp"

namespace bufspec::oracle {
namespace {

using namespace flag;

// "what was expected; what was found" of the first violation, spoilt.
template <typename Change>
std::string said(const Right& right, const Change& change) {
  const Judgement judgement = right.with(change).judged();
  if (judgement.clean()) return "nothing";
  return judgement.violations[0].expected + "; " + judgement.violations[0].found;
}

template <typename Change>
std::string found(const Right& right, const Change& change) {
  return right.with(change).judged().violations.at(0).found;
}

TEST(JudgeSentences, ExpectedAndFoundAreSaid) {
  const Right shape = asked("c_2d_int", ND);
  const std::string expected = "shape an array of ndim entries for ND; ";
  EXPECT_EQ(said(shape, set(&View::shape, Pointer::null)), expected + "shape NULL");
  EXPECT_EQ(said(shape, set(&View::shape, Pointer::untouched)), expected + "shape was not written");
  EXPECT_EQ(said(shape, set(&View::shape, Pointer::unreadable)),
            expected + "shape points at memory that cannot be read");
  EXPECT_EQ(said(shape, set(&View::strides, Pointer::readable)), "strides NULL for ND; strides not NULL");
  const auto wide = [](View& v) { v.strides_values[0] = 8; };
  EXPECT_EQ(said(asked("c_1d_int", STRIDES), wide), "strides (4,); strides (8,)");
  EXPECT_EQ(said(asked("c_2d_int", STRIDES), wide), "strides (12, 4); strides (8, 4)");
  const Right simple = asked("c_2d_int", SIMPLE);
  EXPECT_EQ(said(simple, set(&View::obj, Owner::null)), "obj a reference to the exporter; obj NULL");
  EXPECT_EQ(said(simple, set(&View::obj, Owner::untouched)), "obj a reference to the exporter; obj was not written");
  EXPECT_EQ(said(simple, set(&View::ndim, 3)), "ndim 2, 1 or 0; ndim 3");
  EXPECT_EQ(said(asked("c_1d_int", SIMPLE), set(&View::ndim, 3)), "ndim 1 or 0; ndim 3");
}

TEST(JudgeSentences, FieldsAreNamed) {
  const Right held = done("c_2d_int", {{StepKind::acquire, 0, FULL_RO}, {StepKind::read, 0, 0}});
  const auto of = [&](unsigned changed, unsigned unreadable) {
    return found(held, [=](Reread& r) { r.changed = changed, r.unreadable = unreadable; });
  };
  EXPECT_EQ(of(field_bit::len, 0), "len changed");
  EXPECT_EQ(of(field_bit::shape | field_bit::internal, 0), "shape, internal changed");
  EXPECT_EQ(of(0, field_bit::format), "format can no longer be read");
  EXPECT_EQ(of(field_bit::buf | field_bit::strides, field_bit::strides | field_bit::suboffsets),
            "buf changed; strides, suboffsets can no longer be read");
  EXPECT_EQ(of(field_bit::obj | field_bit::itemsize | field_bit::readonly | field_bit::ndim, 0),
            "obj, itemsize, readonly, ndim changed");
}

TEST(JudgeSentences, TheFirstWrongByteAndTheWayAreSaid) {
  const Layout& layout = named("c_1d_int");
  const Right right = consumed(layout);
  std::string bytes = elements_of(layout).value();
  const auto of = [&](const std::string& shown) {
    return found(right, at(0, [&](Consumed& c) { show_bytes(c, layout, shown); }));
  };
  bytes[8] = 7;
  bytes[12] = 9;
  EXPECT_EQ(of(bytes), "byte 8 is 7, expected 2");
  EXPECT_EQ(of(bytes.substr(1)), "23 bytes");
  EXPECT_EQ(of(std::string(24, static_cast<char>(released_byte))),
            "byte 0 is 219, expected 0, as if the memory was read after its release");
}

TEST(JudgeSentences, ReleasesThatAreMissingOrTooManyAreNamedByTheirRequest) {
  const auto releases = [](std::size_t requests, int flags, int count, long kept) {
    Right right = consumed("c_2d_int").with([=](Consumed& c) { c.requests.assign(requests, {flags, true, count, 0}); });
    right.consumed(3).references_kept = kept;
    return right.judged();
  };
  const Judgement missing = releases(300, ND, 0, static_cast<long>(max_logged_requests));
  ASSERT_EQ(missing.violations.size(), 1U) << testing::PrintToString(missing);
  EXPECT_EQ(missing.violations[0].found, "the view granted for ND was not released, nor were 255 others");
  const Judgement twice = releases(1, STRIDES, 2, -1);
  ASSERT_EQ(twice.violations.size(), 1U) << testing::PrintToString(twice);
  EXPECT_EQ(twice.violations[0].found, "the view granted for STRIDES was released twice");
  EXPECT_EQ(twice.violations[0].step, 0U);
}

}  // namespace
}  // namespace bufspec::oracle
