// How is a value read from JSON?  An archive over the lists of fields in fields.hpp.  Each member that a list names must be
// there, no other may be, and each must be of the right type and in range; the first that is not ends the reading, and is
// named by its path: "steps[3].answer.status".  After that nothing is read; what was read so far is of no use.
//
// There are hundreds of fields, and a copy of each template for each: what does not depend on the type is in read.cpp.
#pragma once

#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "names.hpp"
#include "value.hpp"

namespace bufspec::json {

class Reader {
 public:
  static constexpr bool reads = true;

  Reader(const Value& value, Fault& fault) : value_(&value), fault_(fault) {}

  template <typename T>
  void operator()(std::string_view key, T&& it) {
    if (!enter_member(key)) return fail_missing(key);
    take(it);
    leave();
  }

  template <typename T>
  void where_set(std::string_view key, std::optional<T>& it) {
    it.reset();
    if (!enter_member(key)) return;
    take(it.emplace());
    leave();
  }

  // Reads the present value.
  template <typename T>
  void take(T& it) {
    if (has_failed_) return;
    if constexpr (requires { it.read(*this); }) {  // a form of its own: forms.hpp
      it.read(*this);
    } else if constexpr (std::same_as<T, bool>) {
      if (const bool* found = as<bool>("true or false")) it = *found;
    } else if constexpr (std::integral<T>) {
      integer(it, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    } else if constexpr (std::is_enum_v<T>) {
      const auto* name = std::get_if<std::string>(&value_->is);
      const std::optional<T> found = name == nullptr ? std::nullopt : value_from<T>(*name);
      if (!found) return fail(one_of(Names<T>::all));
      it = *found;
    } else if constexpr (std::same_as<T, std::string>) {
      if (const auto* found = as<std::string>("a string")) it = *found;
    } else if constexpr (requires { it.has_value(); }) {
      if (is_null())
        it.reset();
      else
        take(it.emplace());
    } else {
      Outer outer;
      if (!open_object(outer)) return;
      visit(*this, it);
      close_object(outer);
    }
  }

  template <typename T>
  void integer(T& it, T least, T most) {
    const auto* found = std::get_if<Integer>(&value_->is);
    if (found == nullptr || !fits(*found, least, most)) return fail_range(std::to_string(least), std::to_string(most));
    it = static_cast<T>(found->is_negative ? std::uint64_t{0} - found->magnitude : found->magnitude);
  }

  // The present value as a T; null, and a failure, if it is of another kind.
  template <typename T>
  [[nodiscard]] const T* as(std::string_view expected) {
    const T* found = std::get_if<T>(&value_->is);
    if (found == nullptr) fail(std::string(expected));
    return found;
  }
  template <typename T>
  [[nodiscard]] bool is() const noexcept {
    return std::holds_alternative<T>(value_->is);
  }
  [[nodiscard]] bool is_null() const noexcept { return is<std::monostate>(); }

  // A list of `least` to `most` entries: `begin(count)`, then `entry(i)` with each as the present value.
  template <typename Begin, typename Entry>
  void list(std::size_t least, std::size_t most, Begin begin, Entry entry) {
    const Array* found = list_of(least, most);
    if (found == nullptr) return;
    begin(found->size());
    for (std::size_t i = 0; i < found->size() && !has_failed_; ++i) {
      enter({{}, i}, (*found)[i]);
      entry(i);
      leave();
    }
  }

  // An object with keys of its own: `member(key)` with the value of each as the present value.
  template <typename Entry>
  void members(Entry member) {
    const auto* found = as<Object>("an object");
    for (std::size_t i = 0; found != nullptr && i < found->size() && !has_failed_; ++i) {
      enter({(*found)[i].key, none}, (*found)[i].value);
      member((*found)[i].key);
      leave();
    }
  }

  // An object of one member, with it as the present value: `of_kind(key)` says whether it is a kind that it has read.
  template <typename OfKind>
  void tagged(OfKind of_kind) {
    const auto* found = std::get_if<Object>(&value_->is);
    if (found == nullptr || found->size() != 1) return fail("a value, or an object of one member that names its kind");
    const Member& only = found->front();
    enter({only.key, none}, only.value);
    const bool is_kind = of_kind(only.key);
    leave();
    if (!is_kind && !has_failed_) fail("a kind of value, not " + only.key);
  }

  void fail(std::string expected);
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }

  template <typename List>
  [[nodiscard]] static std::string one_of(const List& names) {
    if (names.size() > 40) return "one of " + std::to_string(names.size()) + " known names";
    std::string text;
    for (const std::string_view name : names) text += (text.empty() ? "one of " : ", ") + std::string(name);
    return text;
  }

 private:
  static constexpr std::size_t most_members = 64;  // of an object, as many as read_ has bits
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  struct Place {
    std::string_view key;
    std::size_t index;  // in a list; else none
  };
  struct Entered {
    Place place;
    const Value* outer;
  };
  // The object around the one that is read, and which of its members were.
  struct Outer {
    const Object* object = nullptr;
    std::uint64_t read = 0;
  };

  // What is entered is the present value until it is left.
  void enter(const Place& place, const Value& value);
  void leave() noexcept;
  // The member of the object that is read; false, and nothing is entered, if it has none of that name, or reading has failed.
  [[nodiscard]] bool enter_member(std::string_view key);
  [[nodiscard]] bool open_object(Outer& outer);
  void close_object(const Outer& outer);  // fails if there is a member that nobody read

  [[nodiscard]] const Array* list_of(std::size_t least, std::size_t most);
  void fail_missing(std::string_view key);
  void fail_range(const std::string& least, const std::string& most);

  template <typename T>
  static bool fits(const Integer& number, T least, T most) noexcept {
    if (!number.is_negative) return most >= 0 && number.magnitude <= static_cast<std::uint64_t>(most);
    if constexpr (std::signed_integral<T>)
      return least < 0 && number.magnitude <= std::uint64_t{0} - static_cast<std::uint64_t>(std::int64_t{least});
    return false;
  }

  [[nodiscard]] std::string path() const;

  const Value* value_;
  const Object* object_ = nullptr;  // whose members are read
  std::uint64_t read_ = 0;  // bit i says that its member i was
  std::vector<Entered> entered_;
  Fault& fault_;
  bool has_failed_ = false;
};

}  // namespace bufspec::json
