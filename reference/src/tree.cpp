#include "bufspec/tree.hpp"

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

const Tree* Tree::find(std::string_view key) const noexcept {
  if (kind != Kind::map) return nullptr;
  for (const auto& [name, value] : map)
    if (name == key) return &value;
  return nullptr;
}

Tree::Tree() = default;
Tree::Tree(const Tree&) = default;
Tree::Tree(Tree&&) noexcept = default;
Tree& Tree::operator=(const Tree&) = default;
Tree& Tree::operator=(Tree&&) noexcept = default;
Tree::~Tree() = default;

Tree Tree::of_null() { return {}; }

Tree Tree::of(bool value) {
  Tree made;
  made.kind = Kind::boolean;
  made.boolean = value;
  return made;
}

Tree Tree::of(std::int64_t value) {
  Tree made;
  made.kind = Kind::integer;
  made.integer = value;
  return made;
}

Tree Tree::of(std::string value) {
  Tree made;
  made.kind = Kind::string;
  made.string = std::move(value);
  return made;
}

Tree Tree::empty_list() {
  Tree made;
  made.kind = Kind::list;
  return made;
}

Tree Tree::empty_map() {
  Tree made;
  made.kind = Kind::map;
  return made;
}

bool operator==(const Tree& left, const Tree& right) {
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case Tree::Kind::null:
      return true;
    case Tree::Kind::boolean:
      return left.boolean == right.boolean;
    case Tree::Kind::integer:
      return left.integer == right.integer;
    case Tree::Kind::string:
      return left.string == right.string;
    case Tree::Kind::list:
      return left.list == right.list;
    case Tree::Kind::map:
      break;
  }
  if (left.map.size() != right.map.size()) return false;
  for (const auto& [key, value] : left.map) {
    const Tree* other = right.find(key);
    if (other == nullptr || !(value == *other)) return false;
  }
  return true;
}

std::string describe(const Tree& value) {
  switch (value.kind) {
    case Tree::Kind::null:
      return "null";
    case Tree::Kind::boolean:
      return value.boolean ? "true" : "false";
    case Tree::Kind::integer:
      return std::to_string(value.integer);
    case Tree::Kind::string:
      return '"' + value.string + '"';
    case Tree::Kind::list:
      return '[' + joined(value.list, [](const Tree& item) { return describe(item); }) + ']';
    case Tree::Kind::map:
      break;
  }
  return '{' + joined(value.map, [](const auto& entry) { return entry.first + ": " + describe(entry.second); }) + '}';
}

}  // namespace bufspec
