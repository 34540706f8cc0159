// Runs the data cases of the tables against the reference: one function for each call of the vocabulary.
// A call takes `given` and returns a map with what it found; which of its keys count is said by `expect`.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "bufspec/errors.hpp"
#include "bufspec/exporter.hpp"
#include "bufspec/functions.hpp"
#include "table_value.hpp"
#include "tables.hpp"

namespace bufspec::oracle {

using CaseCall = std::function<TableValue(const TableValue& given, Edition edition)>;
using CaseCalls = std::map<std::string, CaseCall, std::less<>>;

void add_value_calls(CaseCalls& calls);       // flags, layouts, formats
void add_function_calls(CaseCalls& calls);    // the library's functions
void add_memoryview_calls(CaseCalls& calls);
void add_argument_calls(CaseCalls& calls);

// A case that cannot be run as it stands: why is in what().
struct UnusableCase : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The value under `key`; UnusableCase without one of that kind.
[[nodiscard]] std::int64_t number_in(const TableValue& given, std::string_view key);
[[nodiscard]] std::int64_t number_in(const TableValue& given, std::string_view key, std::int64_t otherwise);
[[nodiscard]] bool truth_in(const TableValue& given, std::string_view key, bool otherwise);
[[nodiscard]] const std::string& text_in(const TableValue& given, std::string_view key);
[[nodiscard]] std::vector<ssize> numbers_in(const TableValue& given, std::string_view key);
// An order letter: a text of one character.
[[nodiscard]] char order_in(const TableValue& given);
[[nodiscard]] Layout layout_in(const TableValue& given);

// What a call found, key by key.
class Found {
 public:
  Found& put(std::string key, TableValue value) {
    map_.map.emplace_back(std::move(key), std::move(value));
    return *this;
  }
  Found& put(std::string key, bool value) { return put(std::move(key), TableValue::of(value)); }
  Found& put(std::string key, int value) { return put(std::move(key), TableValue::of(std::int64_t{value})); }
  Found& put(std::string key, ssize value) { return put(std::move(key), TableValue::of(std::int64_t{value})); }
  Found& put(std::string key, const std::vector<ssize>& values);
  [[nodiscard]] const TableValue& value() const { return map_; }

 private:
  TableValue map_ = TableValue::empty_map();
};

[[nodiscard]] TableValue found_error(Error error);
[[nodiscard]] TableValue text_or_null(const char* text);
[[nodiscard]] std::vector<ssize> values_of(const ssize* values, int count);

// Builds the memory of `layout`; UnusableCase if it cannot be built.
void build(Exporter& exporter, const Layout& layout);

// A view of everything; released at the end of its life.
class FullView {
 public:
  explicit FullView(Object& object, bool writable = true);
  ~FullView() { release(view); }
  FullView(const FullView&) = delete;
  FullView& operator=(const FullView&) = delete;
  Buffer view{};
};

// The number that each element holds, in C order; -1 where it holds none of element_bytes(0..999).
[[nodiscard]] std::vector<ssize> element_numbers(const Buffer& view);
// The numbers of contiguous elements.
[[nodiscard]] std::vector<ssize> element_numbers(std::string_view bytes, ssize itemsize);
// Contiguous elements that hold first, first + 1, ...
[[nodiscard]] std::string elements_from(ssize first, ssize count, ssize itemsize);
// Makes every element hold no number.
void erase_elements(const Buffer& view);

}  // namespace bufspec::oracle
