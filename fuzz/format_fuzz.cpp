// Format strings nobody thought of: are both grammars total, and do all functions of format.hpp agree?
// The input is one text, or two with a line feed between them.  Needs no subject; judges the reference alone.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bufspec/format.hpp"
#include "property.hpp"

namespace {

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
void check_counts(std::string_view text) {
  constexpr std::string_view repeated = "xcbB?hHiIlLqQnNefdgOPT&";
  constexpr std::size_t longest = 256;
  if (text.empty() || text.size() > longest || repeated.find(text.front()) == repeated.npos) return;
  for (const char* count : {"0", "3"}) {
    const auto counted = bufspec::format_size(count + std::string(text));
    const auto shaped = bufspec::format_size("(" + std::string(count) + ")" + std::string(text));
    must_hold(counted.ok() == shaped.ok(), "a count and a sub-array are accepted alike");
    must_hold(!counted.ok() || counted.value == shaped.value, "a count and a sub-array have the same size");
  }
}

void check_one(std::string_view text) {
  const auto size = bufspec::format_size(text);
  const auto parsed = bufspec::parse_format(text);
  must_hold(size.ok() == parsed.ok(), "format_size and parse_format accept the same texts");
  must_hold(bufspec::formats_equal(text, text) == parsed.ok(), "a format that parses equals itself");
  if (size.ok()) {
    must_hold(size.value == parsed.value.whole, "format_size and parse_format find the same size");
    must_hold(size.value.size >= 0, "a size is not negative");
    must_hold(is_power_of_two(size.value.alignment), "an alignment is a power of two");
    check_items(parsed.value);
    check_counts(text);
  }

  const auto struct_size = bufspec::size_from_format(text);
  if (struct_size.ok()) {
    must_hold(struct_size.value >= 0, "a struct size is not negative");
    // The struct grammar knows no limit on items.
    must_hold(text.size() > bufspec::max_format_items || (size.ok() && size.value.size == struct_size.value),
              "PEP 3118 contains the struct grammar");
  }
  if (bufspec::is_native_single(text)) {
    must_hold(size.ok(), "what a memoryview reads is a PEP 3118 format");
    must_hold(size.value.size > 0 && size.value.size <= 16, "a native element is one to sixteen bytes");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::size_t line_feed = text.find('\n');
  const std::string_view left = text.substr(0, line_feed);
  check_one(left);
  if (line_feed == std::string_view::npos) return 0;

  const std::string_view right = text.substr(line_feed + 1);
  check_one(right);
  const bool equal = bufspec::formats_equal(left, right);
  must_hold(equal == bufspec::formats_equal(right, left), "equality of formats has no direction");
  if (equal) {
    must_hold(bufspec::format_size(left).value.size == bufspec::format_size(right).value.size,
              "equal formats have equal sizes");
  }
  return 0;
}
