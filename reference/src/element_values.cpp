// Are two items equal as values?
// Numbers of different kinds are compared exactly: a float equals an integer only if it is that integer.
#include "bufspec/element_values.hpp"

#include <bit>
#include <cmath>
#include <cstring>

namespace bufspec {

namespace {

enum class ValueKind : std::uint8_t { integer, real, complex, bytes };

struct Value {
  ValueKind kind = ValueKind::integer;
  bool is_negative = false;     // of an integer
  std::uint64_t magnitude = 0;  // of an integer
  double real = 0;
  double imaginary = 0;
  std::string_view bytes;
};

// The bytes of a number as bits, whatever their order in memory.
std::uint64_t read_bits(const char* bytes, std::size_t size, ByteOrder order) noexcept {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t place = order == ByteOrder::big ? size - 1 - i : i;
    bits |= std::uint64_t{static_cast<unsigned char>(bytes[place])} << (8 * i);
  }
  return bits;
}

double half_from(std::uint64_t bits) noexcept {
  const auto exponent = static_cast<int>((bits >> 10) & 0x1f);
  const auto fraction = static_cast<double>(bits & 0x3ff);
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 0x1f) return fraction == 0 ? sign * HUGE_VAL : std::nan("");
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

double read_real(const char* bytes, std::size_t size, ByteOrder order) noexcept {
  const std::uint64_t bits = read_bits(bytes, size, order);
  if (size == sizeof(double)) return std::bit_cast<double>(bits);
  if (size == sizeof(float)) return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  return half_from(bits);
}

Value read_integer(const char* bytes, const FormatItem& item) noexcept {
  Value value;
  const auto size = static_cast<std::size_t>(item.size);
  value.magnitude = read_bits(bytes, size, item.order);
  if (item.kind != FormatKind::signed_integer || size == 0) return value;
  const std::uint64_t sign = std::uint64_t{1} << (8 * size - 1);
  if ((value.magnitude & sign) == 0) return value;
  value.is_negative = true;
  value.magnitude = std::uint64_t{0} - (value.magnitude | ~(sign | (sign - 1)));
  return value;
}

Value read_value(const char* bytes, const FormatItem& item) noexcept {
  Value value;
  const auto size = static_cast<std::size_t>(item.size);
  switch (item.kind) {
    case FormatKind::character:
    case FormatKind::bytes:
      value.kind = ValueKind::bytes;
      value.bytes = {bytes, size};
      return value;
    case FormatKind::pascal_string: {
      // The first byte is the length, as far as there is room for it.
      value.kind = ValueKind::bytes;
      if (size == 0) return value;
      const std::size_t length = static_cast<unsigned char>(bytes[0]);
      value.bytes = {bytes + 1, length < size ? length : size - 1};
      return value;
    }
    case FormatKind::boolean:
      value.magnitude = bytes[0] != 0 ? 1 : 0;
      return value;
    case FormatKind::real:
      value.kind = ValueKind::real;
      value.real = read_real(bytes, size, item.order);
      return value;
    case FormatKind::complex:
      value.kind = ValueKind::complex;
      value.real = read_real(bytes, size / 2, item.order);
      value.imaginary = read_real(bytes + size / 2, size / 2, item.order);
      return value;
    default:
      return read_integer(bytes, item);
  }
}

bool real_equals_integer(double real, const Value& integer) noexcept {
  constexpr double two_to_64 = 18446744073709551616.0;
  const double positive = std::fabs(real);
  if (!(positive < two_to_64) || std::trunc(real) != real) return false;
  if (static_cast<std::uint64_t>(positive) != integer.magnitude) return false;
  return integer.magnitude == 0 || std::signbit(real) == integer.is_negative;
}

bool values_equal(const Value& left, const Value& right) noexcept {
  if (left.kind == ValueKind::bytes || right.kind == ValueKind::bytes)
    return left.kind == right.kind && left.bytes == right.bytes;
  if (left.kind == ValueKind::integer && right.kind == ValueKind::integer)
    return left.is_negative == right.is_negative && left.magnitude == right.magnitude;
  if (left.imaginary != right.imaginary) return false;
  if (left.kind == ValueKind::integer) return real_equals_integer(right.real, left);
  if (right.kind == ValueKind::integer) return real_equals_integer(left.real, right);
  return left.real == right.real;
}

// The values of an item in turn.
class Values {
 public:
  Values(const Format& format, const char* bytes) noexcept : items_(format.items), bytes_(bytes) {}

  bool next(Value& value) noexcept {
    while (at_ < items_.size()) {
      const FormatItem& item = items_[at_];
      if (item.kind == FormatKind::pad || element_ == item.count) {
        ++at_;
        element_ = 0;
        continue;
      }
      value = read_value(bytes_ + item.offset + element_ * item.stride, item);
      ++element_;
      return true;
    }
    return false;
  }

 private:
  const std::vector<FormatItem>& items_;
  const char* bytes_;
  std::size_t at_ = 0;
  ssize element_ = 0;
};

}  // namespace

Result<ItemReader> ItemReader::make(std::string_view format, ssize itemsize, std::uint32_t runtime) {
  const auto size = size_from_format(format, runtime);
  if (!size.ok()) return Result<ItemReader>::failure(Error::struct_error, size.reason);
  if (size.value > itemsize)
    return Result<ItemReader>::failure(Error::struct_error, "the format is longer than an item");
  auto parsed = parse_format(format);  // every format of the struct module is one of PEP 3118, unless it is too long
  if (!parsed.ok()) return Result<ItemReader>::failure(parsed.error, parsed.reason);
  ItemReader reader;
  reader.format_ = std::move(parsed.value);
  return Result<ItemReader>::success(std::move(reader));
}

bool ItemReader::items_equal(const char* left, const ItemReader& other, const char* right) const noexcept {
  Values left_values(format_, left);
  Values right_values(other.format_, right);
  Value l;
  Value r;
  for (;;) {
    const bool has_left = left_values.next(l);
    const bool has_right = right_values.next(r);
    if (has_left != has_right) return false;
    if (!has_left) return true;
    if (!values_equal(l, r)) return false;
  }
}

}  // namespace bufspec
