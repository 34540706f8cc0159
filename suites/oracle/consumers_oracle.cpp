// What do consumers have to see, what do they see who read wrongly, and what does the judge make of it?
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "bufspec/exporter.hpp"
#include "bufspec/layout.hpp"
#include "bufspec/misreadings.hpp"
#include "consumer_habits.hpp"
#include "judge/right_trace.hpp"
#include "properties.hpp"
#include "table_side.hpp"

namespace bufspec::oracle {
namespace {

constexpr std::uintptr_t somewhere = 0x7f12'3456'7000;

Scenario consuming(const Layout& layout, std::uint32_t behaviours = 0) { return consumed(layout, behaviours).scenario; }

std::vector<ssize> places_in_block(const Layout& layout) {
  std::vector<ssize> places = element_offsets(layout, false);
  for (ssize& place : places) place += layout.offset;
  return places;
}

// The memory as layouts.yaml says that it is filled, where no pointers are in it.
std::string memory_by_table(const Layout& layout) {
  std::string memory(static_cast<std::size_t>(layout.block), '\xee');
  const std::vector<ssize> offsets = places_in_block(layout);
  for (std::size_t k = offsets.size(); k-- > 0;)
    element_bytes(static_cast<ssize>(k), {memory.data() + offsets[k], static_cast<std::size_t>(layout.itemsize)});
  return memory;
}

std::string elements_by_table(const Layout& layout) {
  const std::string memory = memory_by_table(layout);
  std::string elements;
  for (const ssize offset : places_in_block(layout))
    elements += memory.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(layout.itemsize));
  return elements;
}

bool is_direct(const LayoutRow& row) { return !row.layout.has_suboffsets; }

TEST(ConsumersOracle, ElementsLieWhereTheTablesSay) {
  for (const LayoutRow& row : tables().layouts) {
    if (!is_direct(row)) continue;
    EXPECT_EQ(elements_of(row.layout), elements_by_table(row.layout)) << row.name;
  }
}

TEST(ConsumersOracle, ElementsBehindPointersAreCounted) {
  for (const char* name : {"pil_1d", "pil_1d_suboffset", "pil_1d_reversed", "pil_2d_rows", "pil_2d_rows_sliced",
                           "pil_2d_rows_reversed", "pil_2d_inner", "pil_2d_both", "pil_3d_two_levels"}) {
    const Layout& layout = named(name);
    std::string expected;
    const auto count = element_count({layout.shape.data(), static_cast<std::size_t>(layout.ndim)}).value;
    for (ssize k = 0; k < count; ++k) {
      std::string element(static_cast<std::size_t>(layout.itemsize), '\0');
      element_bytes(k, element);
      expected += element;
    }
    EXPECT_EQ(elements_of(layout), expected) << name;
  }
}

void expect_told_apart(const Layout& layout, std::uintptr_t block) {
  const std::string right = elements_of(layout).value();
  std::set<std::string> seen{right};
  for (const auto& [way, bytes] : misreadings_of(layout, block)) {
    EXPECT_NE(way, Misreading::unknown);
    EXPECT_NE(way, Misreading::other_format);
    EXPECT_TRUE(seen.insert(bytes).second) << misreading_name(way) << " gives what another gives: " << describe(layout);
    Consumed consumed;
    show_bytes(consumed, layout, bytes, block);
    EXPECT_EQ(consumed.result, Compared::wrong);
    EXPECT_EQ(consumed.misreading, way) << describe(layout);
    EXPECT_EQ(consumed.difference, difference_of(right, bytes));
    EXPECT_FALSE(misreading_name(way).empty());
  }
}

TEST(ConsumersOracle, EveryMisreadingIsToldByWhatItGives) {
  for (const LayoutRow& row : tables().layouts)
    for (const std::uintptr_t block : {std::uintptr_t{0}, somewhere, somewhere + 1})
      expect_told_apart(row.layout, block);
}

// Whatever is read lies in the block, each item of it.
TEST(ConsumersOracle, MisreadingsStayInsideTheBlock) {
  for (const LayoutRow& row : tables().layouts) {
    if (!is_direct(row)) continue;
    const std::string memory = memory_by_table(row.layout);
    for (const auto& [way, bytes] : misreadings_of(row.layout, somewhere)) {
      if (way == Misreading::released || way == Misreading::byte_swapped) continue;
      const auto size = way == Misreading::of_itemsize ? 1 : static_cast<std::size_t>(row.layout.itemsize);
      for (std::size_t at = 0; at < bytes.size(); at += size)
        EXPECT_NE(memory.find(bytes.substr(at, size)), std::string::npos) << row.name << ' ' << misreading_name(way);
    }
  }
}

// The bytes that a careless reader of a memory with known content comes to.
TEST(ConsumersOracle, KnownWaysGiveWhatTheyGive) {
  const auto gives = [](std::string_view name, Misreading way, const std::string& bytes, std::uintptr_t block = 0) {
    const auto known = misreadings_of(named(name), block);
    const bool found = std::find(known.begin(), known.end(), std::pair{way, bytes}) != known.end();
    EXPECT_TRUE(found) << name << ' ' << misreading_name(way);
  };
  const auto ints = [](const std::vector<int>& values) {
    std::string bytes;
    for (const int value : values) bytes += std::string{static_cast<char>(value)} + std::string(3, '\0');
    return bytes;
  };
  const std::string gap(4, '\xee');
  gives("strided_1d", Misreading::linear, ints({0}) + gap + ints({1}) + gap);
  gives("f_2d_int", Misreading::linear, ints({0, 3, 1, 4, 2, 5}));
  gives("reversed_1d", Misreading::absolute_strides, ints({5, 4, 3, 2, 1, 0}));
  gives("c_2d_int", Misreading::fortran_order, ints({0, 3, 1, 4, 2, 5}));
  gives("c_2d_int", Misreading::fortran_order, ints({0, 2, 4, 1, 3, 5}));
  gives("c_1d_int", Misreading::of_itemsize, ints({0}) + std::string("\1\0", 2));
  gives("c_1d_int", Misreading::of_itemsize, std::string("\0\1\2\3\4\5", 6));
  gives("empty_1d_reversed", Misreading::empty, gap);
  gives("big_endian_1d", Misreading::byte_swapped, std::string("\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\3", 16));
  gives("structure_big_endian", Misreading::byte_swapped,
        std::string("\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\2\0\0\0\0\0\3\0\0", 24));
  gives("sub_block_one_row", Misreading::extent_one, gap + gap + gap);
  gives("unaligned_1d", Misreading::aligned, "\xee" + ints({0, 1, 2}).substr(0, 11));
  // Who follows the pointers and adds no suboffset begins 4 bytes early: in the second pointer, and in the row before.
  std::string upper_half;
  for (int byte = 4; byte < 8; ++byte) upper_half += static_cast<char>((somewhere + 20) >> (8 * byte));
  gives("pil_2d_rows_sliced", Misreading::without_suboffsets, upper_half + ints({0, 1, 2}), somewhere);
  gives("c_1d_int", Misreading::released, std::string(24, static_cast<char>(released_byte)));
}

TEST(ConsumersOracle, PointersAreTakenForElementsWhereTheyAre) {
  // Two tables of pointers, 16 bytes; the rows of 12 bytes are behind them.
  std::string pointers;
  for (const std::uintptr_t row : {somewhere + 16, somewhere + 28})
    for (int byte = 0; byte < 8; ++byte) pointers += static_cast<char>(row >> (8 * byte));
  const Layout& rows = named("pil_2d_rows");
  const std::string taken = pointers.substr(0, 12) + pointers.substr(8, 8) + std::string(4, '\0');
  const auto known = misreadings_of(rows, somewhere);
  EXPECT_TRUE(std::find(known.begin(), known.end(), std::pair{Misreading::without_suboffsets, taken}) != known.end());
  for (const auto& [way, bytes] : misreadings_of(rows)) EXPECT_NE(way, Misreading::without_suboffsets);
  Consumed consumed;
  show_bytes(consumed, rows, taken);
  EXPECT_EQ(consumed.misreading, Misreading::unknown) << "nobody knows where the block is";
  show_bytes(consumed, rows, taken, somewhere);
  EXPECT_EQ(consumed.misreading, Misreading::without_suboffsets);
}

TEST(ConsumersOracle, CapabilitiesFollowFromTheClass) {
  std::map<std::string, const ClassRow*, std::less<>> classes;
  for (const ClassRow& row : tables().classes) classes[row.name] = &row;
  for (const LayoutRow& row : tables().layouts) {
    const ClassRow& is = *classes.at(row.class_name);
    const unsigned needed = capabilities_needed(row.layout);
    const auto needs = [&](unsigned bit) { return (needed & bit) != 0; };
    EXPECT_EQ(needs(capability::contiguous), is.c_contiguous && !is.ambiguous_empty) << row.name;
    EXPECT_EQ(needs(capability::fortran), is.f_contiguous && !is.c_contiguous && !is.indirect) << row.name;
    EXPECT_EQ(needs(capability::indirect), is.indirect) << row.name;
    EXPECT_EQ(needs(capability::zero_dim), is.zero_dim) << row.name;
    EXPECT_EQ(needs(capability::empty), is.empty) << row.name;
    EXPECT_EQ(needs(capability::readonly), row.layout.readonly) << row.name;
    EXPECT_EQ(needs(capability::dimensions_64), row.layout.ndim == 64) << row.name;
    EXPECT_EQ(needs(capability::several_dims), row.layout.ndim > 1) << row.name;
    if (!is.indirect && !is.ambiguous_empty) {
      EXPECT_EQ(needs(capability::strided), !is.c_contiguous && !is.f_contiguous) << row.name;
    }
  }
  Layout impossible = named("c_1d_int");
  impossible.block = 0;
  EXPECT_EQ(capabilities_needed(impossible), capability::all);
}

TEST(ConsumersOracle, FormatsNeedWhatTheyAre) {
  const auto needed = [](const char* format, ssize itemsize) {
    Layout layout;
    layout.format = format;
    layout.itemsize = layout.block = itemsize;
    layout.ndim = 0;
    return capabilities_needed(layout) & (capability::items | capability::structures | capability::byte_order);
  };
  EXPECT_EQ(needed("B", 1), 0U);
  EXPECT_EQ(needed("@d", 8), capability::items);
  EXPECT_EQ(needed(">i", 4), capability::items | capability::byte_order);
  EXPECT_EQ(needed("<i", 4), capability::items | capability::byte_order);
  EXPECT_EQ(needed("2i", 8), capability::items | capability::structures);
  EXPECT_EQ(needed("Zd", 16), capability::items | capability::structures);
  EXPECT_EQ(needed("T{i:a:>h:b:}", 6), capability::items | capability::structures | capability::byte_order);
}

TEST(ConsumersOracle, NamesLeadBackToTheirBits) {
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1)
    EXPECT_EQ(behaviour_from(behaviour_name(bit)), bit) << behaviour_name(bit);
  EXPECT_EQ(behaviour_from("ends_at_page"), behaviour::ends_at_page);
  EXPECT_EQ(behaviour_from("lie_obj"), behaviour::lie_obj);
  EXPECT_EQ(behaviour_from("no_zero_byte"), behaviour::no_zero_byte);
  EXPECT_EQ(behaviour_from("refuses_all"), behaviour::refuses_all);
  EXPECT_EQ(behaviour_from("lies"), 0U);
  EXPECT_TRUE(behaviour_name(0).empty() && behaviour_name(3).empty());
  for (unsigned bit = 1; bit <= capability::all; bit <<= 1)
    EXPECT_EQ(capability_from(capability_name(bit)), bit) << capability_name(bit);
  EXPECT_EQ(capability_from("byte_order"), capability::byte_order);
  EXPECT_EQ(capability_from("all"), 0U);
  EXPECT_TRUE(capability_name(0).empty() && capability_name(3).empty());
  EXPECT_EQ(misreading_name(Misreading::unknown), "unknown");
  EXPECT_EQ(misreading_name(Misreading::other_format), "other_format");
}

TEST(ConsumersOracle, NoByteIsZeroWhereOurExporterSaysSo) {
  const auto held = [](std::string_view format, ssize itemsize, std::uint32_t behaviours) {
    Layout layout;
    layout.format = format;
    layout.itemsize = itemsize;
    layout.shape[0] = 4;
    layout.block = 4 * itemsize;
    layout.has_strides = false;
    return elements_of(layout, bytes_of_elements(behaviours, format)).value_or("?");
  };
  EXPECT_EQ(held("B", 1, behaviour::no_zero_byte), "1234");
  EXPECT_EQ(held("c", 1, behaviour::no_zero_byte), "1234");
  EXPECT_EQ(held("h", 2, behaviour::no_zero_byte), "\x81\x82\x82\x83\x83\x84\x84\x85");
  EXPECT_EQ(held("<h", 2, behaviour::no_zero_byte), held("h", 2, behaviour::no_zero_byte));
  EXPECT_EQ(held("i", 4, behaviour::no_zero_byte),
            std::string_view("\0\0\x81\x82\0\0\x82\x83\0\0\x83\x84\0\0\x84\x85", 16));
  for (const auto& [format, itemsize] : {std::pair{"?", 1}, std::pair{"2h", 4}, std::pair{"T{h:a:}", 2}})
    EXPECT_EQ(held(format, itemsize, behaviour::no_zero_byte), held(format, itemsize, 0)) << format;
  EXPECT_EQ(held("B", 1, behaviour::all & ~behaviour::no_zero_byte), std::string_view("\0\1\2\3", 4));
  Exporter exporter;
  Layout bytes;
  bytes.format = "B";
  bytes.shape[0] = bytes.block = 2;
  bytes.has_strides = false;
  ASSERT_TRUE(exporter.build(bytes, digit_bytes).ok() && exporter.resize(3).ok());
  EXPECT_EQ(std::string_view(exporter.buf(), 3), "123") << "what is resized holds what it held";
}

TEST(ConsumersOracle, OurExporterRefusesWhatItsBehaviourNames) {
  struct Refusal {
    std::uint32_t behaviour;
    bool (*concerns)(int word);
  };
  constexpr std::array refusals{
      Refusal{behaviour::refuses_all, [](int) { return true; }},
      Refusal{behaviour::refuses_writable, [](int word) { return (word & 0x001) != 0; }},
      Refusal{behaviour::refuses_format, [](int word) { return (word & 0x004) != 0; }},
      Refusal{behaviour::refuses_formatless, [](int word) { return (word & 0x004) == 0; }},
      Refusal{behaviour::refuses_flat, [](int word) { return (word & 0x008) == 0; }},
      Refusal{behaviour::refuses_strideless, [](int word) { return (word & 0x018) != 0x018; }},
      Refusal{behaviour::refuses_contiguity,
              [](int word) { return (word & 0x038) == 0x038 || (word & 0x058) == 0x058 || (word & 0x098) == 0x098; }},
  };
  for (int word = 0; word < 0x200; ++word) {
    EXPECT_FALSE(refuses(0, 0, 0, word)) << word;
    for (const Refusal& one : refusals)
      EXPECT_EQ(refuses(one.behaviour, 0, 0, word), one.concerns(word)) << behaviour_name(one.behaviour) << ' ' << word;
  }
  EXPECT_TRUE(refuses(0, 0b10, 1, 0));
  EXPECT_FALSE(refuses(0, 0b10, 0, 0));
  EXPECT_FALSE(refuses(0, 0xff, 8, 0));
}

TEST(ConsumersOracle, ScenariosSpellWhatOurExporterDoes) {
  Scenario scenario = consuming(named("f_2d_int"));
  const auto expect_kept = [&] { EXPECT_TRUE(decode(encode(scenario)) == scenario) << describe(scenario); };
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1) {
    scenario.behaviours = bit;
    expect_kept();
  }
  scenario.behaviours = behaviour::all;
  scenario.refused_requests = 0xa5;
  expect_kept();
  scenario.layout = named("dimensions_64_reversed");
  expect_kept();
  scenario.steps = {{StepKind::consume, 3, 0}, {StepKind::consume, 1, 0},      {StepKind::read, 3, 0},
                    {StepKind::release, 3, 0}, {StepKind::repeat, 0, 0, 9000}, {StepKind::threads, 0, 0, 7},
                    {StepKind::drop, 0, 0},    {StepKind::collect, 0, 0},      {StepKind::read, 1, 0}};
  expect_kept();
  scenario.target = Target::exporter;
  EXPECT_EQ(decode(encode(scenario)).behaviours, 0U) << "exporters are not asked by anything odd";
}

// So that what fails on one of them can be made smaller.
TEST(ConsumersOracle, NamedLayoutsSurviveTheirSpelling) {
  for (const LayoutRow& row : tables().layouts) {
    const Scenario again = decode(encode(consuming(row.layout)));
    EXPECT_EQ(again.layout->format, row.layout.format) << row.name;
    Layout expected = row.layout;
    if (elements_of(expected)->empty()) continue;  // absurd strides of nothing are cut
    expected.offset = again.layout->offset;  // so are wide margins
    expected.block = again.layout->block;
    EXPECT_TRUE(*again.layout == expected) << row.name << ": " << describe(again);
  }
}

TEST(ConsumersOracle, OneBehaviourGoesAtATime) {
  Scenario scenario = consuming(named("bytes_one_dim"), behaviour::poisoned | behaviour::fresh_block);
  scenario.refused_requests = 0b101;
  std::set<std::pair<std::uint32_t, int>> left;
  for (const Scenario& one : smaller(scenario))
    if (one.steps == scenario.steps && one.layout == scenario.layout)
      left.insert({one.behaviours, one.refused_requests});
  EXPECT_EQ(left, (std::set<std::pair<std::uint32_t, int>>{{0, 0},
                                                           {behaviour::poisoned, 0b101},
                                                           {behaviour::fresh_block, 0b101},
                                                           {scenario.behaviours, 0b001},
                                                           {scenario.behaviours, 0b100}}));
  EXPECT_NE(describe(scenario).find(", exporter fresh_block, poisoned, refusing request 0, 2: consume; look again"),
            std::string::npos)
      << describe(scenario);
}

TEST(ConsumersOracle, ManyCallsBecomeOne) {
  Scenario scenario = consuming(named("bytes_one_dim"));
  scenario.steps = {{StepKind::repeat, 0, 0, 5}};
  const std::vector<Step> once{{StepKind::consume}};
  const auto simpler = smaller(scenario);
  EXPECT_TRUE(std::any_of(simpler.begin(), simpler.end(), [&](const Scenario& one) { return one.steps == once; }));
}

TEST(ConsumersOracle, RightConsumersBreakNothingUnderAnyBehaviour) {
  for (const engine::ConsumerHabit& habit : consumer_habits())
    for (const LayoutRow& row : tables().layouts)
      for (int number = -1; number < 32; ++number) {
        const std::uint32_t bit = number < 0 ? 0 : std::uint32_t{1} << number;
        const Scenario scenario = consuming(row.layout, bit);
        const auto trace = trace_of_consumer(scenario, habit);
        ASSERT_TRUE(trace.has_value()) << row.name;
        EXPECT_EQ(broken(judge(scenario, *trace)), Rules{})
            << habit.name << ' ' << row.name << ' ' << behaviour_name(bit);
      }
}

RC_GTEST_PROP(ConsumersOracle, RightConsumersBreakNothingInAnyScenario, ()) {
  Scenario scenario = *scenarios();
  RC_PRE(scenario.target == Target::consumer);
  const engine::ConsumerHabit habit = *rc::gen::elementOf(consumer_habits());
  const auto trace = trace_of_consumer(scenario, habit);
  RC_PRE(trace.has_value());
  for (const Violation& one : judge(scenario, *trace).violations) RC_FAIL(bufspec::describe(one));
}

RC_GTEST_PROP(ConsumersOracle, MisreadingsOfAnyLayoutAreToldApart, ()) {
  const Layout layout = *layouts();
  const auto block = static_cast<std::uintptr_t>(*rc::gen::inRange(0, 4)) * 0x1001;
  const auto right = elements_of(layout);
  RC_PRE(right.has_value());
  std::set<std::string> seen{*right};
  for (const auto& [way, bytes] : misreadings_of(layout, block)) {
    RC_ASSERT(seen.insert(bytes).second);
    Consumed consumed;
    show_bytes(consumed, layout, bytes, block);
    RC_ASSERT(consumed.result == Compared::wrong && consumed.misreading == way);
  }
  Consumed consumed;
  show_bytes(consumed, layout, *right, block);
  RC_ASSERT(consumed.result == Compared::right);
}

}  // namespace
}  // namespace bufspec::oracle
