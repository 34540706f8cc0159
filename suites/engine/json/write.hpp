// How is a value written as JSON?  An archive over the lists of fields in fields.hpp; it appends to a text and never fails.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "names.hpp"
#include "value.hpp"

namespace bufspec::json {

class Writer {
 public:
  static constexpr bool reads = false;

  // A member of the present object.
  template <typename T>
  void operator()(std::string_view key, const T& it) {
    begin_member(key);
    put(it);
  }

  // A member that is only there where it is set.
  template <typename T>
  void where_set(std::string_view key, const std::optional<T>& it) {
    if (it) (*this)(key, *it);
  }

  template <typename T>
  void put(const T& it) {
    if constexpr (requires { it.write(*this); }) {  // a form of its own: forms.hpp
      it.write(*this);
    } else if constexpr (std::same_as<T, bool>) {
      put_text(it ? "true" : "false");
    } else if constexpr (std::integral<T>) {
      put_text(std::to_string(it));
    } else if constexpr (std::is_enum_v<T>) {
      put_string(name_of(it));
    } else if constexpr (std::convertible_to<T, std::string_view>) {
      put_string(it);
    } else if constexpr (requires { it.has_value(); }) {
      if (it)
        put(*it);
      else
        put_null();
    } else {
      begin('{');
      visit(*this, it);
      end('}');
    }
  }

  void put_null() { put_text("null"); }

  // A list of `count` entries, each of which `entry(i)` puts.
  template <typename Entry>
  void list(std::size_t count, Entry entry) {
    begin('[');
    for (std::size_t i = 0; i < count; ++i) {
      separate();
      entry(i);
    }
    end(']');
  }

  // An object of `count` members with keys of their own.
  template <typename Key, typename Entry>
  void members(std::size_t count, Key key, Entry entry) {
    begin('{');
    for (std::size_t i = 0; i < count; ++i) {
      begin_member(key(i));
      entry(i);
    }
    end('}');
  }

  // An object of one member, which names the kind of its value.
  template <typename T>
  void tagged(std::string_view kind, const T& it) {
    begin('{');
    (*this)(kind, it);
    end('}');
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  // These are in write.cpp: each field of each struct has a copy of what calls them.
  void put_text(std::string_view text);  // as it is
  void put_string(std::string_view text);
  void begin(char bracket);
  void end(char bracket);
  void separate();
  void begin_member(std::string_view key);

  std::string text_;
  bool is_first_ = true;
};

}  // namespace bufspec::json
