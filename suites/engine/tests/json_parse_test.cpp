// Does the reader of JSON take what is JSON, within its bounds, and say where and why it takes nothing else?
#include <gtest/gtest.h>

#include "suites/engine/json/value.hpp"

namespace bufspec::json {
namespace {

std::string fault_of(std::string_view text, const Limits& limits = {}) {
  Fault fault;
  return parse(text, fault, limits) ? "accepted" : fault.text();
}

std::string string_of(std::string_view text) {
  Fault fault;
  const auto value = parse(text, fault);
  if (!value) return "refused: " + fault.text();
  const auto* bytes = std::get_if<std::string>(&value->is);
  return bytes != nullptr ? *bytes : "not a string";
}

std::string spelled(std::string_view bytes) {
  std::string text;
  append_string(text, bytes);
  return text;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonText, IsReadWithItsSpaces) {
  Fault fault;
  const auto value = parse(" { \"a\" : [ 1 , null , true ] , \"b\" : { } }\n", fault);
  ASSERT_TRUE(value) << fault.text();
  const auto& object = std::get<Object>(value->is);
  ASSERT_EQ(object.size(), 2U);
  EXPECT_EQ(object[0].key, "a");
  const auto& list = std::get<Array>(object[0].value.is);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(std::get<Integer>(list[0].is).magnitude, 1U);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(list[1].is));
  EXPECT_TRUE(std::get<bool>(list[2].is));
  EXPECT_TRUE(std::get<Object>(object[1].value.is).empty());
}

TEST(JsonText, IsRefusedWithThePlaceAndWhatHadToStandThere) {
  EXPECT_EQ(fault_of(""), "expected a value (offset 0)");
  EXPECT_EQ(fault_of("[1,]"), "expected a value (offset 3)");
  EXPECT_EQ(fault_of("[1 2]"), "expected ',' or ']' (offset 3)");
  EXPECT_EQ(fault_of("{\"a\" 1}"), "expected ':' (offset 5)");
  EXPECT_EQ(fault_of("{\"a\":1 \"b\":2}"), "expected ',' or '}' (offset 7)");
  EXPECT_EQ(fault_of("{a:1}"), "expected a key (offset 1)");
  EXPECT_EQ(fault_of("{\"a\":1,}"), "expected a key (offset 7)");
  EXPECT_EQ(fault_of("{\"a\":1,\"a\":2}"), "expected each key once (offset 7)");
  EXPECT_EQ(fault_of("1 1"), "expected the end of the text (offset 2)");
  EXPECT_EQ(fault_of("nul"), "expected a value (offset 0)");
  EXPECT_EQ(fault_of("nullx"), "expected the end of the text (offset 4)");
  EXPECT_EQ(fault_of("[1"), "expected ',' or ']' (offset 2)");
  EXPECT_EQ(fault_of("\"a"), "expected '\"' (offset 2)");
  EXPECT_EQ(fault_of("'a'"), "expected a value (offset 0)");
  EXPECT_EQ(fault_of("NaN"), "expected a value (offset 0)");
}

TEST(JsonText, HasIntegersOfSixtyFourBitsAndNoOtherNumbers) {
  Fault fault;
  EXPECT_EQ(std::get<Integer>(parse("18446744073709551615", fault)->is).magnitude, UINT64_MAX);
  const auto least = std::get<Integer>(parse("-9223372036854775808", fault)->is);
  EXPECT_TRUE(least.is_negative);
  EXPECT_EQ(least.magnitude, std::uint64_t{1} << 63);
  for (const char* text : {"18446744073709551616", "-9223372036854775809", "99999999999999999999999"})
    EXPECT_EQ(fault_of(text), "expected an integer of 64 bits (offset 0)") << text;
  for (const char* text : {"1.0", "1e3", "1E3", "01", "-01", "-0", "00", "0.5"})
    EXPECT_EQ(fault_of(text), "expected an integer (offset 0)") << text;
  for (const char* text : {"-", "-a", "--1"}) EXPECT_EQ(fault_of(text), "expected a digit (offset 1)") << text;
  EXPECT_EQ(fault_of("0"), "accepted");
  EXPECT_EQ(fault_of("+1"), "expected a value (offset 0)");
}

TEST(JsonText, StaysWithinItsLimits) {
  EXPECT_EQ(fault_of(nested(16)), "accepted");
  EXPECT_EQ(fault_of(nested(17)), "expected at most 16 values in each other (offset 16)");
  EXPECT_EQ(fault_of(std::string(1000000, '[')), "expected at most 16 values in each other (offset 16)");
  EXPECT_EQ(fault_of("[1,2,3]", {.values = 3}), "expected at most 3 values (offset 5)");
  EXPECT_EQ(fault_of("[1,2,3]", {.bytes = 6}), "expected at most 6 bytes (offset 6)");
  EXPECT_EQ(fault_of("\"abc\"", {.string_bytes = 2}), "expected a string of at most 2 bytes (offset 0)");
  EXPECT_EQ(fault_of("{\"a\":1,\"b\":2}", {.members = 1}), "expected at most 1 members (offset 7)");
}

TEST(JsonStrings, HaveEveryEscape) {
  EXPECT_EQ(string_of(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")"),
            "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(string_of("\"\xc3\xa9\""), "\xc3\xa9");
  EXPECT_EQ(string_of(R"("\u0000")"), std::string(1, '\0'));
  for (const char* text : {R"("\x")", R"("\u12")", R"("\u12g4")", R"("\)"})
    EXPECT_EQ(string_of(text).substr(0, 17), "refused: expected") << text;
  EXPECT_EQ(fault_of("\"a\nb\""), "expected no control character in a string (offset 2)");
}

TEST(JsonStrings, SpellBytesThatAreNotUtf8AsLoneSurrogates) {
  EXPECT_EQ(spelled("\xff"), R"("\udcff")");
  EXPECT_EQ(spelled("a\x80z"), R"("a\udc80z")");
  EXPECT_EQ(spelled("\xc3"), R"("\udcc3")") << "the first byte of two, alone";
  EXPECT_EQ(spelled("\xed\xb0\x80"), R"("\udced\udcb0\udc80")") << "a surrogate is no character of UTF-8";
  EXPECT_EQ(spelled("\xc0\x80"), R"("\udcc0\udc80")") << "overlong";
  EXPECT_EQ(spelled("\xf4\x90\x80\x80"), R"("\udcf4\udc90\udc80\udc80")") << "above 0x10ffff";
  EXPECT_EQ(spelled("\xc3\xa9\xf0\x9f\x98\x80"), R"("\u00e9\ud83d\ude00")");
  EXPECT_EQ(string_of(R"("\udcff\udc80")"), "\xff\x80");
}

TEST(JsonStrings, RefuseOtherLoneSurrogatesAndRawBytesThatAreNotUtf8) {
  for (const char* text :
       {R"("\ud800")", R"("\udc7f")", R"("\udd00")", R"("\udfff")", R"("\ud83d\u0041")", R"("\ud83dx")"})
    EXPECT_EQ(fault_of(text), "expected a pair of surrogates, or one of \\udc80 to \\udcff (offset 1)") << text;
  for (const char* text : {"\"\xff\"", "\"\xc3\"", "\"\xed\xb0\x80\"", "\"\xc0\x80\"", "\"\xf5\x80\x80\x80\""})
    EXPECT_EQ(fault_of(text), "expected UTF-8 (offset 1)") << text;
}

TEST(JsonStrings, ReadBackExactlyWhateverTheirBytes) {
  std::string bytes;
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      bytes = {static_cast<char>(first), static_cast<char>(second), 'x', static_cast<char>(first)};
      ASSERT_EQ(string_of(spelled(bytes)), bytes) << spelled(bytes);
    }
}

}  // namespace
}  // namespace bufspec::json
