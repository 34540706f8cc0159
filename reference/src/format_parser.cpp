// How large is a format by the grammar of PEP 3118, and what are its members?
// One parser for both questions: it builds the list of members only where it is given one, so that sizes need
// no heap.  Recursion is bounded by max_format_depth; names are passed over.
#include <bit>
#include <utility>

#include "bufspec/format.hpp"
#include "format_codes.hpp"

namespace bufspec {

namespace {

using namespace format_codes;

// What the last order character said.
struct Mode {
  bool is_native_size = true;
  bool is_aligned = true;
  ByteOrder order = std::endian::native == std::endian::little ? ByteOrder::little : ByteOrder::big;
};

bool mode_from(char c, Mode& mode) noexcept {
  constexpr ByteOrder native = Mode{}.order;
  switch (c) {
    case '@':
      mode = {true, true, native};
      return true;
    case '^':
      mode = {true, false, native};
      return true;
    case '=':
      mode = {false, false, native};
      return true;
    case '<':
      mode = {false, false, ByteOrder::little};
      return true;
    case '>':
    case '!':
      mode = {false, false, ByteOrder::big};
      return true;
    default:
      return false;
  }
}

// A structure, or the whole text, as far as it has been read.
struct Group {
  FormatSize whole;
  ssize bits = 0;  // of the run of bits that ends the group so far
};

// What stands before an element: how often it is repeated, and the count directly before it.
struct Prefix {
  ssize repeat = 1;
  ssize count = 1;
};

// One element without its count.
struct Element {
  FormatItem item;
  ssize alignment = 1;
  bool counts_length = false;
};

class Parser {
 public:
  Parser(std::string_view text, std::vector<FormatItem>* items) noexcept : text_(text), items_(items) {}

  Result<FormatSize> parse() {
    Group group;
    if (text_.size() > max_format_length)
      return Result<FormatSize>::failure(Error::struct_error, "the format is too long");
    if (text_.find('\0') != std::string_view::npos)
      return Result<FormatSize>::failure(Error::struct_error, "a NUL inside");
    if (!members(group)) return Result<FormatSize>::failure(Error::struct_error, reason_);
    if (position_ < text_.size())
      return Result<FormatSize>::failure(Error::struct_error, "a brace that was never opened");
    return Result<FormatSize>::success(group.whole);
  }

 private:
  bool fail(const char* why) noexcept {
    reason_ = why;
    return false;
  }
  [[nodiscard]] char peek() const noexcept { return position_ < text_.size() ? text_[position_] : '\0'; }
  bool take(char c) noexcept {
    if (peek() != c) return false;
    ++position_;
    return true;
  }
  bool take_order() noexcept {
    if (!mode_from(peek(), mode_)) return false;
    ++position_;
    return true;
  }
  void skip_space() noexcept {
    while (is_space(peek())) ++position_;
  }

  // Members up to the end of the text or to what ends a group: a brace, or the arrow of a signature.
  bool members(Group& group) {
    for (;;) {
      skip_space();
      const char c = peek();
      if (c == '\0' || c == '}' || (c == '-' && in_signature_)) return end_bits(group);
      if (take_order()) continue;
      Prefix prefix;
      Element element;
      if (!read_prefix(prefix)) return false;
      const std::size_t place = reserve_item();
      if (!read_element(element) || !add(group, prefix, element, place) || !read_name()) return false;
    }
  }

  // [count] [shape] [order] [count]: a count before a shape repeats the array.
  bool read_prefix(Prefix& prefix) {
    bool has_shape = false;
    for (;;) {
      skip_space();
      if (is_digit(peek())) {
        if (!read_number(text_, position_, prefix.count)) return fail("a count does not fit");
        if (peek() != '(') return true;
        if (__builtin_mul_overflow(prefix.repeat, std::exchange(prefix.count, 1), &prefix.repeat))
          return fail("a count does not fit");
      }
      if (take_order()) continue;
      if (peek() != '(') return true;
      if (has_shape) return fail("two shapes before one item");
      has_shape = true;
      if (!read_shape(prefix.repeat)) return false;
    }
  }

  bool read_shape(ssize& repeat) {
    ++position_;
    bool overflowed = false;
    bool is_empty = false;
    do {
      skip_space();
      ssize extent = 0;
      if (!is_digit(peek())) return fail("an extent of a sub-array is not a number");
      if (!read_number(text_, position_, extent)) return fail("an extent of a sub-array does not fit");
      is_empty = is_empty || extent == 0;
      overflowed = __builtin_mul_overflow(repeat, extent, &repeat) || overflowed;
      skip_space();
    } while (take(','));
    if (!take(')')) return fail("the shape of a sub-array is not closed");
    if (overflowed && !is_empty) return fail("the sub-array does not fit");
    if (is_empty) repeat = 0;
    return true;
  }

  bool read_element(Element& element) {
    const Mode mode = mode_;  // an order inside the element does not move the element itself
    const char letter = peek();
    if (letter == '\0') return fail("an item is missing");
    ++position_;
    if (letter == 'T') return read_structure(element, mode);
    if (letter == '&' || letter == 'X') {
      if (letter == '&' ? !read_target() : !read_signature()) return false;
      describe(element, code_of('P'), mode);
      if (letter == 'X') element.item.kind = FormatKind::function;
      return true;
    }
    const Code code = letter == 'Z' ? complex_of(peek()) : code_of(letter);
    if (letter == 'Z') ++position_;
    if (code.native_size == 0) return fail("an unknown format character");
    if (!mode.is_native_size && code.pep_size == 0) return fail("a code that exists in native order only");
    describe(element, code, mode);
    return true;
  }

  static void describe(Element& element, const Code& code, const Mode& mode) noexcept {
    element.item.kind = code.kind;
    element.item.size = mode.is_native_size ? code.native_size : code.pep_size;
    element.item.stride = element.item.size;
    const ssize unit = code.kind == FormatKind::complex ? element.item.size / 2 : element.item.size;
    element.item.order = unit > 1 ? mode.order : ByteOrder::none;
    element.alignment = mode.is_aligned ? code.native_alignment : 1;
    element.counts_length = code.counts_length;
  }

  bool read_structure(Element& element, const Mode& mode) {
    if (!take('{')) return fail("T without a brace");
    if (depth_ == max_format_depth) return fail("structures too deep");
    Group group;
    ++depth_;
    const bool was_signature = std::exchange(in_signature_, false);
    if (!members(group)) return false;
    in_signature_ = was_signature;
    --depth_;
    if (!take('}')) return fail("a structure is not closed");
    element.item.kind = FormatKind::structure;
    element.item.size = group.whole.size;
    element.item.stride = group.whole.size;
    element.alignment = mode.is_aligned ? group.whole.alignment : 1;
    return align_up(element.item.stride, element.alignment) || fail("the size does not fit");
  }

  // The item that a pointer points to: a format of its own, read for its members only.
  bool read_target() {
    if (depth_ == max_format_depth) return fail("pointers too deep");
    ++depth_;
    Group target;
    Prefix prefix;
    Element element;
    if (!read_prefix(prefix)) return false;
    const std::size_t place = reserve_item();
    if (!read_element(element) || !add(target, prefix, element, place)) return false;
    --depth_;
    return true;
  }

  // What stands in X{}: nothing, arguments, or arguments, an arrow and a result.
  bool read_signature() {
    if (!take('{')) return fail("X without a brace");
    if (depth_ == max_format_depth) return fail("signatures too deep");
    ++depth_;
    const bool was_signature = std::exchange(in_signature_, true);
    Group arguments;
    if (!members(arguments)) return false;
    in_signature_ = was_signature;
    if (take('-')) {
      Group result;
      if (!take('>') || !members(result)) return fail("a signature without its result");
    }
    --depth_;
    return take('}') || fail("a signature is not closed");
  }

  bool read_name() {
    skip_space();
    if (!take(':')) return true;
    const std::size_t end = text_.find(':', position_);
    if (end == std::string_view::npos) return fail("a name is not ended");
    position_ = end + 1;
    return true;
  }

  // Places the element at the end of the group.
  bool add(Group& group, const Prefix& prefix, Element& element, std::size_t place) {
    FormatItem& item = element.item;
    if (item.kind == FormatKind::bits) return add_bits(group, prefix, item, place);
    if (!end_bits(group)) return false;
    FormatSize& whole = group.whole;
    item.count = prefix.repeat;
    if (element.counts_length) {
      if (__builtin_mul_overflow(item.size, prefix.count, &item.size)) return fail("the size does not fit");
      item.stride = item.size;
    } else if (__builtin_mul_overflow(prefix.repeat, prefix.count, &item.count)) {
      return fail("a count does not fit");
    }
    if (!align_up(whole.size, element.alignment)) return fail("the size does not fit");
    if (element.alignment > whole.alignment) whole.alignment = element.alignment;
    item.offset = whole.size;
    ssize bytes = 0;
    // The last of repeated structures has no padding behind it, like any structure.
    if (item.count > 0 && (__builtin_mul_overflow(item.count - 1, item.stride, &bytes) ||
                           __builtin_add_overflow(bytes, item.size, &bytes)))
      return fail("the size does not fit");
    if (__builtin_add_overflow(whole.size, bytes, &whole.size)) return fail("the size does not fit");
    return keep(place, item);
  }

  bool add_bits(Group& group, const Prefix& prefix, FormatItem& item, std::size_t place) {
    item.size = prefix.count;
    item.stride = prefix.count;
    item.count = prefix.repeat;
    item.offset = group.whole.size;
    item.bit = group.bits;
    ssize bits = 0;
    if (__builtin_mul_overflow(prefix.count, prefix.repeat, &bits) ||
        __builtin_add_overflow(group.bits, bits, &group.bits))
      return fail("the size does not fit");
    return keep(place, item);
  }

  // A run of bits is over: it takes whole bytes.
  bool end_bits(Group& group) {
    const ssize bits = std::exchange(group.bits, 0);
    const ssize bytes = bits / 8 + (bits % 8 != 0 ? 1 : 0);
    return !__builtin_add_overflow(group.whole.size, bytes, &group.whole.size) || fail("the size does not fit");
  }

  // A parent stands before its children in the list, so its place is taken before they are read.
  std::size_t reserve_item() {
    if (items_ == nullptr || items_->size() == max_format_items) return max_format_items;
    items_->emplace_back();
    return items_->size() - 1;
  }

  bool keep(std::size_t place, const FormatItem& item) {
    if (items_ == nullptr) return true;
    if (place == max_format_items) return fail("too many items");
    (*items_)[place] = item;
    (*items_)[place].end = items_->size();
    return true;
  }

  std::string_view text_;
  std::vector<FormatItem>* items_;
  std::size_t position_ = 0;
  Mode mode_;
  int depth_ = 0;
  bool in_signature_ = false;
  const char* reason_ = "";
};

}  // namespace

Result<FormatSize> format_size(std::string_view text) noexcept {
  // One native code is what most answers have.
  if (text.size() == 1) {
    const Code code = code_of(text[0]);
    if (code.native_size > 0) return Result<FormatSize>::success({code.native_size, code.native_alignment});
  }
  return Parser(text, nullptr).parse();
}

Result<Format> parse_format(std::string_view text) {
  Format format;
  const auto whole = Parser(text, &format.items).parse();
  if (!whole.ok()) return Result<Format>::failure(whole.error, whole.reason);
  format.whole = whole.value;
  return Result<Format>::success(std::move(format));
}

}  // namespace bufspec
