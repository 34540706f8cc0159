// The calls that the running interpreter answers, and what they share.  Private to this folder and library.cpp.
// A call answers with a map of the keys that `expect` may have; it judges nothing.
#pragma once

#include <span>
#include <string_view>

#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/support/case_values.hpp"

namespace bufspec::cpython {

// A call of the vocabulary: what the interpreter answers to `given`; null if it has nothing to answer with.  Throws
// UnusableCase for a case that cannot be run.
struct CaseCall {
  std::string_view name;
  TableValue (*answer)(const TableValue& given);
};

[[nodiscard]] std::span<const CaseCall> function_calls() noexcept;
[[nodiscard]] std::span<const CaseCall> memoryview_calls() noexcept;
[[nodiscard]] std::span<const CaseCall> assignment_calls() noexcept;
[[nodiscard]] std::span<const CaseCall> sequence_calls() noexcept;
[[nodiscard]] std::span<const CaseCall> argument_calls() noexcept;
[[nodiscard]] std::span<const CaseCall> request_calls() noexcept;

// {error: name of the exception that is set}; clears it.
[[nodiscard]] TableValue raised_error();

}  // namespace bufspec::cpython
