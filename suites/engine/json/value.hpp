// What is a JSON text, and which of them are read at all?  A small reader with bounds, for texts that nobody vouches for.
// Integers alone, exact in 64 bits; fractions, duplicate keys and raw bytes that are not UTF-8 are refused.
// Strings are bytes here: what is not UTF-8 is spelled as lone surrogates, \udc80 to \udcff for the bytes 0x80 to 0xff, as
// Python's error handler "surrogateescape" has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bufspec::json {

struct Limits {
  std::size_t bytes = std::size_t{32} << 20;  // of the whole text
  std::size_t values = std::size_t{1} << 20;  // in the whole text
  std::size_t string_bytes = std::size_t{1} << 20;  // of one string, once its escapes are read
  std::size_t depth = 16;  // of arrays and objects in each other
  std::size_t members = 64;  // of one object
};

// Why a text was refused.
struct Fault {
  std::size_t offset = 0;  // in bytes from the start of the text
  std::string path;  // "steps[3].answer.flags"; empty where the text is not JSON, or of the whole
  std::string expected;  // what had to stand there

  // On one line: "steps[3].slot: expected an integer from 0 to 7 (offset 120)".
  [[nodiscard]] std::string text() const;
};

struct Integer {
  bool is_negative = false;
  std::uint64_t magnitude = 0;  // at most 2^63 where it is negative
};

struct Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;  // in the order of the text, no key twice

struct Value {
  std::size_t offset = 0;  // where it begins in the text
  std::variant<std::monostate, bool, Integer, std::string, Array, Object> is;
};

struct Member {
  std::string key;
  Value value;
};

// The value that `text` spells; nothing, and why in `fault`, if it spells none or is beyond `limits`.
// O(text), and for each object the square of its members; memory is bounded by `limits`, as is the depth of calls.
[[nodiscard]] std::optional<Value> parse(std::string_view text, Fault& fault, const Limits& limits = {});

// Appends `bytes` as a JSON string, quotes and all, in ASCII.
void append_string(std::string& text, std::string_view bytes);

// How many bytes the UTF-8 character at the start of `bytes` has, and which it is in `character`; 0 if none begins there: no
// overlong form, surrogate or number above 0x10ffff is one.
[[nodiscard]] std::size_t utf8_length(std::string_view bytes, std::uint32_t& character) noexcept;

}  // namespace bufspec::json
