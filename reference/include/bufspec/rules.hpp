// The rules that the judge checks, by name, with what rules.def says of each.  The tables in spec/tables/ state each of
// them; the oracle suite refuses a name without a row and a judged row without a name here.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bufspec/flags.hpp"
#include "bufspec/observations.hpp"

namespace bufspec {

enum class Rule : std::uint16_t {
#define BUFSPEC_RULE(name, id, observes, editions, binds, judged_by) name,
#include "bufspec/rules.def"
#undef BUFSPEC_RULE
};

// Whom a rule binds, as a set of bits.
namespace binds {
inline constexpr unsigned exporter = 1, consumer = 2, runtime = 4;
}

// What judges a rule: the judge itself, from the steps of a trace; calls of a library's functions, whose answers are compared with
// what is owed; or one check that a
// runtime, or whoever holds an exporter's object, is asked to make.  A call may show a rule of any of the three.
enum class JudgedBy : std::uint8_t { trace, call, check };

// A row of rules.def.
struct JudgedRule {
  std::string_view id;
  unsigned observes;  // observation::*
  bool in_2010;  // stated by the founding document
  bool in_current;
  unsigned binds;  // binds::*
  JudgedBy judged_by;
};

inline constexpr std::array judged_rules = [] {
  using namespace observation;
  using namespace binds;
  using enum JudgedBy;
  constexpr int only_2010 = 1, current = 2, both = 3;
  return std::array{
#define BUFSPEC_RULE(name, id, observes, editions, binds, judged_by) \
  JudgedRule{id, observes, ((editions) & only_2010) != 0, ((editions) & current) != 0, binds, judged_by},
#include "bufspec/rules.def"
#undef BUFSPEC_RULE
  };
}();

inline constexpr std::size_t rule_count = judged_rules.size();

using RuleSet = std::bitset<rule_count>;

[[nodiscard]] constexpr std::size_t index_of(Rule rule) noexcept { return static_cast<std::size_t>(rule); }
[[nodiscard]] constexpr const JudgedRule& row_of(Rule rule) noexcept { return judged_rules[index_of(rule)]; }
[[nodiscard]] constexpr std::string_view rule_id(Rule rule) noexcept { return row_of(rule).id; }

inline constexpr std::array rule_ids = [] {
  std::array<std::string_view, rule_count> ids;
  for (std::size_t i = 0; i < rule_count; ++i) ids[i] = judged_rules[i].id;
  return ids;
}();

// The rule of that id; nothing if there is none.
[[nodiscard]] constexpr std::optional<Rule> rule_from(std::string_view id) noexcept {
  for (std::size_t i = 0; i < rule_count; ++i)
    if (judged_rules[i].id == id) return static_cast<Rule>(i);
  return std::nullopt;
}

// Whether `edition` demands `rule` at all; where it does not, the rule is never judged.
[[nodiscard]] constexpr bool is_stated(Rule rule, Edition edition) noexcept {
  return edition == Edition::founding_2010 ? row_of(rule).in_2010 : row_of(rule).in_current;
}

// What has to be observed before `rule` can be judged: observation::* bits.  Where one is missing nothing is said of the rule.
[[nodiscard]] constexpr unsigned observations_needed(Rule rule) noexcept { return row_of(rule).observes; }

// The rules of which each is one check, which says what it found wrong: those that bind a runtime, or those that do not.
template <bool of_runtimes>
inline constexpr auto checks_of = [] {
  constexpr auto is_meant = [](const JudgedRule& one) {
    return one.judged_by == JudgedBy::check && ((one.binds & binds::runtime) != 0) == of_runtimes;
  };
  constexpr std::size_t count = std::count_if(judged_rules.begin(), judged_rules.end(), is_meant);
  std::array<Rule, count> rules{};
  std::size_t next = 0;
  for (std::size_t i = 0; i < rule_count; ++i)
    if (is_meant(judged_rules[i])) rules[next++] = static_cast<Rule>(i);
  return rules;
}();

// The rules that a runtime is asked about one by one.
inline constexpr auto runtime_checks = checks_of<true>;
// The rules of how an exporter offers its memory by other interfaces, which are asked about one by one.
inline constexpr auto exporter_checks = checks_of<false>;

// One way to read a contested rule.  The position in `readings` is its number in records.
struct Reading {
  Rule rule;
  std::string_view name;
};

inline constexpr std::array readings{
    Reading{Rule::request_ndim_without_nd, "original"},
    Reading{Rule::request_ndim_without_nd, "one"},
    Reading{Rule::request_ndim_without_nd, "zero"},
    Reading{Rule::request_ndim_without_nd_zero_dim, "zero"},
    Reading{Rule::request_ndim_without_nd_zero_dim, "one"},
    Reading{Rule::request_format_without_nd, "refused"},
    Reading{Rule::request_format_without_nd, "bytes_format"},
    Reading{Rule::request_format_without_nd, "true_format"},
    Reading{Rule::request_stray_bits_without_nd, "complete_flags"},
    Reading{Rule::request_stray_bits_without_nd, "own_bits"},
    Reading{Rule::request_contiguous_copy, "refused"},
    Reading{Rule::request_contiguous_copy, "copy"},
    Reading{Rule::field_buf_one_memory, "one_memory"},
    Reading{Rule::field_buf_one_memory, "block_for_each_view"},
    Reading{Rule::layout_contiguous_empty, "contiguous"},
    Reading{Rule::layout_contiguous_empty, "not_contiguous"},
    Reading{Rule::error_type_buffer_error, "buffer_error"},
    Reading{Rule::error_type_buffer_error, "value_error"},
    Reading{Rule::error_obj_null_on_failure, "null"},
    Reading{Rule::error_obj_null_on_failure, "untouched"},
    Reading{Rule::consumer_hardening_len_or_shape, "refuses"},
    Reading{Rule::consumer_hardening_len_or_shape, "trusts_len"},
    Reading{Rule::consumer_hardening_len_or_shape, "trusts_shape"},
    Reading{Rule::consumer_hardening_bad_format, "refuses"},
    Reading{Rule::consumer_hardening_bad_format, "ignores"},
};
static_assert(readings.size() <= 64, "a set of readings is one 64-bit word in records");

// The number of a reading; readings.size() if there is none of that name.
[[nodiscard]] constexpr std::size_t reading_number(Rule rule, std::string_view name) noexcept {
  for (std::size_t i = 0; i < readings.size(); ++i)
    if (readings[i].rule == rule && readings[i].name == name) return i;
  return readings.size();
}

}  // namespace bufspec
