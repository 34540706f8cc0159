// What a data case of the tables comes to in the running interpreter: the calls of the vocabulary and what they share.
// Private to table_cases*.cpp.  A call answers with a map of the keys that `expect` may have; it judges nothing.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/exporter.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/support/tables.hpp"

namespace bufspec::cpython {

// A call of the vocabulary: what the interpreter answers to `given`; null if it has nothing to answer with.
struct CaseCall {
  std::string_view name;
  TableValue (*answer)(const TableValue& given);
};

[[nodiscard]] std::span<const CaseCall> function_calls() noexcept;
[[nodiscard]] std::span<const CaseCall> memoryview_calls() noexcept;

// The keys of `given`; a missing one is the value named here.
[[nodiscard]] std::int64_t number_in(const TableValue& given, std::string_view key, std::int64_t otherwise = 0);
[[nodiscard]] bool truth_in(const TableValue& given, std::string_view key);
[[nodiscard]] std::string text_in(const TableValue& given, std::string_view key);
[[nodiscard]] char order_in(const TableValue& given);  // the first character of `order`, C if there is none
[[nodiscard]] std::vector<ssize> numbers_in(const TableValue& given, std::string_view key);
[[nodiscard]] Layout layout_in(const TableValue& given);

// A map that is filled key by key.
class FoundAnswer {
 public:
  FoundAnswer& put(const char* key, TableValue value);
  FoundAnswer& number(const char* key, std::int64_t value) { return put(key, TableValue::of(value)); }
  FoundAnswer& truth(const char* key, bool value) { return put(key, TableValue::of(value)); }
  FoundAnswer& text_or_null(const char* key, const char* value);
  FoundAnswer& numbers(const char* key, const std::vector<ssize>& values);
  [[nodiscard]] TableValue take() { return std::move(map_); }

 private:
  TableValue map_ = TableValue::empty_map();
};

// {error: name of the exception that is set}; clears it.
[[nodiscard]] TableValue raised_error();

// {error: ...} of a memory that could not be made.
[[nodiscard]] TableValue failed(const Status& status);

// Which elements, by element_bytes(), lie one behind the other in `bytes`; -1 for what is no element below `count`.
[[nodiscard]] std::vector<ssize> elements_of(std::span<const char> bytes, ssize itemsize, ssize count);

// The elements with the numbers 0 ... `count` - 1, one behind the other.
[[nodiscard]] std::vector<char> consecutive_elements(ssize count, ssize itemsize);

// The element of `exporter`'s memory with number `k` in C order.  Requires: k is below the number of elements.
[[nodiscard]] char* element_at(const Exporter& exporter, ssize k);

// Fills every element with a byte that no element of a case consists of.
void mark_elements(const Exporter& exporter);

// The numbers of the elements that lie in `exporter`'s memory, in C order; those that are still marked are -1.
[[nodiscard]] std::vector<ssize> elements_in(const Exporter& exporter, ssize count);

// The number of elements of a well-formed layout.
[[nodiscard]] ssize count_of(const Layout& layout);

}  // namespace bufspec::cpython
