#include "table_value.hpp"

namespace bufspec {

namespace {

template <typename Items, typename Write>
std::string joined(const Items& items, const Write& write) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ", ";
    text += write(item);
  }
  return text;
}

}  // namespace

const TableValue* TableValue::find(std::string_view key) const noexcept {
  if (kind != Kind::map) return nullptr;
  for (const auto& [name, value] : map)
    if (name == key) return &value;
  return nullptr;
}

TableValue::TableValue() = default;
TableValue::TableValue(const TableValue&) = default;
TableValue::TableValue(TableValue&&) noexcept = default;
TableValue& TableValue::operator=(const TableValue&) = default;
TableValue& TableValue::operator=(TableValue&&) noexcept = default;
TableValue::~TableValue() = default;

TableValue TableValue::of_null() { return {}; }

TableValue TableValue::of(bool value) {
  TableValue made;
  made.kind = Kind::boolean;
  made.boolean = value;
  return made;
}

TableValue TableValue::of(std::int64_t value) {
  TableValue made;
  made.kind = Kind::integer;
  made.integer = value;
  return made;
}

TableValue TableValue::of(std::string value) {
  TableValue made;
  made.kind = Kind::string;
  made.string = std::move(value);
  return made;
}

TableValue TableValue::empty_list() {
  TableValue made;
  made.kind = Kind::list;
  return made;
}

TableValue TableValue::empty_map() {
  TableValue made;
  made.kind = Kind::map;
  return made;
}

bool operator==(const TableValue& left, const TableValue& right) {
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case TableValue::Kind::null:
      return true;
    case TableValue::Kind::boolean:
      return left.boolean == right.boolean;
    case TableValue::Kind::integer:
      return left.integer == right.integer;
    case TableValue::Kind::string:
      return left.string == right.string;
    case TableValue::Kind::list:
      return left.list == right.list;
    case TableValue::Kind::map:
      break;
  }
  if (left.map.size() != right.map.size()) return false;
  for (const auto& [key, value] : left.map) {
    const TableValue* other = right.find(key);
    if (other == nullptr || !(value == *other)) return false;
  }
  return true;
}

std::string describe(const TableValue& value) {
  switch (value.kind) {
    case TableValue::Kind::null:
      return "null";
    case TableValue::Kind::boolean:
      return value.boolean ? "true" : "false";
    case TableValue::Kind::integer:
      return std::to_string(value.integer);
    case TableValue::Kind::string:
      return '"' + value.string + '"';
    case TableValue::Kind::list:
      return '[' + joined(value.list, [](const TableValue& item) { return describe(item); }) + ']';
    case TableValue::Kind::map:
      break;
  }
  return '{' + joined(value.map, [](const auto& entry) { return entry.first + ": " + describe(entry.second); }) + '}';
}

std::string_view kind_name(TableValue::Kind kind) noexcept {
  switch (kind) {
    case TableValue::Kind::null:
      return "nothing";
    case TableValue::Kind::boolean:
      return "true or false";
    case TableValue::Kind::integer:
      return "an integer";
    case TableValue::Kind::string:
      return "a text";
    case TableValue::Kind::list:
      return "a list";
    case TableValue::Kind::map:
      return "a map";
  }
  return "";
}

std::string TableProblem::text() const {
  std::string made = file;
  if (line > 0) made += ':' + std::to_string(line) + ':' + std::to_string(column);
  made += ": " + message;
  if (!hint.empty()) made += "; " + hint;
  return made;
}

}  // namespace bufspec
