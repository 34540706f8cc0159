#include "case_values.hpp"

#include <algorithm>
#include <cstring>

namespace bufspec {

namespace {

const TableValue& value_in(const TableValue& given, std::string_view key, TableValue::Kind kind) {
  const TableValue* value = given.find(key);
  if (value == nullptr || value->kind != kind)
    throw UnusableCase("'" + std::string(key) + "' of `given` must be " + std::string(kind_name(kind)));
  return *value;
}

constexpr ssize most_numbers = 1000;

ssize number_of(const char* element, ssize itemsize) {
  std::string bytes(static_cast<std::size_t>(itemsize), '\0');
  for (ssize k = 0; k < most_numbers; ++k) {
    element_bytes(k, bytes);
    if (std::memcmp(element, bytes.data(), bytes.size()) == 0) return k;
  }
  return -1;
}

}  // namespace

const TableValue& map_in(const TableValue& given, std::string_view key) {
  return value_in(given, key, TableValue::Kind::map);
}

std::int64_t number_in(const TableValue& given, std::string_view key) {
  return value_in(given, key, TableValue::Kind::integer).integer;
}

std::int64_t number_in(const TableValue& given, std::string_view key, std::int64_t otherwise) {
  return given.find(key) == nullptr ? otherwise : number_in(given, key);
}

bool truth_in(const TableValue& given, std::string_view key, bool otherwise) {
  return given.find(key) == nullptr ? otherwise : value_in(given, key, TableValue::Kind::boolean).boolean;
}

const std::string& text_in(const TableValue& given, std::string_view key) {
  return value_in(given, key, TableValue::Kind::string).string;
}

std::vector<ssize> numbers_in(const TableValue& given, std::string_view key) {
  std::vector<ssize> numbers;
  for (const TableValue& one : value_in(given, key, TableValue::Kind::list).list) {
    if (!one.is_integer()) throw UnusableCase("'" + std::string(key) + "' of `given` must be a list of integers");
    numbers.push_back(static_cast<ssize>(one.integer));
  }
  return numbers;
}

char order_in(const TableValue& given) {
  const std::string& order = text_in(given, "order");
  if (order.size() != 1) throw UnusableCase("`order` must be one letter");
  return order[0];
}

bool is_write_mode(const TableValue& given) {
  const std::string& mode = text_in(given, "mode");
  if (mode != "READ" && mode != "WRITE") throw UnusableCase("`mode` must be READ or WRITE");
  return mode == "WRITE";
}

Layout layout_in(const TableValue& given) {
  std::vector<TableProblem> problems;
  const Layout layout = layout_from_value(given, "case", problems);
  if (!problems.empty()) throw UnusableCase(problems.front().text());
  return layout;
}

Found& Found::put(std::string key, const std::vector<ssize>& values) {
  TableValue list = TableValue::empty_list();
  for (const ssize value : values) list.list.push_back(TableValue::of(std::int64_t{value}));
  return put(std::move(key), std::move(list));
}

Found& Found::put(std::string key, const char* text) {
  return put(std::move(key), text == nullptr ? TableValue::of_null() : TableValue::of(std::string(text)));
}

TableValue found_error(std::string_view name) {
  return Found().put("error", TableValue::of(std::string(name))).value();
}

void build_memory(Exporter& exporter, const Layout& layout) {
  if (const Status built = exporter.build(layout); !built.ok())
    throw UnusableCase(std::string("cannot be built: ") + built.reason);
}

ssize count_of(const Geometry& geometry) {
  return element_count({geometry.shape, static_cast<std::size_t>(geometry.ndim)}).value;
}

char* element_at(char* buf, const Geometry& geometry, ssize k) {
  Extents index{};
  for (auto i = static_cast<std::size_t>(geometry.ndim); i-- > 0;) {
    index[i] = k % geometry.shape[i];
    k /= geometry.shape[i];
  }
  return element_pointer(buf, geometry, {index.data(), static_cast<std::size_t>(geometry.ndim)});
}

std::vector<ssize> element_numbers(char* buf, const Geometry& geometry) {
  std::vector<ssize> numbers;
  const ssize count = count_of(geometry);
  numbers.reserve(count > 0 ? static_cast<std::size_t>(count) : 0);
  for (ssize k = 0; k < count; ++k) numbers.push_back(number_of(element_at(buf, geometry, k), geometry.itemsize));
  return numbers;
}

std::vector<ssize> element_numbers(std::string_view bytes, ssize itemsize) {
  std::vector<ssize> numbers;
  const auto step = static_cast<std::size_t>(itemsize);
  for (std::size_t at = 0; step > 0 && at + step <= bytes.size(); at += step)
    numbers.push_back(number_of(bytes.data() + at, itemsize));
  return numbers;
}

std::string elements_from(ssize first, ssize count, ssize itemsize) {
  std::string bytes(static_cast<std::size_t>(count * itemsize), '\0');
  const auto step = static_cast<std::size_t>(itemsize);
  for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k)
    element_bytes(first + static_cast<ssize>(k), {bytes.data() + k * step, step});
  return bytes;
}

void erase_elements(char* buf, const Geometry& geometry) {
  const ssize count = count_of(geometry);
  for (ssize k = 0; k < count; ++k)
    std::memset(element_at(buf, geometry, k), 0xff, static_cast<std::size_t>(geometry.itemsize));
}

std::vector<ssize> destinations(const std::vector<ssize>& held, ssize sources) {
  std::vector<ssize> went_to;
  for (ssize k = 0; k < sources; ++k) {
    const auto at = std::find(held.begin(), held.end(), first_of_source + k);
    if (at != held.end()) went_to.push_back(at - held.begin());
  }
  return went_to;
}

}  // namespace bufspec
