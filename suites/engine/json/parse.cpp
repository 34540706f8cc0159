// Is this text JSON, within bounds?  One pass from left to right; the first thing that is wrong ends it.
#include <algorithm>

#include "value.hpp"

namespace bufspec::json {

namespace {

constexpr std::uint32_t first_high = 0xd800, first_low = 0xdc00, past_low = 0xe000;
constexpr std::uint32_t first_byte = 0xdc80, last_byte = 0xdcff;  // how a byte that is not UTF-8 is spelled

void append_utf8(std::string& text, std::uint32_t character) {
  if (character < 0x80) {
    text += static_cast<char>(character);
    return;
  }
  const int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  constexpr std::uint32_t heads[]{0, 0xc0, 0xe0, 0xf0};
  text += static_cast<char>(heads[more] | character >> (6 * more));
  for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | (character >> (6 * i) & 0x3f));
}

class Parser {
 public:
  Parser(std::string_view text, Fault& fault, const Limits& limits) : text_(text), fault_(fault), limits_(limits) {}

  bool whole(Value& value) {
    if (text_.size() > limits_.bytes)
      return expect("at most " + std::to_string(limits_.bytes) + " bytes", limits_.bytes);
    if (!any(value, 0)) return false;
    skip_space();
    return at_ == text_.size() || expect("the end of the text");
  }

 private:
  // Notes what had to stand at the present place, or at `offset`; always false.
  bool expect(std::string what) { return expect(std::move(what), at_); }
  bool expect(std::string what, std::size_t offset) {
    fault_ = {offset, "", std::move(what)};
    return false;
  }

  [[nodiscard]] bool is_at(char one) const noexcept { return at_ < text_.size() && text_[at_] == one; }
  [[nodiscard]] bool is_at_digit() const noexcept {
    return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9';
  }

  void skip_space() noexcept {
    while (is_at(' ') || is_at('\n') || is_at('\t') || is_at('\r')) ++at_;
  }

  bool take(char one) noexcept {
    if (!is_at(one)) return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) noexcept {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool any(Value& value, std::size_t depth) {
    skip_space();
    value.offset = at_;
    if (++values_ > limits_.values) return expect("at most " + std::to_string(limits_.values) + " values");
    if (is_at('{') || is_at('[')) {
      if (depth == limits_.depth) return expect("at most " + std::to_string(limits_.depth) + " values in each other");
      return take('{') ? members(value.is.emplace<Object>(), depth) : entries(value.is.emplace<Array>(), depth);
    }
    if (is_at('"')) return string(value.is.emplace<std::string>());
    if (is_at('-') || is_at_digit()) return integer(value.is.emplace<Integer>());
    if (take_word("null")) return true;
    const bool is_true = take_word("true");
    if (!is_true && !take_word("false")) return expect("a value");
    value.is = is_true;
    return true;
  }

  bool entries(Array& array, std::size_t depth) {
    ++at_;
    skip_space();
    if (take(']')) return true;
    while (true) {
      if (!any(array.emplace_back(), depth + 1)) return false;
      skip_space();
      if (take(']')) return true;
      if (!take(',')) return expect("',' or ']'");
    }
  }

  bool members(Object& object, std::size_t depth) {
    skip_space();
    if (take('}')) return true;
    while (true) {
      skip_space();
      const std::size_t offset = at_;
      std::string key;
      if (!is_at('"')) return expect("a key");
      if (!string(key)) return false;
      if (std::any_of(object.begin(), object.end(), [&](const Member& one) { return one.key == key; }))
        return expect("each key once", offset);
      if (object.size() == limits_.members)
        return expect("at most " + std::to_string(limits_.members) + " members", offset);
      skip_space();
      if (!take(':')) return expect("':'");
      Member& member = object.emplace_back();
      member.key = std::move(key);
      if (!any(member.value, depth + 1)) return false;
      skip_space();
      if (take('}')) return true;
      if (!take(',')) return expect("',' or '}'");
    }
  }

  // A fraction, an exponent, a zero in front and "-0" are refused: none of them reads back as it was.
  bool integer(Integer& number) {
    const std::size_t begin = at_;
    number.is_negative = take('-');
    if (!is_at_digit()) return expect("a digit");
    const bool begins_with_zero = is_at('0');
    for (; is_at_digit(); ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (number.magnitude > (UINT64_MAX - digit) / 10) return expect("an integer of 64 bits", begin);
      number.magnitude = number.magnitude * 10 + digit;
    }
    const std::size_t digits = at_ - begin - (number.is_negative ? 1 : 0);
    if (is_at('.') || is_at('e') || is_at('E') || (begins_with_zero && (digits > 1 || number.is_negative)))
      return expect("an integer", begin);
    constexpr std::uint64_t most = std::uint64_t{1} << 63;
    return !number.is_negative || number.magnitude <= most || expect("an integer of 64 bits", begin);
  }

  bool string(std::string& bytes) {
    const std::size_t begin = at_++;
    while (true) {
      if (bytes.size() > limits_.string_bytes)
        return expect("a string of at most " + std::to_string(limits_.string_bytes) + " bytes", begin);
      if (at_ == text_.size()) return expect("'\"'");
      const auto unit = static_cast<unsigned char>(text_[at_]);
      if (unit == '"') break;
      if (unit < 0x20) return expect("no control character in a string");
      if (unit == '\\') {
        if (!escape(bytes)) return false;
        continue;
      }
      std::uint32_t character = 0;
      const std::size_t length = utf8_length(text_.substr(at_, 4), character);
      if (length == 0) return expect("UTF-8");
      bytes.append(text_.substr(at_, length));
      at_ += length;
    }
    ++at_;
    return true;
  }

  bool escape(std::string& bytes) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const std::size_t begin = at_++;
    if (take('u')) return unicode_escape(bytes, begin);
    const std::size_t which = at_ < text_.size() ? letters.find(text_[at_]) : std::string_view::npos;
    if (which == std::string_view::npos) return expect("an escape", begin);
    bytes += meanings[which];
    ++at_;
    return true;
  }

  bool unicode_escape(std::string& bytes, std::size_t begin) {
    std::uint32_t unit = 0;
    if (!four_digits(unit)) return expect("four hexadecimal digits");
    if (unit >= first_byte && unit <= last_byte) {
      bytes += static_cast<char>(unit - first_low);
      return true;
    }
    if (unit >= first_high && unit < past_low) {
      std::uint32_t low = 0;
      if (unit >= first_low || !take('\\') || !take('u') || !four_digits(low) || low < first_low || low >= past_low)
        return expect("a pair of surrogates, or one of \\udc80 to \\udcff", begin);
      unit = 0x10000 + ((unit - first_high) << 10) + (low - first_low);
    }
    append_utf8(bytes, unit);
    return true;
  }

  bool four_digits(std::uint32_t& unit) noexcept {
    for (int i = 0; i < 4; ++i, ++at_) {
      constexpr std::string_view digits = "0123456789abcdefABCDEF";
      const std::size_t digit = at_ < text_.size() ? digits.find(text_[at_]) : std::string_view::npos;
      if (digit == std::string_view::npos) return false;
      unit = unit << 4 | static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
    }
    return true;
  }

  std::string_view text_;
  Fault& fault_;
  const Limits& limits_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
};

void append_unit(std::string& text, std::uint32_t unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  text += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) text += digits[unit >> shift & 15];
}

}  // namespace

std::string Fault::text() const {
  return (path.empty() ? "" : path + ": ") + "expected " + expected + " (offset " + std::to_string(offset) + ")";
}

std::optional<Value> parse(std::string_view text, Fault& fault, const Limits& limits) {
  Value value;
  if (!Parser(text, fault, limits).whole(value)) return std::nullopt;
  return value;
}

std::size_t utf8_length(std::string_view bytes, std::uint32_t& character) noexcept {
  if (bytes.empty()) return 0;
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  const std::uint32_t head = at(0);
  if (head < 0x80) {
    character = head;
    return 1;
  }
  const std::size_t length = head >= 0xf0 ? 4 : head >= 0xe0 ? 3 : 2;
  constexpr std::uint32_t least[]{0, 0, 0x80, 0x800, 0x10000};
  if (head < 0xc2 || head > 0xf4 || bytes.size() < length) return 0;
  character = head & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
    character = character << 6 | (at(i) & 0x3f);
  }
  const bool is_surrogate = character >= first_high && character < past_low;
  return character < least[length] || character > 0x10ffff || is_surrogate ? 0 : length;
}

void append_string(std::string& text, std::string_view bytes) {
  text += '"';
  while (!bytes.empty()) {
    std::uint32_t character = 0;
    const std::size_t length = utf8_length(bytes.substr(0, 4), character);
    if (length == 0) {
      append_unit(text, first_low + static_cast<unsigned char>(bytes[0]));
    } else if (character == '"' || character == '\\') {
      text += '\\';
      text += bytes[0];
    } else if (character >= 0x20 && character < 0x7f) {
      text += bytes[0];
    } else if (character < 0x10000) {
      append_unit(text, character);
    } else {
      append_unit(text, first_high + ((character - 0x10000) >> 10));
      append_unit(text, first_low + ((character - 0x10000) & 0x3ff));
    }
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  text += '"';
}

}  // namespace bufspec::json
