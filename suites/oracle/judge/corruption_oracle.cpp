// Whatever one field of a granted answer is changed to, the judge sees it, unless the rules leave that field free.
// Where they do is listed here, apart from the judge; an unlisted silence is a hole in it, a violation of a clean
// answer a false alarm.
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "bufspec/format.hpp"
#include "bufspec/layout.hpp"
#include "properties.hpp"
#include "right_trace.hpp"
#include "suites/library/trace.hpp"

namespace bufspec::oracle {
namespace {

enum class Field {
  buf,
  buf_offset,
  obj,
  len,
  itemsize,
  readonly,
  ndim,
  format,
  format_text,
  shape,
  shape_value,
  strides,
  stride_value,
  suboffsets,
  suboffset_value,
};
constexpr int field_count = 15;

// What is drawn for one change.
struct Change {
  Field field = Field::buf;
  ssize value = 0;
  std::size_t dimension = 0;
  Pointer pointer = Pointer::null;
  Owner owner = Owner::null;
  SameElements elements = SameElements::not_compared;
  std::string text;
};

template <typename Number>
Number drawn(Number low, Number high) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Number>(low, high));
}

Change drawn_change() {
  Change change;
  change.field = static_cast<Field>(drawn(0, field_count));
  change.value = drawn<ssize>(-70, 70);
  change.dimension = drawn<std::size_t>(0, 4);
  change.pointer = static_cast<Pointer>(drawn(0, 4));
  change.owner = static_cast<Owner>(drawn(0, 5));
  change.elements = static_cast<SameElements>(drawn(0, 3));
  change.text = *rc::gen::element<std::string>("B", "i", "=i", "@i", "<i", "I", "h", "2h", "4s", "", "?", "x!",
                                               "T{<h:u:<h:v:}", "d");
  return change;
}

// Makes the change; false if the answer is then the same as before.
bool apply(const Change& change, Answer& answer, const Answer& richest) {
  View& view = answer.view;
  const auto set = [](auto& place, auto value) {
    const bool differs = place != value;
    place = value;
    return differs;
  };
  const auto set_array = [&](Pointer& place, Extents& values, const Extents& full) {
    if (place != Pointer::readable && change.pointer == Pointer::readable) values = full;  // as true as can be
    return set(place, change.pointer);
  };
  const auto set_value = [&](Pointer place, Extents& values) {
    if (place != Pointer::readable || change.dimension >= static_cast<std::size_t>(std::max(view.ndim, 0)))
      return false;
    return set(values[change.dimension], change.value);
  };
  const View& full = richest.view;
  Extents no_pointers;
  no_pointers.fill(-1);
  switch (change.field) {
    case Field::buf:
      return set(view.buf, change.pointer);
    case Field::buf_offset:
      answer.elements = change.elements;
      return set(view.buf_offset, change.value);
    case Field::obj:
      return set(view.obj, change.owner);
    case Field::len:
      return set(view.len, view.len + change.value);
    case Field::itemsize:
      return set(view.itemsize, change.value);
    case Field::readonly:
      return set(view.readonly, static_cast<int>(change.value % 3));
    case Field::ndim:
      return set(view.ndim, static_cast<int>(change.value));
    case Field::format:
      if (view.format != Pointer::readable && change.pointer == Pointer::readable) view.format_text = full.format_text;
      return set(view.format, change.pointer);
    case Field::format_text:
      if (view.format != Pointer::readable || view.format_text.text() == change.text) return false;
      view.format_text.assign(change.text);
      return true;
    case Field::shape:
      return set_array(view.shape, view.shape_values, full.shape_values);
    case Field::shape_value:
      return set_value(view.shape, view.shape_values);
    case Field::strides:
      return set_array(view.strides, view.strides_values, full.strides_values);
    case Field::stride_value:
      return set_value(view.strides, view.strides_values);
    case Field::suboffsets:
      return set_array(view.suboffsets, view.suboffsets_values,
                       full.suboffsets == Pointer::readable ? full.suboffsets_values : no_pointers);
    case Field::suboffset_value:
      return set_value(view.suboffsets, view.suboffsets_values);
  }
  return false;
}

struct Situation {
  const Layout& layout;
  int word;
  Edition edition;
};

// Why the rules allow a granted answer with this change; empty if they do not.
std::string freedom(const Change& change, const Answer& changed, const Situation& in) {
  const View& view = changed.view;
  const std::size_t n = static_cast<std::size_t>(in.layout.ndim);
  const bool is_empty = std::find(in.layout.shape.begin(), in.layout.shape.begin() + in.layout.ndim, 0) !=
                        in.layout.shape.begin() + in.layout.ndim;
  const bool is_2010 = in.edition == Edition::founding_2010;
  switch (change.field) {
    case Field::buf:
      return view.len == 0 ? "no element is there to be found" : "";
    case Field::buf_offset:
      return changed.elements != SameElements::different ? "another block, not shown to hold other elements" : "";
    case Field::obj:
      if (is_2010) return "obj is not described in the founding document";
      return change.owner == Owner::exporter || change.owner == Owner::other ? "another owner may answer" : "";
    case Field::ndim:
      if (has(in.word, flag::ND)) return "";
      return view.ndim == 0 || view.ndim == 1 || view.ndim == in.layout.ndim ? "a reading of ndim without ND" : "";
    case Field::format_text:
      return formats_equal(view.format_text.text(), in.layout.format) ? "the same format in other words" : "";
    case Field::shape:
      return is_2010 && n == 0 && has(in.word, flag::ND) ? "without dimensions shape is not described" : "";
    case Field::strides:
      return is_2010 && n > 0 && !has(in.word, flag::STRIDES) ? "strides that were not asked for are free" : "";
    case Field::stride_value:
      if (is_empty) return "no stride is followed in empty memory";
      return in.layout.shape[change.dimension] == 1 ? "the stride of an extent of 1 is never followed" : "";
    case Field::suboffsets:
      // Indirect memory owes them to INDIRECT alone.
      return is_2010 && n > 0 && !(has(in.word, flag::INDIRECT) && has_indirection(geometry_of(in.layout)))
                 ? "suboffsets that are not needed are free"
                 : "";
    case Field::suboffset_value: {
      if (is_empty) return "no pointer is followed in empty memory";
      const ssize known = in.layout.has_suboffsets ? in.layout.suboffsets[change.dimension] : -1;
      return known < 0 && change.value < 0 ? "of entries below 0 one is like another" : "";
    }
    default:
      return "";
  }
}

constexpr int changes_of_an_answer = 8;

TEST(JudgeCorruption, OfOneFieldIsSeenOrAllowed) {
  std::size_t seen = 0;
  std::size_t allowed = 0;
  const bool holds = rc::check("a changed answer is a violation, or the change is listed as free", [&] {
    const Layout layout = *layouts();
    const int word = *flag_words();
    const Edition edition = *rc::gen::arbitrary<bool>() ? Edition::founding_2010 : Edition::current;
    const bool is_declared = *rc::gen::arbitrary<bool>();
    const Right right = right_trace(engine::asking(layout, {word}, edition, is_declared), layout);
    if (!right.judged().clean()) RC_FAIL("a false alarm:" + bufspec::describe(right.judged()));
    RC_PRE(right.trace.steps.at(0).answer->granted);
    for (int i = 0; i < changes_of_an_answer; ++i) {
      Right changed = right;
      const Change change = drawn_change();
      if (!apply(change, changed.answer(), *changed.trace.richest)) continue;
      const Judgement after = changed.judged();
      const std::string reason = freedom(change, changed.answer(), {layout, word, edition});
      RC_LOG() << "word " << flags_name(word) << ", field " << static_cast<int>(change.field) << ", value "
               << change.value << ", free: " << reason << ", judged:" << bufspec::describe(after) << '\n';
      RC_ASSERT(after.clean() == !reason.empty());
      ++(after.clean() ? allowed : seen);
    }
  });
  EXPECT_TRUE(holds);
  std::printf("%zu changes seen, %zu allowed\n", seen, allowed);
  EXPECT_GT(seen, allowed);
}

}  // namespace
}  // namespace bufspec::oracle
