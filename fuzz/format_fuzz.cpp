// Format strings nobody thought of: are both grammars total, and do all functions of format.hpp agree?
// The input is one text, or two with a line feed between them; it asks one question, which its bytes choose.  Needs no
// subject; judges the reference alone.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bufspec/format.hpp"
#include "chosen.hpp"
#include "property.hpp"

namespace {

using bufspec::fuzz::Chosen;
using bufspec::fuzz::must_hold;

bool is_power_of_two(bufspec::ssize value) { return value > 0 && (value & (value - 1)) == 0; }

// Items of one level lie behind each other inside `whole`, and children end inside their parent's range.
void check_items(const bufspec::Format& format) {
  const std::size_t count = format.items.size();
  for (std::size_t i = 0; i < count; ++i) {
    const bufspec::FormatItem& item = format.items[i];
    must_hold(item.end > i && item.end <= count, "children of an item follow it in the list");
    must_hold(item.size >= 0 && item.offset >= 0 && item.count >= 0 && item.stride >= 0,
              "sizes, offsets and counts of an item are not negative");
  }
  for (std::size_t i = 0; i < count; i = format.items[i].end)
    must_hold(format.items[i].offset <= format.whole.size, "a member begins inside the item");
}

// A count, and a sub-array of that extent, repeat the first item alike; not of codes of which a count is the length.
void check_counts(std::string_view text, const char* count) {
  constexpr std::string_view repeated = "xcbB?hHiIlLqQnNefdgOPT&";
  constexpr std::size_t longest = 256;
  if (text.empty() || text.size() > longest || repeated.find(text.front()) == repeated.npos) return;
  const auto counted = bufspec::format_size(count + std::string(text));
  const auto shaped = bufspec::format_size("(" + std::string(count) + ")" + std::string(text));
  must_hold(counted.ok() == shaped.ok(), "a count and a sub-array are accepted alike");
  must_hold(!counted.ok() || counted.value == shaped.value, "a count and a sub-array have the same size");
}

void check_parsed(std::string_view text) {
  const auto size = bufspec::format_size(text);
  const auto parsed = bufspec::parse_format(text);
  must_hold(size.ok() == parsed.ok(), "format_size and parse_format accept the same texts");
  if (!size.ok()) return;
  must_hold(size.value == parsed.value.whole, "format_size and parse_format find the same size");
  must_hold(size.value.size >= 0, "a size is not negative");
  must_hold(is_power_of_two(size.value.alignment), "an alignment is a power of two");
  check_items(parsed.value);
}

void check_struct(std::string_view text) {
  const auto struct_size = bufspec::size_from_format(text);
  const bool is_single = bufspec::is_native_single(text);
  if (!struct_size.ok() && !is_single) return;
  const auto size = bufspec::format_size(text);
  if (struct_size.ok()) {
    must_hold(struct_size.value >= 0, "a struct size is not negative");
    // The struct grammar knows no limit on items.
    must_hold(text.size() > bufspec::max_format_items || (size.ok() && size.value.size == struct_size.value),
              "PEP 3118 contains the struct grammar");
  }
  if (is_single) {
    must_hold(size.ok(), "what a memoryview reads is a PEP 3118 format");
    must_hold(size.value.size > 0 && size.value.size <= 16, "a native element is one to sixteen bytes");
  }
}

void check_one(std::string_view text, Chosen& chosen) {
  switch (chosen.one_of(8)) {
    case 0:
      return check_counts(text, chosen.one_of(2) == 0 ? "0" : "3");
    case 1:
      return must_hold(bufspec::formats_equal(text, text) == bufspec::format_size(text).ok(),
                       "a format that parses equals itself");
    case 2:
    case 3:
      return check_parsed(text);
    default:
      return check_struct(text);
  }
}

// Equality of such texts is looked for over many repetitions.
bool has_long_count(std::string_view text) {
  std::size_t digits = 0;
  for (const char letter : text) {
    digits = letter >= '0' && letter <= '9' ? digits + 1 : 0;
    if (digits > 2) return true;
  }
  return false;
}

void check_two(std::string_view left, std::string_view right) {
  const bool equal = bufspec::formats_equal(left, right);
  must_hold(equal == bufspec::formats_equal(right, left), "equality of formats has no direction");
  if (equal) {
    must_hold(bufspec::format_size(left).value.size == bufspec::format_size(right).value.size,
              "equal formats have equal sizes");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes{data, size};
  Chosen chosen(bytes);
  std::string_view text{reinterpret_cast<const char*>(data), size};
  // Few of the long texts are read to their ends.
  constexpr std::size_t usual = 24;
  if (size > usual && chosen.one_of(16) != 0) text = text.substr(0, usual);
  const std::size_t line_feed = text.find('\n');
  if (line_feed != std::string_view::npos && chosen.one_of(2) == 0 && (!has_long_count(text) || chosen.one_of(64) == 0))
    check_two(text.substr(0, line_feed), text.substr(line_feed + 1));
  else
    check_one(text.substr(0, line_feed), chosen);
  return 0;
}
