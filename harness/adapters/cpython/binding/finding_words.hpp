// How are the values of a finding spelled?  Parts of the sentences in finding_text.cpp; only for the files of that name.
#pragma once

#include <string>
#include <string_view>

#include "finding_text.hpp"

namespace bufspec::cpython {

// The number; 0 if the value is none.
[[nodiscard]] ssize number_in(const Value& value) noexcept;

// "12".
[[nodiscard]] std::string number_of(const Value& value);

// The text, or the name of the exception, as it is.
[[nodiscard]] std::string text_in(const Value& value);

// "\"<i\"".
[[nodiscard]] std::string quoted(const Value& value);

// "0a 00 00 00"; the first of many.
[[nodiscard]] std::string bytes_of(const Value& value);

// "(2, 3)", "(4,)".
[[nodiscard]] std::string tuple_of(const Value& value);

// "shape, strides".
[[nodiscard]] std::string names_of_fields(unsigned fields);

// "contiguous, strided".
[[nodiscard]] std::string names_of_capabilities(const Value& value);

// What `field` holds: "shape NULL"; of an array or a text that it is there: "shape not NULL".
[[nodiscard]] std::string pointer_in(const Value& value, std::string_view field);

// "3 fewer".
[[nodiscard]] std::string more_or_fewer(const Value& found);

// "len bytes were taken from buf on, whatever the strides"; empty for `unknown`.
[[nodiscard]] std::string_view words_of(Misreading misreading) noexcept;

// The sentences of a rule that a consumer broke.
[[nodiscard]] Sentences of_consumer(const Violation& violation, const Scenario& scenario);

}  // namespace bufspec::cpython
