// Does the judge keep silent about an exporter that was built from a declared layout and words the same memory otherwise?
// What is never followed may be anything: strides of extents of 1 and of empty memory, suboffsets below 0; strides that are
// absent may be there, and a format has many texts.  Nothing but the layout is known: there is no richest answer.
#include <iostream>

#include "bufspec/format.hpp"
#include "bufspec/layout.hpp"
#include "properties.hpp"
#include "right_trace.hpp"
#include "suites/library/trace.hpp"

namespace bufspec::oracle {
namespace {

struct Wording {
  const char* what;
  Layout layout;
};

bool is_empty(const Layout& layout) {
  return std::find(layout.shape.begin(), layout.shape.begin() + layout.ndim, 0) != layout.shape.begin() + layout.ndim;
}

bool has_pointer(const Layout& layout) { return has_indirection(geometry_of(layout)); }

// Strides that no element's address depends on, each as `stride` gives it.
template <typename Stride>
Layout with_free_strides(Layout layout, const Stride& stride) {
  for (std::size_t i = 0; i < dimensions(layout); ++i)
    if (layout.shape[i] <= 1 || is_empty(layout)) layout.strides[i] = stride(i);
  return layout;
}

std::vector<Wording> wordings(const Layout& layout) {
  std::vector<Wording> found;
  Layout filled = layout;
  if (!filled.has_strides) {
    filled.has_strides = true;
    (void)fill_contiguous_strides({filled.shape.data(), dimensions(filled)}, filled.itemsize, 'C',
                                  {filled.strides.data(), dimensions(filled)});
    found.push_back({"strides of C order given", filled});
  }
  // The stride of a dimension whose pointers are followed counts also for an extent of 1: 0 is always right there.
  Extents canonical{};
  (void)fill_contiguous_strides({layout.shape.data(), dimensions(layout)}, layout.itemsize, 'C',
                                {canonical.data(), dimensions(layout)});
  if (!has_pointer(layout)) {
    found.push_back(
        {"C order where it is free", with_free_strides(filled, [&](std::size_t i) { return canonical[i]; })});
    found.push_back({"far away where it is free", with_free_strides(filled, [](std::size_t) { return ssize{7777}; })});
    found.push_back({"backwards where it is free", with_free_strides(filled, [](std::size_t) { return ssize{-8}; })});
    if (is_contiguous(geometry_of(layout), 'C')) {
      Layout absent = layout;
      absent.has_strides = false;
      absent.offset = 0;
      found.push_back({"strides absent", absent});
    }
    Layout negative = filled;
    negative.has_suboffsets = true;
    negative.suboffsets.fill(-1);
    found.push_back({"suboffsets below 0", negative});
  }
  for (const std::string& text : {"@" + layout.format, "=" + layout.format, layout.format + " "}) {
    Layout same = filled;
    same.format = text;
    if (formats_equal(text, layout.format)) found.push_back({"the format in other words", same});
  }
  return found;
}

// The complete words, and some with bits that make no flag.
std::vector<int> words_to_ask() {
  std::vector<int> words = tables().canonical_words();
  words.insert(words.end(), {0x002, 0x010, 0x100, 0x118, 0x200, 0x3ff});
  return words;
}

// What is wrong with the answers of an exporter of `built` by what `declared` says; empty if nothing is.
std::string alarms(const Layout& declared, const Layout& built, const std::vector<int>& words, Edition edition) {
  Scenario scenario = engine::asking(built, words, edition);
  auto made = engine::trace_on_reference(scenario);
  if (!made) return {};  // it would not have been handed over
  Trace& trace = *made;
  scenario.layout = declared;
  trace.richest.reset();
  for (StepRecord& record : trace.steps)
    if (record.answer) record.answer->elements = SameElements::not_compared;
  const Judgement judgement = judge(scenario, trace);
  std::string text;
  for (const Violation& one : judgement.violations) {
    text += flags_name(scenario.steps[one.step].flags) + ": " + describe(one) + "; ";
    if (text.size() > 400) break;
  }
  return text;
}

TEST(JudgeWordings, AnotherWordingOfANamedLayoutIsTheSameMemory) {
  const std::vector<int> words = words_to_ask();
  std::size_t built = 0;
  for (const LayoutRow& row : tables().layouts)
    for (const Wording& wording : wordings(row.layout)) {
      ++built;
      for (const Edition edition : {Edition::current, Edition::founding_2010}) {
        EXPECT_EQ(alarms(row.layout, wording.layout, words, edition), "") << row.name << ", " << wording.what;
        EXPECT_EQ(alarms(wording.layout, row.layout, words, edition), "") << row.name << ", from " << wording.what;
      }
    }
  std::cout << built << " other wordings judged\n";
}

RC_GTEST_PROP(JudgeWordings, AnotherWordingOfAnyLayoutIsTheSameMemory, ()) {
  const Layout layout = *layouts();
  const auto words = *rc::gen::container<std::vector<int>>(flag_words());
  for (const Wording& wording : wordings(layout)) {
    const std::string found = alarms(layout, wording.layout, words, Edition::current);
    if (!found.empty()) RC_FAIL(std::string(wording.what) + ": " + found);
  }
}

// The same machinery sees what is another memory.
TEST(JudgeWordings, AnotherMemoryIsSeen) {
  const std::vector<int> words = words_to_ask();
  for (const LayoutRow& row : tables().layouts) {
    Layout other = row.layout;
    other.itemsize += 1;
    other.block += 1 << 12;
    if (well_formed(other).ok()) {
      EXPECT_NE(alarms(row.layout, other, words, Edition::current), "") << row.name << ", itemsize";
    }
    if (row.layout.readonly) {
      other = row.layout;
      other.readonly = false;
      EXPECT_NE(alarms(row.layout, other, words, Edition::current), "") << row.name << ", writable";
    }
    if (row.layout.ndim < 1) continue;
    other = row.layout;
    ++other.shape[0];
    other.block += 1 << 12;
    if (well_formed(other).ok()) {
      EXPECT_NE(alarms(row.layout, other, words, Edition::current), "") << row.name << ", shape";
    }
  }
}

}  // namespace
}  // namespace bufspec::oracle
