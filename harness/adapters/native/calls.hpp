// The calls of the vocabulary over the functions of a library, and what they share.  Private to this folder.
#pragma once

#include <span>
#include <string_view>

#include "bufspec_subject.h"
#include "given.hpp"
#include "suites/support/case_values.hpp"

namespace bufspec::native {

// A call: what the functions make of `given`.  Throws UnusableCase for a case that cannot be run.
struct NativeCall {
  std::string_view name;
  TableValue (*answer)(const bufspec_functions& functions, const TableValue& given);
  // Whether the library has the functions that it takes.
  bool (*is_offered)(const bufspec_functions& functions);
};

[[nodiscard]] std::span<const NativeCall> function_calls() noexcept;
[[nodiscard]] std::span<const NativeCall> argument_calls() noexcept;
[[nodiscard]] std::span<const NativeCall> memoryview_calls() noexcept;
[[nodiscard]] std::span<const NativeCall> value_calls() noexcept;

// {error: name of the error that is set}, which is then set no more.
[[nodiscard]] TableValue taken_error(const bufspec_functions& functions);

// A memory of four bytes in a line.
[[nodiscard]] Layout line_of_four();

// The struct of a view of `memory` as `layout` describes it, absent strides left absent.  Not a view: nothing is held.
[[nodiscard]] bufspec_buffer struct_of(Exporter& memory, const Layout& layout);

}  // namespace bufspec::native
