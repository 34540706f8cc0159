// Are elements equal exactly if they are the same number, or the same bytes?
// The tests write each number by every format that can hold it, and compare it as a long double, which holds them all.
#include <cmath>
#include <cstring>
#include <limits>

#include "bufspec/element_values.hpp"
#include "oracle.hpp"

namespace bufspec::oracle {
namespace {

// A value written by a format, and the exact number that it is.
struct Written {
  std::string format;
  std::string bytes;
  long double number;
};

template <typename Number>
std::string bytes_of(Number value, bool big) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return big ? std::string(bytes.rbegin(), bytes.rend()) : bytes;
}

template <typename Number>
void write_all(const char* code, std::vector<Written>& into) {
  const std::vector<long double> numbers{0,
                                         1,
                                         -1,
                                         2,
                                         127,
                                         128,
                                         -128,
                                         255,
                                         256,
                                         32767,
                                         -32768,
                                         65535,
                                         65536,
                                         2147483647.,
                                         -2147483648.,
                                         4294967295.,
                                         4294967296.,
                                         0.5L,
                                         -0.5L,
                                         1.5L,
                                         16777217.L,
                                         9007199254740993.L,
                                         9223372036854775807.L,
                                         -9223372036854775808.L,
                                         18446744073709551615.L,
                                         18446744073709551616.L};
  for (const long double number : numbers) {
    if (number < static_cast<long double>(std::numeric_limits<Number>::lowest()) ||
        number > static_cast<long double>(std::numeric_limits<Number>::max()))
      continue;
    const auto value = static_cast<Number>(number);
    for (const char* order : {"", "<", ">"})
      into.push_back({std::string(order) + code, bytes_of(value, *order == '>'), static_cast<long double>(value)});
  }
}

std::vector<Written> written_numbers() {
  std::vector<Written> made;
  write_all<signed char>("b", made);
  write_all<unsigned char>("B", made);
  write_all<short>("h", made);
  write_all<unsigned short>("H", made);
  write_all<int>("i", made);
  write_all<unsigned>("I", made);
  write_all<long long>("q", made);
  write_all<unsigned long long>("Q", made);
  write_all<float>("f", made);
  write_all<double>("d", made);
  // Half floats by their bits.
  const long double inf = std::numeric_limits<long double>::infinity();
  for (const auto& [bits, number] : std::initializer_list<std::pair<int, long double>>{{0x0000, 0.0L},
                                                                                       {0x8000, -0.0L},
                                                                                       {0x3c00, 1.0L},
                                                                                       {0xbc00, -1.0L},
                                                                                       {0x3800, 0.5L},
                                                                                       {0xb800, -0.5L},
                                                                                       {0x4000, 2.0L},
                                                                                       {0x5bf8, 255.0L},
                                                                                       {0x7bff, 65504.0L},
                                                                                       {0x0001, std::ldexp(1.0L, -24)},
                                                                                       {0x0400, std::ldexp(1.0L, -14)},
                                                                                       {0x7c00, inf},
                                                                                       {0xfc00, -inf},
                                                                                       {0x7e00, std::nanl("")}}) {
    made.push_back({"<e", bytes_of(static_cast<std::uint16_t>(bits), false), number});
    made.push_back({">e", bytes_of(static_cast<std::uint16_t>(bits), true), number});
  }
  made.push_back({"d", bytes_of(static_cast<double>(inf), false), inf});
  made.push_back({"d", bytes_of(std::nan(""), false), std::nanl("")});
  made.push_back({"f", bytes_of(static_cast<float>(std::ldexp(1.0, -24)), false), std::ldexp(1.0L, -24)});
  for (const char truth : {'\0', '\1', '\2'}) made.push_back({"?", std::string(1, truth), truth == 0 ? 0.0L : 1.0L});
  return made;
}

bool equal(const std::string& format, const std::string& bytes, const std::string& other_format,
           const std::string& other_bytes) {
  const auto left = ItemReader::make(format, static_cast<ssize>(bytes.size()));
  const auto right = ItemReader::make(other_format, static_cast<ssize>(other_bytes.size()));
  EXPECT_TRUE(left.ok() && right.ok()) << format << ", " << other_format;
  return left.value.items_equal(bytes.data(), right.value, other_bytes.data());
}

TEST(ValuesOracle, NumbersAreEqualIfTheyAreTheSameNumber) {
  const std::vector<Written> all = written_numbers();
  Disagreements disagreements;
  for (const Written& left : all)
    for (const Written& right : all)
      if (equal(left.format, left.bytes, right.format, right.bytes) != (left.number == right.number))
        disagreements.add(left.format + ' ' + std::to_string(left.number) + " and " + right.format + ' ' +
                          std::to_string(right.number));
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
}

TEST(ValuesOracle, OtherValuesAreEqualByTheirBytes) {
  EXPECT_TRUE(equal("3s", "abc", "3s", "abc") && !equal("3s", "abc", "3s", "abd") && !equal("3s", "abc", "2s", "ab"));
  EXPECT_TRUE(equal("c", "a", "1s", "a") && !equal("c", "\1", "B", "\1"));
  // A Pascal string is as long as its first byte says, or as there is room.
  const std::string two{"\2ab", 3};
  EXPECT_TRUE(equal("3p", two, "2s", "ab"));
  EXPECT_TRUE(equal("4p", two + "x", "3p", two));
  EXPECT_FALSE(equal("3p", two, "3p", std::string{"\1ab", 3}));
  EXPECT_TRUE(equal("3p",
                    std::string{"\xff"
                                "ab",
                                3},
                    "3p", two));
  EXPECT_TRUE(equal("1p", std::string{"\5", 1}, "0s", ""));
  EXPECT_TRUE(equal("0p", "", "0s", ""));
  // Padding has no value; as many values as the other.
  EXPECT_TRUE(equal("bx", std::string{"\1\7", 2}, "bx", std::string{"\1\0", 2}));
  EXPECT_TRUE(equal("2b", "\1\2", "bb", "\1\2") && !equal("2b", "\1\2", "b", "\1") && !equal("b", "\1", "2b", "\1\2"));
  EXPECT_FALSE(equal("2b", "\1\2", "2b", "\1\3"));
  EXPECT_TRUE(equal("", "", "0i", ""));
  // Complex numbers: both parts, and a real one is one without an imaginary part.
  const std::string i = bytes_of(2.0, false) + bytes_of(0.0, false);
  const std::string z = bytes_of(2.0, false) + bytes_of(1.0, false);
  EXPECT_TRUE(equal("D", i, "d", bytes_of(2.0, false)) && equal("D", i, "b", "\2") && equal("D", z, "D", z));
  EXPECT_FALSE(equal("D", z, "d", bytes_of(2.0, false)) || equal("D", z, "b", "\2") || equal("D", z, "D", i));
  EXPECT_TRUE(equal("F", bytes_of(2.0F, false) + bytes_of(1.0F, false), "D", z));
  EXPECT_TRUE(equal(">D", bytes_of(2.0, true) + bytes_of(1.0, true), "D", z));
  EXPECT_FALSE(equal("D", bytes_of(1.0, false) + bytes_of(2.0, false), "D", z));
  EXPECT_EQ(ItemReader::make("i", 3).error, Error::struct_error);
  EXPECT_TRUE(ItemReader::make("i", 5).ok());
  EXPECT_EQ(ItemReader::make("T{i}", 4).error, Error::struct_error);
}

}  // namespace
}  // namespace bufspec::oracle
