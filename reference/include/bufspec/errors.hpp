// Failures as values: which error a call reports, and a value-or-error type.
// Table: spec/tables/65-errors.yaml (rules error.*).  The reference never throws, prints or aborts.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace bufspec {

// The exception that a call would raise; `none` is success, `other` any type without a name here.
enum class Error : std::uint8_t {
  none,
  buffer_error,
  type_error,
  value_error,
  index_error,
  not_implemented_error,
  system_error,
  struct_error,
  unicode_encode_error,
  overflow_error,
  memory_error,
  other,
};

// The name that tables and messages use: "BufferError", "StructError", ...; "none" for success.
[[nodiscard]] std::string_view error_name(Error error) noexcept;

// The error that a table names; Error::other for an unknown name.
[[nodiscard]] Error error_from_name(std::string_view name) noexcept;

// Whether code that catches `caught` catches `raised`: UnicodeEncodeError is a ValueError.
[[nodiscard]] constexpr bool is_a(Error raised, Error caught) noexcept {
  return raised == caught || (raised == Error::unicode_encode_error && caught == Error::value_error);
}

// A value, or the error that stands in its place and why.  `reason` is a string literal.
template <typename T>
struct Result {
  T value{};
  Error error = Error::none;
  const char* reason = "";

  [[nodiscard]] bool ok() const noexcept { return error == Error::none; }

  static Result success(T result) { return Result{std::move(result), Error::none, ""}; }
  static Result failure(Error failed, const char* why) { return Result{T{}, failed, why}; }
};

// Success, or the error and why.
struct Status {
  Error error = Error::none;
  const char* reason = "";

  [[nodiscard]] bool ok() const noexcept { return error == Error::none; }
};

}  // namespace bufspec
