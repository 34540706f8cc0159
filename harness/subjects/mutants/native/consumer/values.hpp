// What a mutant consumer makes of the elements that it read: bytes, lists of values, or a result that keeps the view.
#pragma once

#include "machine.hpp"

namespace bufspec::mutants::consumers {

// Wrong ways to understand a format, as a set.
namespace misparse {
inline constexpr unsigned order_ignored = 1U << 0;   // the byte order
inline constexpr unsigned signed_bytes = 1U << 1;    // no format taken for b
inline constexpr unsigned counts_ignored = 1U << 2;  // digits
inline constexpr unsigned long_is_int = 1U << 3;     // l and q taken for i
inline constexpr unsigned sign_lost = 1U << 4;       // signed codes taken for unsigned ones
inline constexpr unsigned padding_lost = 1U << 5;    // native alignment
inline constexpr unsigned bool_is_byte = 1U << 6;    // ? taken for B
inline constexpr unsigned half_is_short = 1U << 7;   // e taken for h
inline constexpr unsigned first_value = 1U << 8;     // of an item of several
inline constexpr unsigned scalar_in_list = 1U << 10;  // no dimension taken for one
inline constexpr unsigned zeros = 1U << 9;           // a format that is not understood gives zeros
}  // namespace misparse

// The result of a call that read its elements; null with an exception if there is none.  A keeper takes the view over.
[[nodiscard]] cpython::Ref result_of(Call& call);
// `size` zeros in place of what was read, as the plan returns them: what is made of nothing.
[[nodiscard]] cpython::Ref result_of_nothing(const Plan& plan, Py_ssize_t size);

// Makes the type of results that keep a view; false with an exception.  Before any call.
[[nodiscard]] bool make_keeper_type();

}  // namespace bufspec::mutants::consumers
