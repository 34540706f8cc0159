// What a broken rule is about, as values: which check of it failed, what was owed and what was found.
// A closed vocabulary: no sentence is made or read here; reports make them, once, from these values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bufspec/tree.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// Fields of a struct, as a set.
namespace field_bit {
inline constexpr unsigned buf = 1, obj = 2, len = 4, itemsize = 8, readonly = 16, ndim = 32, format = 64, shape = 128,
                          strides = 256, suboffsets = 512, internal = 1024;
inline constexpr unsigned all = 2047;
}  // namespace field_bit

// The names of the fields, in the order of their bits.
inline constexpr std::array<std::string_view, 11> field_names{
    "buf", "obj", "len", "itemsize", "readonly", "ndim", "format", "shape", "strides", "suboffsets", "internal"};

// In which way a wrong result was read, if one of the known ways gives it (misreadings.hpp).
enum class Misreading : std::uint8_t {
  unknown,
  linear,  // len bytes from buf on, whatever the strides
  without_suboffsets,  // pointers taken for elements
  absolute_strides,  // the sign of a stride was dropped, or stride 0 taken for itemsize
  fortran_order,  // the elements in the wrong order
  of_itemsize,  // itemsize used where only bytes were asked for: too many or too few of them
  byte_swapped,  // the byte order of the format was not heeded
  released,  // what our exporter wrote over the memory when it was released
  empty,  // something, although there is no element
  extent_one,  // the stride of an extent of 1 was followed
  aligned,  // the address of an element was rounded down to the alignment of its format
  other_format,  // the bytes are right, but their values are those of another format; reported by the adapter alone
  counted_items,  // a number of items where the number of bytes is due; reported by the adapter alone
};

// The enumerator's name, "without_suboffsets".
[[nodiscard]] std::string_view misreading_name(Misreading misreading) noexcept;

// Which check of its rule a finding is of.
enum class Aspect : std::uint8_t {
  value,            // the only one: `found` where `owed` is due, where these are set
  presence,         // a pointer field holds what it must not, or not what it must
  at_least,         // `found`, or one of its entries, is below `owed`
  at_most,          // `found` is above `owed`
  one_of,           // `found` is none of `owed`
  overflow,         // what is owed is larger than a size can be
  not_refused,      // granted where a refusal is owed
  refused,          // refused where what `owed` names was granted
  other_answer,     // another answer than those to the requests in `owed`
  other_elements,   // other elements than owed
  changed,          // `fields` are no longer what they were
  unreadable,       // memory, or `fields`, can no longer be read
  reused,           // the memory was freed, and the allocator handed it out again
  unwritable,       // memory that says it can be written cannot
  not_read_back,    // what was written is not there afterwards
  references,       // `found` references more (fewer, below 0) than before
  process_bytes,    // the process grows, in both halves of the repetitions, by `found`
  at_request,       // seen right after a request
  at_release,       // seen right after a release
  released_again,   // a view was released `found` times
  not_released,     // a view, or `times` of them, was not released
  released_refused,  // the struct of a refused request was released
  released_stray,    // a struct was released that no request had filled in
  raised,            // the call raised `found`
  nothing_granted,   // the call gave a result, and nothing was granted to it
  byte,              // byte number `index` is `found`
  length,            // `found` bytes where there are `owed`
  filled_byte,       // byte number `index` of a memory that was filled is `found`
  filled_length,     // `found` bytes of a memory that was filled, where there are `owed`
  filled_as_items,  // byte number `index` is `found`, and not as the same call leaves it in the same items in C order
  result,  // a result that is not equal to `owed`
  result_as_of_bytes,  // a result that is not what the same call makes of bytes with the same elements
  result_as_of_items,  // the same of a memoryview of the same items in C order, where bytes are refused
  no_bytes,  // a result whose bytes cannot be had, where `owed` bytes are due
  not_held,  // a result that keeps the memory is there, and no view is held
  element,  // the element at index `given` has the bytes `found`
  live_exception_lost,  // an exception that was set before is gone, or another one
  unraisable,  // an exception was raised that nobody could catch
  answer,  // a call answers `found` where `owed` is due
};

inline constexpr std::array<std::string_view, 39> aspect_names{"value",
                                                               "presence",
                                                               "at_least",
                                                               "at_most",
                                                               "one_of",
                                                               "overflow",
                                                               "not_refused",
                                                               "refused",
                                                               "other_answer",
                                                               "other_elements",
                                                               "changed",
                                                               "unreadable",
                                                               "reused",
                                                               "unwritable",
                                                               "not_read_back",
                                                               "references",
                                                               "process_bytes",
                                                               "at_request",
                                                               "at_release",
                                                               "released_again",
                                                               "not_released",
                                                               "released_refused",
                                                               "released_stray",
                                                               "raised",
                                                               "nothing_granted",
                                                               "byte",
                                                               "length",
                                                               "filled_byte",
                                                               "filled_length",
                                                               "filled_as_items",
                                                               "result",
                                                               "result_as_of_bytes",
                                                               "result_as_of_items",
                                                               "no_bytes",
                                                               "not_held",
                                                               "element",
                                                               "live_exception_lost",
                                                               "unraisable",
                                                               "answer"};
static_assert(aspect_names.size() == static_cast<std::size_t>(Aspect::answer) + 1);

// The kinds of values, beside numbers and what a pointer, an owner and a misreading may be.
namespace value {

// A text of the subject or its interpreter: a format, a name, the repr of a result.
struct Text {
  std::string text;
  friend bool operator==(const Text&, const Text&) = default;
};

// Bytes of an element.
struct Bytes {
  std::string bytes;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

// The name of an exception's type; empty where none was raised.
struct Exception {
  std::string name;
  friend bool operator==(const Exception&, const Exception&) = default;
};

struct Texts {
  std::vector<std::string> texts;
  friend bool operator==(const Texts&, const Texts&) = default;
};

// Extents, strides, suboffsets, or numbers that are allowed.
struct Integers {
  std::vector<ssize> values;
  friend bool operator==(const Integers&, const Integers&) = default;
};

// Words of flags.
struct Requests {
  std::vector<int> words;
  friend bool operator==(const Requests&, const Requests&) = default;
};

struct Fields {
  unsigned bits = 0;  // field_bit::*
  friend bool operator==(const Fields&, const Fields&) = default;
};

struct Capabilities {
  unsigned bits = 0;  // capability::*
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

// What a call was given, or answered.
struct Map {
  Tree tree;  // a map
  friend bool operator==(const Map&, const Map&) = default;
};

}  // namespace value

// One value: none, or one of a closed set of kinds.
using Value =
    std::variant<std::monostate, ssize, Pointer, Owner, value::Text, value::Exception, value::Texts, value::Integers,
                 value::Requests, value::Fields, value::Capabilities, value::Bytes, Misreading, value::Map>;

// What one failed check found.  What is not set says nothing.
struct Finding {
  Aspect aspect = Aspect::value;
  unsigned fields = 0;  // field_bit::* that it is about
  int flags = -1;  // the request that it is about
  char order = '\0';  // the memory order that it is about
  ssize index = -1;  // of a byte
  std::uint64_t times = 0;  // how often it was done, or how many there were
  Value owed{};
  Value found{};
  Value given{};  // what `owed` follows from, or how it came to `found`: a shape, a format, an operation, a misreading

  friend bool operator==(const Finding&, const Finding&) = default;
};

// In what a result, or a memory that was filled, is wrong.
struct Difference {
  Aspect aspect = Aspect::value;
  ssize index = -1;
  Value owed{};
  Value found{};

  friend bool operator==(const Difference&, const Difference&) = default;
};

// A finding on one line, for test output: "presence, field shape, owed NULL, found (2, 3), for ND".
[[nodiscard]] std::string describe(const Finding& finding);

}  // namespace bufspec
