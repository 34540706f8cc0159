// What are the values of an enumeration called in JSON?  One list for writing and reading; names that messages use stay the same.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "bufspec/trace.hpp"

namespace bufspec::json {

// Names<E>::all are the names of E's values, in their order.  Not defined for what is no enumeration of the encoding.
template <typename E>
struct Names;

template <>
struct Names<Target> {
  static constexpr std::array<std::string_view, 3> all{"exporter", "consumer", "function"};
  static_assert(all.size() == static_cast<std::size_t>(Target::function) + 1);
};

template <>
struct Names<Edition> {
  static constexpr std::array<std::string_view, 2> all{"2010", "current"};
  static_assert(all.size() == static_cast<std::size_t>(Edition::current) + 1);
};

template <>
struct Names<StepKind> {
  static constexpr std::array<std::string_view, 17> all{
      "acquire", "release", "consume", "call",   "acquire_direct", "release_copy",    "read",    "write", "mutate",
      "collect", "drop",    "reenter", "repeat", "threads",        "release_raising", "another", "hold"};
  static_assert(all.size() == static_cast<std::size_t>(StepKind::hold) + 1);
};

template <>
struct Names<Function> {
  static constexpr std::array<std::string_view, 1> all{"is_contiguous"};
  static_assert(all.size() == static_cast<std::size_t>(Function::is_contiguous) + 1);
};

template <>
struct Names<Rule> {
  static constexpr auto all = rule_ids;
};

template <>
struct Names<Pointer> {
  static constexpr std::array<std::string_view, 4> all{"NULL", "set", "untouched", "unreadable"};
  static_assert(all.size() == static_cast<std::size_t>(Pointer::unreadable) + 1);
};

template <>
struct Names<Owner> {
  static constexpr std::array<std::string_view, 5> all{"NULL", "exporter", "other object", "untouched", "garbage"};
  static_assert(all.size() == static_cast<std::size_t>(Owner::garbage) + 1);
};

template <>
struct Names<SameElements> {
  static constexpr std::array<std::string_view, 3> all{"not_compared", "same", "different"};
  static_assert(all.size() == static_cast<std::size_t>(SameElements::different) + 1);
};

template <>
struct Names<Block> {
  static constexpr std::array<std::string_view, 3> all{"unknown", "same", "other"};
  static_assert(all.size() == static_cast<std::size_t>(Block::other) + 1);
};

template <>
struct Names<Unchanging> {
  static constexpr std::array<std::string_view, 3> all{"no", "hash", "payload"};
  static_assert(all.size() == static_cast<std::size_t>(Unchanging::payload) + 1);
};

template <>
struct Names<Compared> {
  static constexpr std::array<std::string_view, 3> all{"not_compared", "right", "wrong"};
  static_assert(all.size() == static_cast<std::size_t>(Compared::wrong) + 1);
};

template <>
struct Names<ConsumerKind> {
  static constexpr std::array<std::string_view, 3> all{"reads", "fills", "keeps"};
  static_assert(all.size() == static_cast<std::size_t>(ConsumerKind::keeps) + 1);
};

template <>
struct Names<Aspect> {
  static constexpr auto all = aspect_names;
};

// The names that a function of the reference gives, as a list.
template <std::size_t count, typename NameOf>
[[nodiscard]] auto list_of_names(NameOf name_of) {
  std::array<std::string_view, count> names;
  for (std::size_t i = 0; i < count; ++i) names[i] = name_of(i);
  return names;
}

template <>
struct Names<Error> {
  static inline const auto all = list_of_names<static_cast<std::size_t>(Error::other) + 1>(
      [](std::size_t i) { return error_name(static_cast<Error>(i)); });
};

template <>
struct Names<Misreading> {
  static inline const auto all = list_of_names<static_cast<std::size_t>(Misreading::counted_items) + 1>(
      [](std::size_t i) { return misreading_name(static_cast<Misreading>(i)); });
};

// The names of single bits, from the lowest on.
inline const auto behaviour_bits = list_of_names<32>([](std::size_t i) { return behaviour_name(1U << i); });
static_assert(behaviour::all == (std::uint64_t{1} << behaviour_bits.size()) - 1);
inline const auto capability_bits = list_of_names<12>([](std::size_t i) { return capability_name(1U << i); });
static_assert(capability::all == (1U << capability_bits.size()) - 1);
inline constexpr std::array<std::string_view, 10> observation_bits{
    "struct", "canaries", "references", "exception", "memory", "requests", "result", "mutation", "process", "content"};
static_assert(observation::all == (1U << observation_bits.size()) - 1);
static_assert(field_bit::all == (1U << field_names.size()) - 1);

// The name of a value; empty for a number that is none of them.
template <typename E>
[[nodiscard]] std::string_view name_of(E value) noexcept {
  const auto number = static_cast<std::size_t>(value);
  return number < Names<E>::all.size() ? Names<E>::all[number] : std::string_view{};
}

// The value of that name; nothing if there is none.
template <typename E>
[[nodiscard]] std::optional<E> value_from(std::string_view name) noexcept {
  for (std::size_t i = 0; i < Names<E>::all.size(); ++i)
    if (Names<E>::all[i] == name) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace bufspec::json
