// A neutral tree of scalars, lists and maps: what a table, a call of a library or a JSON text says, before anyone asks what it
// means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bufspec {

// One node: a scalar, a list or a map, with the place where it was written.
struct Tree {
  enum class Kind : std::uint8_t { null, boolean, integer, string, list, map };

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string string;
  std::vector<Tree> list;
  std::vector<std::pair<std::string, Tree>> map;  // in the order in which it was written; keys are unique
  int line = 0;  // counted from 1; 0 where nobody knows the place
  int column = 0;

  // Made in the source file: clang 19 wants the size of a pair of the map before this class is complete.
  Tree();
  Tree(const Tree&);
  Tree(Tree&&) noexcept;
  Tree& operator=(const Tree&);
  Tree& operator=(Tree&&) noexcept;
  ~Tree();

  [[nodiscard]] bool is_null() const noexcept { return kind == Kind::null; }
  [[nodiscard]] bool is_boolean() const noexcept { return kind == Kind::boolean; }
  [[nodiscard]] bool is_integer() const noexcept { return kind == Kind::integer; }
  [[nodiscard]] bool is_string() const noexcept { return kind == Kind::string; }
  [[nodiscard]] bool is_list() const noexcept { return kind == Kind::list; }
  [[nodiscard]] bool is_map() const noexcept { return kind == Kind::map; }

  // The value under `key`, or null if this is no map or has no such key.
  [[nodiscard]] const Tree* find(std::string_view key) const noexcept;

  static Tree of_null();
  static Tree of(bool value);
  static Tree of(std::int64_t value);
  static Tree of(std::string value);
  static Tree empty_list();
  static Tree empty_map();
};

// Whether two trees say the same; places do not count, the order of a map's keys neither.
[[nodiscard]] bool operator==(const Tree& left, const Tree& right);

// The tree on one line, as messages show it: {shape: [2, 3], order: "C"}.
[[nodiscard]] std::string describe(const Tree& value);

}  // namespace bufspec
