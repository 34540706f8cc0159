// Any value of a struct whose fields are listed in fields.hpp: an archive that fills each field by chance.
// What it makes need make no sense; it only has to be in the ranges that the fields have.
#pragma once

#include <limits>
#include <random>

#include "suites/engine/json/fields.hpp"

namespace bufspec::json {

class Filler {
 public:
  static constexpr bool reads = true;

  explicit Filler(std::uint64_t seed) : numbers_(seed) {}

  template <typename T>
  void operator()(std::string_view, T&& it) {
    fill(it);
  }
  template <typename T>
  void where_set(std::string_view, std::optional<T>& it) {
    it.reset();
    if (chance(3)) fill(it.emplace());
  }

  template <typename T>
  void fill(T& it) {
    if constexpr (std::same_as<T, bool>)
      it = chance(2);
    else if constexpr (std::integral<T>)
      it = number(std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    else if constexpr (std::is_enum_v<T>)
      it = static_cast<T>(below(Names<T>::all.size()));
    else if constexpr (std::same_as<T, std::string>)
      it = bytes(below(9));
    else if constexpr (requires { it.has_value(); })
      optional(it);
    else
      visit(*this, it);
  }

 private:
  template <typename T>
  void fill(Ranged<T>& form) {
    form.it = number(form.least, form.most);
  }
  template <typename List>
  void fill(UpTo<List>& form) {
    form.list.clear();
    form.list.resize(below(std::min<std::size_t>(form.most, 6) + 1));
    for (auto& one : form.list) fill(one);
  }
  template <typename T>
  void fill(Bits<T>& form) {
    form.bits = static_cast<T>(numbers_() & ((std::uint64_t{1} << form.names.size()) - 1));
  }
  template <typename T>
  void fill(Numbers<T>& form) {
    form.bits = number(std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
  }
  template <typename T>
  void fill(Letter<T>& form) {
    form.letter = static_cast<char>(below(256));
  }
  template <typename Number, typename Values>
  void fill(Shape<Number, Values>& form) {
    form.ndim = static_cast<int>(chance(8) ? below(max_ndim + 1) : below(4));
    fill_all(form.values);
  }
  template <typename Flag, typename Values>
  void fill(PerDimension<Flag, Values>& form) {
    form.is_there = chance(2);
    fill_all(form.values);
  }
  template <typename State, typename Values>
  void fill(Entries<State, Values>& form) {
    fill(form.state);
    fill_all(form.values);
  }
  template <typename Text>
  void fill(Copied<Text>& form) {
    form.text.assign(bytes(chance(8) ? FormatText::capacity : below(9)));
  }
  template <typename Text>
  void fill(Cut<Text>& form) {
    if (form.text.text().size() == FormatText::capacity && chance(2)) form.text.assign(bytes(FormatText::capacity + 1));
  }
  template <typename T>
  void fill(MapOf<T>& form) {
    form.tree = tree(2, true);
  }
  void fill(OwnMap& form) { form.tree = tree(2, true); }

  // Of lists and maps in each other at most `depth`.
  [[nodiscard]] Tree tree(int depth, bool is_map = false) {
    const std::size_t kind = is_map ? 5 : below(depth > 0 ? 6 : 4);
    if (kind == 0) return {};
    if (kind == 1) return Tree::of(chance(2));
    if (kind == 2)
      return Tree::of(number(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()));
    if (kind == 3) return Tree::of(bytes(below(9)));
    Tree made = kind == 4 ? Tree::empty_list() : Tree::empty_map();
    for (std::size_t i = below(4); i > 0; --i)
      if (kind == 4)
        made.list.push_back(tree(depth - 1));
      else
        made.map.emplace_back("key " + std::to_string(i), tree(depth - 1));
    return made;
  }

  template <typename V>
  void fill(OneOf<V>& form) {
    kind(form.value, below(std::variant_size_v<V>), std::make_index_sequence<std::variant_size_v<V>>());
  }

  template <typename V, std::size_t... kinds>
  void kind(V& value, std::size_t wanted, std::index_sequence<kinds...>) {
    const bool is_made = ((kinds == wanted && (fill_kind(value.template emplace<kinds>()), true)) || ...);
    static_cast<void>(is_made);
  }
  void fill_kind(std::monostate) {}
  void fill_kind(value::Text& it) { fill(it.text); }
  void fill_kind(value::Exception& it) { fill(it.name); }
  void fill_kind(value::Bytes& it) { fill(it.bytes); }
  void fill_kind(value::Texts& it) { fill_few(it.texts); }
  void fill_kind(value::Integers& it) { fill_few(it.values); }
  void fill_kind(value::Requests& it) { fill_few(it.words); }
  void fill_kind(value::Map& it) { it.tree = tree(2, true); }
  void fill_kind(value::Fields& it) { it.bits = static_cast<unsigned>(below(field_bit::all + 1)); }
  void fill_kind(value::Capabilities& it) { it.bits = static_cast<unsigned>(below(capability::all + 1)); }
  template <typename T>
  void fill_kind(T& it) {
    fill(it);
  }

  template <typename T>
  void optional(std::optional<T>& it) {
    it.reset();
    if (chance(2)) fill(it.emplace());
  }
  template <typename List>
  void fill_few(List& list) {
    UpTo<List> form{4, list};
    fill(form);
  }
  template <typename Values>
  void fill_all(Values& values) {
    for (auto& one : values) one = number(std::numeric_limits<ssize>::min(), std::numeric_limits<ssize>::max());
  }

  [[nodiscard]] bool chance(std::size_t one_in) { return below(one_in) == 0; }
  [[nodiscard]] std::size_t below(std::size_t limit) { return numbers_() % limit; }
  // Often one end, or near 0; else any.
  template <typename T>
  [[nodiscard]] T number(T least, T most) {
    const std::size_t way = below(4);
    if (way == 0) return below(2) == 0 ? least : most;
    if (way == 1 && least <= 0 && most >= 7) return static_cast<T>(below(8));
    return static_cast<T>(static_cast<std::uint64_t>(least) +
                          numbers_() % (static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least) +
                                        (sizeof(T) < sizeof(std::uint64_t) ? 1 : 0)));
  }
  [[nodiscard]] std::string bytes(std::size_t count) {
    constexpr std::string_view characters = "Bix<\"\\\n\x7f\xc3\xa9\xed\xb0\x80\xff";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += characters[below(characters.size())];
    return text;
  }

  std::mt19937_64 numbers_;
};

// Any value of such a struct; the same for the same seed.
template <typename T>
[[nodiscard]] T filled(std::uint64_t seed) {
  T value{};
  Filler filler(seed);
  filler.fill(value);
  return value;
}

}  // namespace bufspec::json
