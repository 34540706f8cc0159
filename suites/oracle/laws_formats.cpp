// Laws of formats, as properties of the reference.
#include "bufspec/format.hpp"
#include "oracle.hpp"
#include "properties.hpp"

namespace bufspec::oracle {
namespace {

// Elements without number are told apart only by their text: formats_equal() stops counting somewhere.
bool is_countable(std::string_view text) { return text.find("1099511627776") == std::string_view::npos; }

bool is_power_of_two(ssize number) { return number > 0 && (number & (number - 1)) == 0; }

// No code begins at a place that its alignment forbids, and only '@' moves one.
RC_GTEST_PROP(Laws, SizesAgreeWithAlignment, ()) {
  const std::string text = text_of(*format_trees(tables()));
  const Result<FormatSize> whole = format_size(text);
  RC_PRE(whole.ok());
  RC_ASSERT(is_power_of_two(whole.value.alignment));
  const Result<Format> parsed = parse_format(text);
  RC_ASSERT(parsed.ok());
  RC_ASSERT(parsed.value.whole == whole.value);
  ssize end = 0;
  for (std::size_t i = 0; i < parsed.value.items.size(); i = parsed.value.items[i].end) {
    const FormatItem& item = parsed.value.items[i];
    RC_ASSERT(item.end > i);
    RC_ASSERT(item.offset >= end || item.kind == FormatKind::bits);
    end = item.offset;
    if (item.kind != FormatKind::bits && item.count > 0) {
      end += (item.count - 1) * item.stride + item.size;
      RC_ASSERT(item.stride >= item.size);
    }
    RC_ASSERT(end <= whole.value.size);
  }
}

RC_GTEST_PROP(Laws, TheWiderGrammarContainsTheSmaller, ()) {
  const std::string text = text_of(*struct_format_trees(tables()));
  const Result<ssize> size = size_from_format(text, 0x030f0000);
  RC_PRE(size.ok() && text.size() < max_format_length);
  const Result<FormatSize> wide = format_size(text);
  RC_ASSERT(wide.ok());
  RC_ASSERT(wide.value.size == size.value);
}

RC_GTEST_PROP(Laws, WhiteSpaceBetweenItemsSaysNothing, ()) {
  FormatTree tree = *format_trees(tables());
  const std::string text = text_of(tree);
  for (FormatTree::Item& item : tree.items) item.space_behind = !item.space_behind;
  const std::string other = text_of(tree);
  RC_ASSERT(format_size(text).ok() == format_size(other).ok());
  RC_ASSERT(format_size(text).value == format_size(other).value);
  if (format_size(text).ok() && is_countable(text)) RC_ASSERT(formats_equal(text, other));
}

RC_GTEST_PROP(Laws, NamesSayNothingOfTheValues, ()) {
  FormatTree tree = *format_trees(tables());
  const std::string text = text_of(tree);
  RC_PRE(format_size(text).ok());
  for (FormatTree::Item& item : tree.items) item.name = item.name.empty() ? "other" : "";
  RC_ASSERT(format_size(text_of(tree)).value == format_size(text).value);
  if (is_countable(text)) RC_ASSERT(formats_equal(text, text_of(tree)));
}

RC_GTEST_PROP(Laws, EqualFormatsAreSoFromBothSides, ()) {
  const std::string left = text_of(*format_trees(tables()));
  const std::string right = text_of(*format_trees(tables()));
  RC_ASSERT(formats_equal(left, right) == formats_equal(right, left));
  RC_ASSERT(formats_equal(left, left) == format_size(left).ok());
  if (formats_equal(left, right)) RC_ASSERT(format_size(left).value.size == format_size(right).value.size);
}

RC_GTEST_PROP(Laws, ACountIsARepetition, ()) {
  const auto number = *rc::gen::inRange<std::size_t>(0, tables().codes.size());
  const FormatCodeRow& row = tables().codes[number];
  RC_PRE(row.code != "&");
  const auto count = *rc::gen::inRange<std::size_t>(1, 6);
  std::string repeated;
  for (std::size_t i = 0; i < count; ++i) repeated += row.code;
  const std::string counted = std::to_string(count) + row.code;
  RC_ASSERT(format_size(counted).value.size == format_size(repeated).value.size);
  RC_ASSERT(formats_equal(counted, repeated) == (!row.counts_length || count == 1));
}

}  // namespace
}  // namespace bufspec::oracle
