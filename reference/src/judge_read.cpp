// Which rule does a result keep, or break if it is wrong?
// A rule of its own applies to each trap that the memory sets and to each thing that the request left out; a wrong result breaks
// the one that speaks of how it was read.
#include "bufspec/misreadings.hpp"
#include "judge_consumer.hpp"
#include "layout_hazards.hpp"

namespace bufspec::judging {

namespace {

bool is_some_without(const Seen& seen, int present, int absent) noexcept {
  return std::any_of(seen.requests.begin(), seen.requests.end(), [&](const auto& one) {
    return one.granted && has(one.flags, present) && !has(one.flags, absent);
  });
}

// The rules that the memory and the granted requests bring into play.
void note_applied(const Seen& seen, Notes& notes) {
  const Layout& layout = *seen.layout;
  const MemoryFacts facts = facts_of(geometry_of(layout), layout.readonly);
  const auto applies = [&](Rule rule, bool does) {
    if (does) notes.kept(rule);
  };
  const bool has_strides = seen.is_granted(flag::STRIDES);
  applies(Rule::consumer_data_elements_right, true);
  applies(Rule::consumer_data_suboffsets_followed, facts.indirect && seen.is_granted(flag::INDIRECT));
  applies(Rule::consumer_data_any_stride, has_strides && hazards::has_odd_stride(layout));
  applies(Rule::consumer_data_unaligned, hazards::is_unaligned(layout));
  applies(Rule::consumer_data_extent_one_stride, has_strides && hazards::has_free_stride(layout));
  applies(Rule::consumer_data_empty, hazards::has_no_bytes(layout));
  applies(Rule::consumer_data_missing_strides, layout.ndim > 0 && is_some_without(seen, flag::ND, flag::STRIDES));
  applies(Rule::consumer_data_missing_format, !seen.is_granted(flag::FORMAT));
  applies(Rule::consumer_data_simple_is_bytes, layout.itemsize > 1 && !seen.is_granted(flag::ND));
  applies(Rule::consumer_data_linear_if_contiguous, !facts.c_contiguous && has_strides);
  applies(Rule::consumer_data_memory_order, !facts.c_contiguous && facts.f_contiguous && has_strides);
  applies(Rule::consumer_data_byte_order, seen.is_granted(flag::FORMAT) && hazards::has_foreign_order(layout.format));
  applies(Rule::consumer_dimensions_up_to_64, has_many_dimensions(layout));
}

Rule rule_of_misreading(const Seen& seen) {
  const bool has_shape = seen.is_granted(flag::ND);
  switch (seen.consumed.misreading) {
    case Misreading::linear:
      if (follows_memory_order(seen)) return Rule::consumer_data_memory_order;
      return Rule::consumer_data_linear_if_contiguous;
    case Misreading::without_suboffsets:
      return Rule::consumer_data_suboffsets_followed;
    case Misreading::absolute_strides:
      return Rule::consumer_data_any_stride;
    case Misreading::fortran_order:
      if (has_shape && !seen.is_granted(flag::STRIDES)) return Rule::consumer_data_missing_strides;
      break;
    case Misreading::of_itemsize:
      if (!has_shape) return Rule::consumer_data_simple_is_bytes;
      break;
    case Misreading::byte_swapped:
      return Rule::consumer_data_byte_order;
    case Misreading::released:
      return Rule::consumer_hold_while_used;
    case Misreading::empty:
      return Rule::consumer_data_empty;
    case Misreading::extent_one:
      return Rule::consumer_data_extent_one_stride;
    case Misreading::aligned:
      return Rule::consumer_data_unaligned;
    case Misreading::other_format:
      if (!seen.is_granted(flag::FORMAT)) return Rule::consumer_data_missing_format;
      break;
    case Misreading::counted_items:
      break;
    case Misreading::unknown:
      if (hazards::has_no_bytes(*seen.layout)) return Rule::consumer_data_empty;
      if (has_many_dimensions(*seen.layout)) return Rule::consumer_dimensions_up_to_64;
      break;
  }
  return Rule::consumer_data_elements_right;
}

}  // namespace

bool follows_memory_order(const Seen& seen) {
  if (!seen.consumed.is_in_memory_order || seen.layout == nullptr) return false;
  const MemoryFacts facts = facts_of(geometry_of(*seen.layout), seen.layout->readonly);
  // Without strides a memory is in C order, as it is where that was asked for.
  const bool is_promised = std::any_of(seen.requests.begin(), seen.requests.end(), [](const auto& one) {
    return one.granted && (!has(one.flags, flag::STRIDES) || has(one.flags, flag::C_CONTIGUOUS));
  });
  return facts.f_contiguous && !facts.c_contiguous && !is_promised;
}

Rule rule_of_wrong_result(const Seen& seen, const Notes& notes) {
  const Rule rule = rule_of_misreading(seen);
  return notes.judges(rule) ? rule : Rule::consumer_data_elements_right;
}

Finding wrong_result(const Consumed& consumed) {
  Finding finding = finding_of(consumed.difference);
  if (consumed.misreading != Misreading::unknown) finding.given = consumed.misreading;
  return finding;
}

void judge_read(const Seen& seen, Notes& notes) {
  note_applied(seen, notes);
  const Consumed& consumed = seen.consumed;
  if (consumed.result == Compared::wrong) notes.broken(rule_of_wrong_result(seen, notes), wrong_result(consumed));
}

}  // namespace bufspec::judging
