// Are formats as large, and aligned, as the rows of the format table add up to?
// Complete over short formats of every code, count and order in both grammars; deeper ones are drawn by properties.
#include <iostream>

#include "bufspec/format.hpp"
#include "bufspec/requests.hpp"
#include "oracle.hpp"
#include "properties.hpp"
#include "table_side.hpp"

namespace bufspec::oracle {
namespace {

constexpr std::array<std::uint32_t, 4> runtimes{0x030b0000, 0x030d0000, 0x030e0000, 0x030f0000};

// What differs between the reference and the rows on one format, or nothing.
std::string difference(const FormatTree& tree) {
  const std::string text = text_of(tree);
  for (const std::uint32_t runtime : runtimes) {
    const Result<ssize> found = size_from_format(text, runtime);
    const std::optional<ssize> owed = struct_size(tables(), tree, runtime);
    if (found.ok() != owed.has_value() || (owed && found.value != *owed) ||
        (!owed && found.error != Error::struct_error))
      return '"' + text + "\", struct grammar: expected " + (owed ? std::to_string(*owed) : "StructError") +
             ", found " + (found.ok() ? std::to_string(found.value) : std::string(error_name(found.error)));
  }
  const Result<FormatSize> found = format_size(text);
  const std::optional<TableFormatSize> owed = pep3118_size(tables(), tree);
  const auto shown = [](ssize size, ssize alignment) {
    return std::to_string(size) + " aligned to " + std::to_string(alignment);
  };
  if (found.ok() != owed.has_value() || (!owed && found.error != Error::struct_error) ||
      (owed && (found.value.size != owed->size || found.value.alignment != owed->alignment)))
    return '"' + text + "\", grammar of PEP 3118: expected " +
           (owed ? shown(owed->size, owed->alignment) : "StructError") + ", found " +
           (found.ok() ? shown(found.value.size, found.value.alignment) : std::string(error_name(found.error)));
  return "";
}

TEST(FormatOracle, ShortFormatsAreAsLargeAsTheRowsSay) {
  Disagreements disagreements;
  std::size_t compared = 0;
  std::vector<const FormatOrderRow*> orders{nullptr};
  for (const FormatOrderRow& row : tables().orders) orders.push_back(&row);
  const std::vector<std::optional<ssize>> counts{std::nullopt, 0, 1, 3};
  const auto compare = [&](const FormatTree& tree) {
    ++compared;
    if (const std::string what = difference(tree); !what.empty()) disagreements.add(what);
  };
  FormatTree tree;
  compare(tree);
  tree.items.resize(2);
  for (const FormatOrderRow* first_order : orders) {
    for (const FormatCodeRow& first : tables().codes) {
      if (first.code == "&") continue;
      for (const auto& first_count : counts) {
        tree.items[0] = {};
        tree.items[0].order = first_order;
        tree.items[0].code = &first;
        tree.items[0].count = first_count;
        compare({{tree.items[0]}});
        for (const FormatCodeRow& second : tables().codes) {
          if (second.code == "&") continue;
          for (const auto& second_count : counts) {
            tree.items[1] = {};
            tree.items[1].code = &second;
            tree.items[1].count = second_count;
            compare(tree);
          }
          for (const FormatOrderRow* second_order : orders) {
            tree.items[1].order = second_order;
            tree.items[1].count.reset();
            compare(tree);
          }
        }
      }
    }
  }
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
  std::cout << "complete up to this bound: " << compared << " formats of up to two codes, each in two grammars\n";
}

RC_GTEST_PROP(FormatOracle, FormatsOfAnyDepthAreAsLargeAsTheRowsSay, ()) {
  const FormatTree tree = *format_trees(tables());
  const std::string what = difference(tree);
  RC_ASSERT(what == "");
}

RC_GTEST_PROP(FormatOracle, StructFormatsAreAsLargeAsTheRowsSay, ()) {
  const FormatTree tree = *struct_format_trees(tables());
  const std::string what = difference(tree);
  RC_ASSERT(what == "");
}

TEST(FormatOracle, CountsRepeatOrAreLengthsAsTheRowsSay) {
  for (const FormatCodeRow& row : tables().codes) {
    if (row.code == "&" || row.code == "t") continue;
    const Result<Format> found = parse_format("3" + row.code);
    ASSERT_TRUE(found.ok()) << row.code << ": " << found.reason;
    ASSERT_EQ(found.value.items.size(), 1U) << row.code;
    const FormatItem& item = found.value.items[0];
    EXPECT_EQ(item.count, row.counts_length ? 1 : 3) << row.code;
    EXPECT_EQ(item.size, *row.native_size * (row.counts_length ? 3 : 1)) << row.code;
  }
  for (const FormatCodeRow& row : tables().codes) {
    if (row.code != "t") continue;
    EXPECT_TRUE(row.counts_length);
    EXPECT_EQ(parse_format("3t").value.items.at(0).size, 3);
  }
}

TEST(FormatOracle, BytesLieInTheOrderOfTheRows) {
  for (const FormatOrderRow& row : tables().orders) {
    const Result<Format> found = parse_format(row.prefix + "h");
    ASSERT_TRUE(found.ok()) << row.prefix;
    const ByteOrder owed = row.byte_order == "big" ? ByteOrder::big : ByteOrder::little;
    EXPECT_TRUE(row.byte_order == "big" || row.byte_order == "little" || row.byte_order == "native") << row.byte_order;
    EXPECT_EQ(found.value.items[0].order, owed) << row.prefix;
  }
}

TEST(FormatOracle, MemoryviewReadsTheCodesOfTheRows) {
  for (const FormatCodeRow& row : tables().codes) {
    for (const std::uint32_t runtime : {0x030b0000U, 0x030c0000U, 0x030d0000U, 0x030e0000U, 0x030f0000U}) {
      const bool owed = row.memoryview_element && runtime >= row.memoryview_since;
      EXPECT_EQ(is_native_single(row.code, runtime), owed) << row.code << " on " << std::hex << runtime;
      EXPECT_EQ(is_native_single('@' + row.code, runtime), owed) << '@' << row.code << " on " << std::hex << runtime;
      EXPECT_FALSE(is_native_single('<' + row.code, runtime)) << '<' << row.code;
      EXPECT_FALSE(is_native_single("2" + row.code, runtime)) << '2' << row.code;
    }
  }
}

TEST(FormatOracle, CharactersWithoutARowAreNoCodes) {
  for (int letter = 0; letter < 256; ++letter) {
    const std::string text(1, static_cast<char>(letter));
    bool listed = std::isspace(letter) != 0 && letter < 128;
    for (const FormatCodeRow& row : tables().codes) listed = listed || row.code == text;
    for (const FormatOrderRow& row : tables().orders) listed = listed || row.prefix == text;
    if (listed && text != "&") continue;
    EXPECT_FALSE(format_size(text).ok()) << "character " << letter;
    EXPECT_FALSE(size_from_format(text).ok()) << "character " << letter;
    EXPECT_EQ(size_from_format(text).error, letter < 128 ? Error::struct_error : Error::value_error) << letter;
  }
}

TEST(FormatOracle, FormatsAreEqualByWhatTheyDescribe) {
  const auto expect = [](std::string_view left, std::string_view right, bool owed) {
    EXPECT_EQ(formats_equal(left, right), owed) << left << " and " << right;
    EXPECT_EQ(formats_equal(right, left), owed) << right << " and " << left;
  };
  // Bits by their places, padding by the places that it leaves.
  expect("3t5t", "5t3t", false);
  expect("3t", "5t", false);
  expect("3t0t5t", "3t5t", true);
  expect("(2)4t", "4t4t", true);
  expect("(3)4t", "4t4t4t", true);
  expect("(5)4t", "4t4t4t4t4t", true);
  expect("bxxxi", "bi", true);
  expect("bxi", "bi", true);
  expect("xb", "bx", false);
  expect("xx", "2x", true);
  expect("0i", "", true);
  expect("0ib", "b", true);
  // What does not parse equals nothing, itself neither.
  for (const char* wrong : {"k", "T{", "3", "(2"}) {
    expect(wrong, "", false);
    expect(wrong, "i", false);
    expect(wrong, wrong, false);
  }
  // Pointers by what they point to, structures by their members.
  expect("&i", "&i:a:", true);
  expect("&i", "&h", false);
  expect("&i", "P", false);
  expect("&2i", "&ii", false);
  expect("&(2)i", "&2i", true);
  expect("&T{ii}", "&T{2i}", true);
  expect("&T{ih}", "&T{hi}", false);
  expect("T{i:a:h:b:}", "ih", true);
  expect("2T{hh}", "4h", true);
  expect("2T{ih}", "ihih", true);
  expect("T{T{b}T{b}}", "bb", true);
  expect("T{}i", "i", true);
  expect("2T{}", "T{}", true);
  expect("0T{i}b", "b", true);
  // Kind, size and byte order of each element.
  expect("(2,3)<h", "<6h", true);
  expect("<h", ">h", false);
  expect("<b", ">b", true);
  expect("Zf", "F", true);
  expect("Zf", "ff", false);
  expect("Zd", "2d", false);
  expect("i", "f", false);
  expect("q", "l", true);
  expect("3s", "2sc", false);
  expect("3s3s", "2(1)3s", true);
  expect("u", "w", false);
  expect("O", "P", false);
  expect("X{}", "P", false);
  expect("X{}", "X{i->i}", true);
}

TEST(FormatOracle, LimitsHoldToTheLast) {
  EXPECT_TRUE(format_size(std::string(max_format_length, ' ')).ok());
  EXPECT_EQ(format_size(std::string(max_format_length + 1, ' ')).error, Error::struct_error);
  const auto nested = [](int depth, const char* open, const char* close) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += open;
    text += 'b';
    for (int i = 0; i < depth; ++i) text += close;
    return text;
  };
  for (const auto& [open, close] : {std::pair{"T{", "}"}, std::pair{"&", ""}, std::pair{"X{", "}"}}) {
    EXPECT_TRUE(format_size(nested(max_format_depth, open, close)).ok()) << open;
    EXPECT_EQ(format_size(nested(max_format_depth + 1, open, close)).error, Error::struct_error) << open;
  }
  EXPECT_TRUE(parse_format(std::string(max_format_items, 'b')).ok());
  EXPECT_EQ(parse_format(std::string(max_format_items + 1, 'b')).error, Error::struct_error);
}

// The syntax shown for a construct is read by the grammars that have it.
TEST(FormatOracle, ConstructsBelongToTheirGrammar) {
  std::vector<std::string> names;
  for (const FormatConstructRow& row : tables().constructs) names.push_back(row.construct);
  EXPECT_EQ(names, (std::vector<std::string>{"count", "space", "structure", "name", "subarray", "pointer", "function",
                                             "bits", "complex"}));
  for (const FormatConstructRow& row : tables().constructs) {
    EXPECT_TRUE(format_size(row.syntax).ok()) << row.construct << ": " << row.syntax;
    EXPECT_TRUE(row.grammar == "struct" || row.grammar == "pep3118") << row.construct;
    EXPECT_EQ(size_from_format(row.syntax, 0x030d0000).ok(), row.grammar == "struct")
        << row.construct << ": " << row.syntax;
  }
}

}  // namespace
}  // namespace bufspec::oracle
