// Which numbers stand in a record for types, places, exceptions and answers?  Each is defined in the record before it is used.
//
// What is known by its address is held by a weak reference, so that it lives no longer than it would, and its number is forgotten
// when it dies: another object may get its address.
#pragma once

#include <cstdint>

#include "slot_layout.hpp"

namespace bufspec::recorder {

// A kind of event; docs/reference/recordings.md says what follows each.
namespace kind {
inline constexpr unsigned char exception = 1;
inline constexpr unsigned char type = 2;
inline constexpr unsigned char place = 3;
inline constexpr unsigned char stack = 4;
inline constexpr unsigned char answer = 5;
inline constexpr unsigned char request =
    6;  // and the three after it: one bit for one inside another, one for others inside
inline constexpr unsigned char release = 10;
inline constexpr unsigned char release_with_exception = 11;
inline constexpr unsigned char thread = 12;
inline constexpr unsigned char late = 13;  // a type whose functions were found only when somebody looked again
inline constexpr unsigned char missed = 14;  // a type whose functions nothing stands in for
inline constexpr unsigned char exit_began = 15;
inline constexpr unsigned char kept = 16;  // before a request or a release: the reader keeps it in a slot
inline constexpr unsigned char again =
    17;  // the event of a slot; from 128 on, how often the one came that was expected
}  // namespace kind

// The code that runs, and how far it is; nothing where no Python code runs.  An exception that is set is kept.
struct Place {
  std::uint64_t number = 0;  // 0: none
};
[[nodiscard]] Place innermost_place() noexcept;
[[nodiscard]] Place whole_stack() noexcept;

[[nodiscard]] std::uint64_t number_of_type(PyTypeObject* type) noexcept;

// Whether code, or a type, is known until it dies: until then no other is at its address.
[[nodiscard]] bool is_watched_code(const void* code) noexcept;
[[nodiscard]] bool is_watched_type(const PyTypeObject* type) noexcept;

// The number of an exception's type; 0 for none.
[[nodiscard]] std::uint64_t number_of_exception(PyObject* type) noexcept;

// What a request left in the struct, as bytes that are compared; the head is followed by the arrays that were asked for, and
// the format.
struct AnswerHead {
  std::int32_t word;
  std::int32_t status;
  std::int32_t readonly;
  std::int32_t ndim;
  std::int64_t len;
  std::int64_t itemsize;
  std::uint16_t exception;
  std::uint16_t format_size;
  std::uint8_t set;  // answer_bit::*
  std::uint8_t owner;  // owner::*
  std::uint8_t read;  // answer_bit::* of what follows the head
  std::uint8_t unused;
};
static_assert(sizeof(AnswerHead) == 40);

namespace answer_bit {
inline constexpr std::uint8_t buf = 1;
inline constexpr std::uint8_t format = 2;
inline constexpr std::uint8_t shape = 4;
inline constexpr std::uint8_t strides = 8;
inline constexpr std::uint8_t suboffsets = 16;
inline constexpr std::uint8_t exception_before = 32;  // one was set when the request was made
inline constexpr std::uint8_t format_cut = 64;
}  // namespace answer_bit

namespace owner {
inline constexpr std::uint8_t null = 0;
inline constexpr std::uint8_t exporter = 1;
inline constexpr std::uint8_t other = 2;
inline constexpr std::uint8_t untouched = 3;
}  // namespace owner

// The number of an answer; 0 if there is no room to define it.  `said` has the word, the status, the owner, the exception, and
// answer_bit::exception_before.
struct AnswerNumber {
  std::uint64_t value = 0;
  std::uint8_t read = 0;  // answer_bit::* of the arrays and the format that were read
};
[[nodiscard]] AnswerNumber number_of_answer(const Py_buffer& view, const AnswerHead& said) noexcept;

// Says that nothing is defined any more, in a child of fork().
void forget_definitions() noexcept;

}  // namespace bufspec::recorder
