// Which parts of a scenario or trace are not simply a number, a name or an object of fields?  Each such form is a view of the value that
// knows how it is written and read: sets of bits as lists of names, arrays as long as something else says, values of one of
// several kinds.  The guides below the forms say what clang 14 does not find out by itself.
#pragma once

#include <algorithm>
#include <span>

#include "read.hpp"
#include "write.hpp"

namespace bufspec::json {

// An integer of a narrower range than its type.
template <typename T>
struct Ranged {
  T& it;
  std::remove_const_t<T> least, most;

  void write(Writer& writer) const { writer.put(it); }
  void read(Reader& reader) const { reader.integer(it, least, most); }
};
template <typename T, typename U>
Ranged(T&, U, U) -> Ranged<T>;

// A list of at most `most`.
template <typename List>
struct UpTo {
  std::size_t most;
  List& list;

  void write(Writer& writer) const {
    writer.list(list.size(), [&](std::size_t i) { writer.put(list[i]); });
  }
  void read(Reader& reader) const {
    reader.list(0, most, [&](std::size_t count) { list.resize(count); }, [&](std::size_t i) { reader.take(list[i]); });
  }
};
template <typename List>
UpTo(std::size_t, List&) -> UpTo<List>;

// A set of bits as a list of their names, in any order; bits without a name are not written.
template <typename T>
struct Bits {
  T& bits;
  std::span<const std::string_view> names;

  void write(Writer& writer) const {
    std::vector<std::string_view> set;
    for (std::size_t i = 0; i < names.size(); ++i)
      if ((bits >> i & 1) != 0) set.push_back(names[i]);
    writer.list(set.size(), [&](std::size_t i) { writer.put(set[i]); });
  }
  void read(Reader& reader) const {
    const auto begin = [&](std::size_t) { bits = 0; };
    reader.list(0, names.size(), begin, [&](std::size_t) {
      std::string name;
      reader.take(name);
      const auto place = std::find(names.begin(), names.end(), name);
      const auto number = static_cast<std::size_t>(place - names.begin());
      if (place == names.end()) return reader.fail(Reader::one_of(names));
      if ((bits >> number & 1) != 0) return reader.fail("each name once");
      bits |= T{1} << number;
    });
  }
};
template <typename T>
Bits(T&, std::span<const std::string_view>) -> Bits<T>;

// A set of small numbers, which are those of its bits.
template <typename T>
struct Numbers {
  T& bits;
  static constexpr int count = 8;

  void write(Writer& writer) const {
    std::vector<int> set;
    for (int i = 0; i < count; ++i)
      if ((bits >> i & 1) != 0) set.push_back(i);
    writer.list(set.size(), [&](std::size_t i) { writer.put(set[i]); });
  }
  void read(Reader& reader) const {
    const auto begin = [&](std::size_t) { bits = 0; };
    reader.list(0, count, begin, [&](std::size_t) {
      int number = 0;
      reader.integer(number, 0, count - 1);
      if ((bits >> number & 1) != 0) return reader.fail("each number once");
      bits = static_cast<T>(bits | 1 << number);
    });
  }
};
template <typename T>
Numbers(T&) -> Numbers<T>;

// One byte, as a text.
template <typename T>
struct Letter {
  T& letter;

  void write(Writer& writer) const { writer.put(std::string_view(&letter, 1)); }
  void read(Reader& reader) const {
    std::string text;
    reader.take(text);
    if (text.size() != 1) return reader.fail("a string of one byte");
    letter = text[0];
  }
};
template <typename T>
Letter(T&) -> Letter<T>;

// The extents of a layout: a list, whose length is ndim.
template <typename Number, typename Values>
struct Shape {
  Number& ndim;
  Values& values;

  void write(Writer& writer) const {
    const auto count = static_cast<std::size_t>(std::clamp(ndim, 0, max_ndim));
    writer.list(count, [&](std::size_t i) { writer.put(values[i]); });
  }
  void read(Reader& reader) const {
    const auto begin = [&](std::size_t count) { ndim = static_cast<Number>(count); };
    reader.list(0, max_ndim, begin, [&](std::size_t i) { reader.take(values[i]); });
  }
};
template <typename Number, typename Values>
Shape(Number&, Values&) -> Shape<Number, Values>;

// A list of ndim entries, or null where it is absent.
template <typename Flag, typename Values>
struct PerDimension {
  Flag& is_there;
  Values& values;
  int ndim;

  void write(Writer& writer) const {
    if (!is_there) return writer.put_null();
    const auto count = static_cast<std::size_t>(std::clamp(ndim, 0, max_ndim));
    writer.list(count, [&](std::size_t i) { writer.put(values[i]); });
  }
  void read(Reader& reader) const {
    is_there = !reader.is_null();
    if (!is_there) return;
    const auto count = static_cast<std::size_t>(std::clamp(ndim, 0, max_ndim));
    reader.list(count, count, [](std::size_t) {}, [&](std::size_t i) { reader.take(values[i]); });
  }
};
template <typename Flag, typename Values>
PerDimension(Flag&, Values&, int) -> PerDimension<Flag, Values>;

// An array of a view: the list of its ndim entries, or how it is none.
template <typename State, typename Values>
struct Entries {
  State& state;
  Values& values;
  int ndim;

  void write(Writer& writer) const {
    const bool is_there = state == Pointer::readable;
    if (!is_there) return writer.put(state);
    PerDimension<const bool, Values>{is_there, values, ndim}.write(writer);
  }
  void read(Reader& reader) const {
    bool is_there = reader.is<Array>();
    if (is_there) {
      state = Pointer::readable;
      return PerDimension<bool, Values>{is_there, values, ndim}.read(reader);
    }
    reader.take(state);
    if (state == Pointer::readable) reader.fail("a list, or NULL, untouched or unreadable");
  }
};
template <typename State, typename Values>
Entries(State&, Values&, int) -> Entries<State, Values>;

// The text of a format, as far as it was copied; Cut says whether there was more, and comes after it.
template <typename Text>
struct Copied {
  Text& text;

  void write(Writer& writer) const { writer.put(text.text()); }
  void read(Reader& reader) const {
    std::string copied;
    reader.take(copied);
    if (copied.size() > FormatText::capacity)
      return reader.fail("at most " + std::to_string(FormatText::capacity) + " bytes");
    text.assign(copied);
  }
};
template <typename Text>
Copied(Text&) -> Copied<Text>;
template <typename Text>
struct Cut {
  Text& text;

  void write(Writer& writer) const { writer.put(text.is_truncated()); }
  void read(Reader& reader) const {
    bool is_cut = false;
    reader.take(is_cut);
    if (!is_cut) return;
    if (text.text().size() != FormatText::capacity) return reader.fail("false: the text is shorter than is copied");
    text.assign(std::string(text.text()) + ' ');
  }
};
template <typename Text>
Cut(Text&) -> Cut<Text>;

// A tree as JSON has it.  Read trees are maps, where a map is due.
inline void write_tree(Writer& writer, const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::null:
      return writer.put_null();
    case Tree::Kind::boolean:
      return writer.put(tree.boolean);
    case Tree::Kind::integer:
      return writer.put(tree.integer);
    case Tree::Kind::string:
      return writer.put(tree.string);
    case Tree::Kind::list:
      return writer.list(tree.list.size(), [&](std::size_t i) { write_tree(writer, tree.list[i]); });
    case Tree::Kind::map:
      return writer.members(
          tree.map.size(), [&](std::size_t i) -> const std::string& { return tree.map[i].first; },
          [&](std::size_t i) { write_tree(writer, tree.map[i].second); });
  }
}
inline void read_tree(Reader& reader, Tree& tree) {
  tree = {};
  if (reader.is<bool>()) {
    tree.kind = Tree::Kind::boolean;
    reader.take(tree.boolean);
  } else if (reader.is<Integer>()) {
    tree.kind = Tree::Kind::integer;
    reader.take(tree.integer);
  } else if (reader.is<std::string>()) {
    tree.kind = Tree::Kind::string;
    reader.take(tree.string);
  } else if (reader.is<Array>()) {
    tree.kind = Tree::Kind::list;
    reader.list(
        0, std::size_t{1} << 16U, [&](std::size_t count) { tree.list.resize(count); },
        [&](std::size_t i) { read_tree(reader, tree.list[i]); });
  } else if (reader.is<Object>()) {
    tree.kind = Tree::Kind::map;
    reader.members([&](std::string_view key) { read_tree(reader, tree.map.emplace_back(key, Tree()).second); });
  }
}
template <typename T>
struct MapOf {
  T& tree;

  void write(Writer& writer) const { write_tree(writer, tree); }
  void read(Reader& reader) const {
    if (!reader.is<Object>()) return reader.fail("an object");
    read_tree(reader, tree);
  }
};
template <typename T>
MapOf(T&) -> MapOf<T>;
struct OwnMap {
  Tree tree = Tree::empty_map();

  void write(Writer& writer) const { MapOf<const Tree>{tree}.write(writer); }
  void read(Reader& reader) { MapOf<Tree>{tree}.read(reader); }
};

// A value of one of several kinds: null, a number, a text and a list of numbers as they are; the others say their kind.
template <typename V>
struct OneOf {
  V& value;
  static constexpr std::size_t most = 4096;  // of a list

  void write(Writer& writer) const {
    std::visit([&](const auto& it) { write_kind(writer, it); }, value);
  }
  void read(Reader& reader) const {
    if (reader.is_null())
      value = std::monostate{};
    else if (reader.is<Integer>())
      reader.take(value.template emplace<ssize>());
    else if (reader.is<std::string>())
      reader.take(value.template emplace<value::Text>().text);
    else if (reader.is<Array>())
      take(reader, UpTo<std::vector<ssize>>{most, value.template emplace<value::Integers>().values});
    else
      reader.tagged([&](std::string_view kind) { return read_kind(reader, kind); });
  }

 private:
  static void write_kind(Writer& writer, std::monostate) { writer.put_null(); }
  static void write_kind(Writer& writer, ssize it) { writer.put(it); }
  static void write_kind(Writer& writer, Pointer it) { writer.tagged("pointer", it); }
  static void write_kind(Writer& writer, Owner it) { writer.tagged("owner", it); }
  static void write_kind(Writer& writer, const value::Text& it) { writer.put(it.text); }
  static void write_kind(Writer& writer, const value::Exception& it) { writer.tagged("exception", it.name); }
  static void write_kind(Writer& writer, const value::Texts& it) { writer.tagged("texts", UpTo{most, it.texts}); }
  static void write_kind(Writer& writer, const value::Integers& it) { writer.put(UpTo{most, it.values}); }
  static void write_kind(Writer& writer, const value::Requests& it) { writer.tagged("requests", UpTo{most, it.words}); }
  static void write_kind(Writer& writer, value::Fields it) {
    writer.tagged("fields", Bits<unsigned>{it.bits, field_names});
  }
  static void write_kind(Writer& writer, value::Capabilities it) {
    writer.tagged("capabilities", Bits<unsigned>{it.bits, capability_bits});
  }
  static void write_kind(Writer& writer, const value::Bytes& it) { writer.tagged("bytes", it.bytes); }
  static void write_kind(Writer& writer, Misreading it) { writer.tagged("misreading", it); }
  static void write_kind(Writer& writer, const value::Map& it) { writer.tagged("map", MapOf{it.tree}); }

  template <typename Form>
  static bool take(Reader& reader, Form form) {
    reader.take(form);
    return true;
  }
  template <typename T>
  bool take_named(Reader& reader) const {
    T it{};
    reader.take(it);
    value = it;
    return true;
  }
  bool read_kind(Reader& reader, std::string_view kind) const {
    if (kind == "pointer") return take_named<Pointer>(reader);
    if (kind == "owner") return take_named<Owner>(reader);
    if (kind == "misreading") return take_named<Misreading>(reader);
    if (kind == "fields")
      return take(reader, Bits<unsigned>{value.template emplace<value::Fields>().bits, field_names});
    if (kind == "capabilities")
      return take(reader, Bits<unsigned>{value.template emplace<value::Capabilities>().bits, capability_bits});
    if (kind == "texts")
      return take(reader, UpTo<std::vector<std::string>>{most, value.template emplace<value::Texts>().texts});
    if (kind == "requests")
      return take(reader, UpTo<std::vector<int>>{most, value.template emplace<value::Requests>().words});
    if (kind == "bytes") {
      reader.take(value.template emplace<value::Bytes>().bytes);
      return true;
    }
    if (kind == "map") return take(reader, MapOf{value.template emplace<value::Map>().tree});
    if (kind != "exception") return false;
    reader.take(value.template emplace<value::Exception>().name);
    return true;
  }
};
template <typename V>
OneOf(V&) -> OneOf<V>;

}  // namespace bufspec::json
