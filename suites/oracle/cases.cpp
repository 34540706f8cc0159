#include "cases.hpp"

#include <algorithm>
#include <cstring>

namespace bufspec::oracle {

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

// Calls visit(element) for each element in C order.
template <typename Visit>
void each_element(const Buffer& view, const Visit& visit) {
  const auto n = static_cast<std::size_t>(view.ndim);
  const auto count = element_count({view.shape, n});
  Extents index{};
  for (ssize k = 0; count.ok() && k < count.value; ++k) {
    visit(element_pointer(static_cast<char*>(view.buf), geometry_of(view), {index.data(), n}));
    (void)advance_index({index.data(), n}, {view.shape, n}, false);
  }
}

}  // namespace

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

TableValue found_error(Error error) {
  return Found().put("error", TableValue::of(std::string(error_name(error)))).value();
}

TableValue text_or_null(const char* text) {
  return text == nullptr ? TableValue::of_null() : TableValue::of(std::string(text));
}

std::vector<ssize> values_of(const ssize* values, int count) {
  if (values == nullptr) return {};
  return {values, values + count};
}

void build(Exporter& exporter, const Layout& layout) {
  if (const Status built = exporter.build(layout); !built.ok())
    throw UnusableCase(std::string("cannot be built: ") + built.reason);
}

FullView::FullView(Object& object, bool writable) {
  const Status granted = get_buffer(object, view, writable ? flag::FULL : flag::FULL_RO);
  if (!granted.ok()) throw UnusableCase(std::string("refused: ") + granted.reason);
}

std::vector<ssize> element_numbers(const Buffer& view) {
  std::vector<ssize> numbers;
  each_element(view, [&](const char* element) { numbers.push_back(number_of(element, view.itemsize)); });
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

void erase_elements(const Buffer& view) {
  each_element(view, [&](char* element) { std::memset(element, 0xff, static_cast<std::size_t>(view.itemsize)); });
}

}  // namespace bufspec::oracle
