// What would a trace say whose every field is any value?  An archive over the lists of fields that the JSON encoding has
// (suites/engine/json/fields.hpp): a field that is added to a trace is drawn here without a word.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>

#include "drawn.hpp"
#include "suites/engine/json/fields.hpp"

namespace bufspec::fuzz {

class DrawnFields {
 public:
  static constexpr bool reads = true;

  explicit DrawnFields(Drawn& drawn) noexcept : drawn_(drawn) {}

  template <typename T>
  void operator()(std::string_view /*key*/, T&& it) {
    draw(it);
  }
  template <typename T>
  void where_set(std::string_view /*key*/, std::optional<T>& it) {
    it.reset();
    if (drawn_.truth()) draw(it.emplace());
  }

  template <typename T>
  void draw(T& it) {
    if constexpr (std::same_as<T, bool>) {
      it = drawn_.truth();
    } else if constexpr (std::integral<T>) {
      it = static_cast<T>(drawn_.number());
    } else if constexpr (std::is_enum_v<T>) {
      const auto& names = json::Names<T>::all;
      it = static_cast<T>(static_cast<std::size_t>(drawn_.byte() | drawn_.byte() << 8) % names.size());
    } else if constexpr (std::same_as<T, std::string>) {
      const auto letters = drawn_.take(drawn_.below(24));
      it.assign(letters.begin(), letters.end());
    } else if constexpr (requires { it.has_value(); }) {
      it.reset();
      if (drawn_.truth()) draw(it.emplace());
    } else {
      json::visit(*this, it);
    }
  }

  template <typename T>
  void draw(json::Ranged<T>& it) {
    const auto width = static_cast<std::uint64_t>(it.most) - static_cast<std::uint64_t>(it.least) + 1;
    it.it = static_cast<T>(static_cast<std::uint64_t>(it.least) + static_cast<std::uint64_t>(drawn_.number()) % width);
  }
  template <typename List>
  void draw(json::UpTo<List>& it) {
    it.list.resize(drawn_.below(std::min<std::size_t>(it.most, 7) + 1));
    for (auto& one : it.list) draw(one);
  }
  template <typename T>
  void draw(json::Bits<T>& it) {
    const unsigned drawn = static_cast<unsigned>(drawn_.byte()) | static_cast<unsigned>(drawn_.byte()) << 8U;
    it.bits = static_cast<T>(drawn & ((1U << std::min<std::size_t>(it.names.size(), 16)) - 1));
  }
  template <typename T>
  void draw(json::Numbers<T>& it) {
    it.bits = drawn_.byte();
  }
  template <typename T>
  void draw(json::Letter<T>& it) {
    it.letter = static_cast<char>(drawn_.byte());
  }
  template <typename Number, typename Values>
  void draw(json::Shape<Number, Values>& it) {
    it.ndim = static_cast<Number>(drawn_.below(max_ndim + 1));
    for (int d = 0; d < it.ndim; ++d) draw(it.values[static_cast<std::size_t>(d)]);
  }
  template <typename Flag, typename Values>
  void draw(json::PerDimension<Flag, Values>& it) {
    it.is_there = drawn_.truth();
    if (it.is_there) draw_entries(it.values, it.ndim);
  }
  template <typename State, typename Values>
  void draw(json::Entries<State, Values>& it) {
    draw(it.state);
    if (it.state == Pointer::readable) draw_entries(it.values, it.ndim);
  }
  template <typename Text>
  void draw(json::Copied<Text>& it) {
    std::string text;
    draw(text);
    it.text.assign(text);
  }
  template <typename Text>
  void draw(json::Cut<Text>& it) {
    if (drawn_.byte() == 255) it.text.assign(std::string(FormatText::capacity + 1, 'x'));
  }
  template <typename T>
  void draw(json::MapOf<T>& it) {
    it.tree = Tree::empty_map();
    draw_members(it.tree, 3);
  }
  void draw(json::OwnMap& it) {
    json::MapOf<Tree> map{it.tree};
    draw(map);
  }
  template <typename V>
  void draw(json::OneOf<V>& it) {
    switch (drawn_.below(8)) {
      case 0:
        it.value = std::monostate{};
        return;
      case 1:
        return draw(it.value.template emplace<ssize>());
      case 2:
        return draw(it.value.template emplace<value::Text>().text);
      case 3:
        return draw(it.value.template emplace<value::Bytes>().bytes);
      case 4:
        return draw(it.value.template emplace<Misreading>());
      case 5: {
        json::UpTo<std::vector<ssize>> list{7, it.value.template emplace<value::Integers>().values};
        return draw(list);
      }
      case 6:
        return draw(it.value.template emplace<Owner>());
      default: {
        json::MapOf<Tree> map{it.value.template emplace<value::Map>().tree};
        return draw(map);
      }
    }
  }

 private:
  // As many as the arrays have, however many dimensions a struct claims.
  template <typename Values>
  void draw_entries(Values& values, int ndim) {
    for (int d = 0; d < std::clamp(ndim, 0, max_ndim); ++d) draw(values[static_cast<std::size_t>(d)]);
  }

  void draw_members(Tree& tree, int depth) {
    for (std::size_t n = drawn_.below(4); n > 0; --n) {
      const std::string key(1, static_cast<char>('a' + n));
      draw_tree(tree.map.emplace_back(key, Tree()).second, depth - 1);
    }
  }
  void draw_tree(Tree& tree, int depth) {
    switch (drawn_.below(depth > 0 ? 6 : 4)) {
      case 0:
        return;
      case 1:
        tree = Tree::of(drawn_.truth());
        return;
      case 2:
        tree = Tree::of(drawn_.number());
        return;
      case 3: {
        std::string text;
        draw(text);
        tree = Tree::of(std::move(text));
        return;
      }
      case 4:
        tree = Tree::empty_map();
        return draw_members(tree, depth);
      default:
        tree = Tree::empty_list();
        tree.list.resize(drawn_.below(4));
        for (Tree& one : tree.list) draw_tree(one, depth - 1);
    }
  }

  Drawn& drawn_;
};

}  // namespace bufspec::fuzz
