// What a data case of the tables is given, and what a call answers to it: read strictly, for the reference and for any runtime.
// `given` and `expect` are maps of a rule's row; memory is filled as layouts.yaml says, so elements are named by their numbers.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/errors.hpp"
#include "bufspec/exporter.hpp"
#include "bufspec/layout.hpp"
#include "table_value.hpp"
#include "tables.hpp"

namespace bufspec {

// A case that cannot be run as it stands: why is in what().
struct UnusableCase : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The value under `key`, or `otherwise` without one; UnusableCase for one of another kind, or where it must be there.
[[nodiscard]] const TableValue& map_in(const TableValue& given, std::string_view key);
[[nodiscard]] std::int64_t number_in(const TableValue& given, std::string_view key);
[[nodiscard]] std::int64_t number_in(const TableValue& given, std::string_view key, std::int64_t otherwise);
[[nodiscard]] bool truth_in(const TableValue& given, std::string_view key, bool otherwise);
[[nodiscard]] const std::string& text_in(const TableValue& given, std::string_view key);
[[nodiscard]] std::vector<ssize> numbers_in(const TableValue& given, std::string_view key);
// An order letter: a text of one character.
[[nodiscard]] char order_in(const TableValue& given);
// Whether `mode` is WRITE and not READ.
[[nodiscard]] bool is_write_mode(const TableValue& given);
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
  // A text, or null.
  Found& put(std::string key, const char* text);
  [[nodiscard]] const TableValue& value() const { return map_; }

 private:
  TableValue map_ = TableValue::empty_map();
};

// What a parser of arguments filled in: of any struct that has the fields of CPython's.
template <typename Struct>
[[nodiscard]] TableValue parsed_argument(const Struct& view) {
  return Found()
      .put("len", view.len)
      .put("readonly", view.readonly != 0)
      .put("obj_null", view.obj == nullptr)
      .put("buf_null", view.buf == nullptr)
      .value();
}

[[nodiscard]] TableValue found_error(std::string_view name);
[[nodiscard]] inline TableValue found_error(Error error) { return found_error(error_name(error)); }

// Builds the memory of `layout`; UnusableCase if it cannot be built.
void build_memory(Exporter& exporter, const Layout& layout);

// The number of elements; of a well-formed layout.
[[nodiscard]] ssize count_of(const Geometry& geometry);
[[nodiscard]] inline ssize count_of(const Layout& layout) { return count_of(geometry_of(layout)); }

// How many items so many bytes have; none of no byte.
[[nodiscard]] constexpr ssize items_in(ssize bytes, ssize itemsize) noexcept {
  return itemsize > 0 ? bytes / itemsize : 0;
}

// Element `k` in C order.  Requires: there are more than k.
[[nodiscard]] char* element_at(char* buf, const Geometry& geometry, ssize k);
[[nodiscard]] inline char* element_at(const Exporter& exporter, ssize k) {
  return element_at(exporter.buf(), geometry_of(exporter.layout()), k);
}

// The number that each element holds, in C order; -1 where it holds none of element_bytes(0..999).
[[nodiscard]] std::vector<ssize> element_numbers(char* buf, const Geometry& geometry);
[[nodiscard]] inline std::vector<ssize> element_numbers(const Buffer& view) {
  return element_numbers(static_cast<char*>(view.buf), geometry_of(view));
}
// The numbers of elements that lie without gaps.
[[nodiscard]] std::vector<ssize> element_numbers(std::string_view bytes, ssize itemsize);
// Elements without gaps that hold first, first + 1, ...
[[nodiscard]] std::string elements_from(ssize first, ssize count, ssize itemsize);
// Makes every element hold no number.
void erase_elements(char* buf, const Geometry& geometry);
inline void erase_elements(const Buffer& view) { erase_elements(static_cast<char*>(view.buf), geometry_of(view)); }

// A source that is copied into a memory holds numbers from here on, which the memory did not hold before.
inline constexpr ssize first_of_source = 100;
// Where each of so many elements of that source went, by the numbers that the memory holds now; one that went nowhere is left out.
[[nodiscard]] std::vector<ssize> destinations(const std::vector<ssize>& held, ssize sources);

}  // namespace bufspec
