// Which fields has each part of a scenario and of a trace, and what are they called in JSON?  One list for each struct, which the writer and
// the reader both follow, so that they cannot differ.  The names at the start of each list are all members of the struct: one more or
// less there does not compile.
#pragma once

#include "forms.hpp"

namespace bufspec::json {

template <typename T, typename Struct>
concept Is = std::same_as<std::remove_const_t<T>, Struct>;

template <typename Archive, Is<Layout> T>
void visit(Archive& archive, T& it) {
  auto& [format, itemsize, ndim, shape, strides, suboffsets, has_strides, has_suboffsets, offset, block, readonly] = it;
  archive("format", format);
  archive("itemsize", itemsize);
  archive("shape", Shape{ndim, shape});
  archive("strides", PerDimension{has_strides, strides, ndim});
  archive("suboffsets", PerDimension{has_suboffsets, suboffsets, ndim});
  archive("offset", offset);
  archive("block", block);
  archive("readonly", readonly);
}

[[nodiscard]] constexpr bool has_slot(StepKind kind) noexcept {
  using enum StepKind;
  return kind == acquire || kind == acquire_direct || kind == release || kind == release_copy ||
         kind == release_raising || kind == read || kind == write || kind == consume;
}
[[nodiscard]] constexpr bool has_flags(StepKind kind) noexcept {
  using enum StepKind;
  return kind == acquire || kind == acquire_direct || kind == reenter || kind == repeat || kind == threads ||
         kind == hold;
}

// A step has the fields that its kind uses; the number of an operation is not called flags.
template <typename Archive, Is<Step> T>
void visit(Archive& archive, T& it) {
  auto& [kind, slot, flags, count] = it;
  archive("kind", kind);
  if (has_slot(kind)) archive("slot", Ranged{slot, 0, max_slots - 1});
  if (has_flags(kind)) archive("flags", flags);
  if (has_operation(kind)) archive("operation", flags);
  if (has_count(kind)) archive("count", Ranged{count, 0, max_count});
}

inline constexpr std::size_t most_rules = 64;  // of a call: one for each key, of which an object has no more

template <typename Archive, Is<Call> T>
void visit(Archive& archive, T& it) {
  auto& [rule, name, given, expect, rules, since] = it;
  archive("rule", rule);
  archive("name", name);
  archive("given", MapOf{given});
  archive("expect", MapOf{expect});
  archive("rules", UpTo{most_rules, rules});
  archive("since", since);
}

template <typename Archive, Is<Scenario> T>
void visit(Archive& archive, T& it) {
  // The last says when a list of cases leaves it out, not what is tried; as in encode(), it is not spelled.
  auto& [target, edition, layout, function, check, call, order, behaviours, refused_requests, steps,
         is_for_small_memory] = it;
  archive("target", target);
  archive("edition", edition);
  archive("layout", layout);
  archive("function", function);
  archive("check", check);
  std::optional<Call> spelled;
  if (call != nullptr) spelled = *call;
  archive.where_set("call", spelled);
  if constexpr (Archive::reads) call = spelled ? std::make_shared<const Call>(std::move(*spelled)) : nullptr;
  archive("order", Letter{order});
  archive("behaviours", Bits{behaviours, behaviour_bits});
  archive("refused_requests", Numbers{refused_requests});
  archive("steps", UpTo{max_steps, steps});
}

template <typename Archive, Is<View> T>
void visit(Archive& archive, T& it) {
  auto& [buf, buf_offset, obj, len, itemsize, readonly, ndim, format, format_text, format_terminated, shape, strides,
         suboffsets, shape_values, strides_values, suboffsets_values] = it;
  archive("buf", buf);
  archive("buf_offset", buf_offset);
  archive("obj", obj);
  archive("len", len);
  archive("itemsize", itemsize);
  archive("readonly", readonly);
  archive("ndim", ndim);
  archive("format", format);
  archive("format_text", Copied{format_text});
  archive("format_truncated", Cut{format_text});
  archive("format_terminated", format_terminated);
  archive("shape", Entries{shape, shape_values, ndim});
  archive("strides", Entries{strides, strides_values, ndim});
  archive("suboffsets", Entries{suboffsets, suboffsets_values, ndim});
}

template <typename Archive, Is<WrongElement> T>
void visit(Archive& archive, T& it) {
  auto& [index, owed, found] = it;
  archive("index", UpTo{static_cast<std::size_t>(max_ndim), index});
  archive("owed", owed);
  archive("found", found);
}

template <typename Archive, Is<Answer> T>
void visit(Archive& archive, T& it) {
  auto& [granted, status, unwritten, exception_set, error, exception_name, canaries_intact, view, references_gained,
         elements, memory_readable, declared, block, is_order_open, wrong, right_from, unchanging] = it;
  archive("granted", granted);
  archive("status", status);
  archive("unwritten", Bits{unwritten, field_names});
  archive("exception_set", exception_set);
  archive("error", error);
  archive("exception_name", exception_name);
  archive("canaries_intact", canaries_intact);
  archive("view", view);
  archive("references_gained", references_gained);
  archive("elements", elements);
  archive("memory_readable", memory_readable);
  archive("declared", declared);
  archive("block", block);
  archive("is_order_open", is_order_open);
  archive("wrong", wrong);
  archive("right_from", right_from);
  archive("unchanging", unchanging);
}

template <typename Archive, Is<Released> T>
void visit(Archive& archive, T& it) {
  auto& [obj, exception_set, canaries_intact, live_exception_lost, unraisable, references_kept] = it;
  archive("obj", obj);
  archive("exception_set", exception_set);
  archive("canaries_intact", canaries_intact);
  archive("live_exception_lost", live_exception_lost);
  archive("unraisable", unraisable);
  archive("references_kept", references_kept);
}

template <typename Archive, Is<Reread> T>
void visit(Archive& archive, T& it) {
  auto& [changed, unreadable, freed, memory_readable, memory_reused, elements] = it;
  archive("changed", Bits{changed, field_names});
  archive("unreadable", Bits{unreadable, field_names});
  archive("freed", Bits{freed, field_names});
  archive("memory_readable", memory_readable);
  archive("memory_reused", memory_reused);
  archive("elements", elements);
}

template <typename Archive, Is<Written> T>
void visit(Archive& archive, T& it) {
  auto& [tried, possible, read_back, elsewhere, restored] = it;
  archive("tried", tried);
  archive("possible", possible);
  archive("read_back", read_back);
  archive("elsewhere", elsewhere);
  archive("restored", restored);
}

template <typename Archive, Is<Mutated> T>
void visit(Archive& archive, T& it) {
  auto& [operation, views_held, raised, error, exception_name, twin_tried, twin_raised, twin_exception_name] = it;
  archive("operation", operation);
  archive("views_held", views_held);
  archive("raised", raised);
  archive("error", error);
  archive("exception_name", exception_name);
  archive("twin_tried", twin_tried);
  archive("twin_raised", twin_raised);
  archive("twin_exception_name", twin_exception_name);
}

template <typename Archive, Is<Repeated> T>
void visit(Archive& archive, T& it) {
  auto& [granted, refused, references_kept, first_half_bytes, second_half_bytes, elements_same] = it;
  archive("granted", granted);
  archive("refused", refused);
  archive("references_kept", references_kept);
  archive("first_half_bytes", first_half_bytes);
  archive("second_half_bytes", second_half_bytes);
  archive("elements_same", elements_same);
}

template <typename Archive, Is<Consumed::Request> T>
void visit(Archive& archive, T& it) {
  auto& [flags, granted, releases, changed] = it;
  archive("flags", flags);
  archive("granted", granted);
  archive("releases", releases);
  archive("changed", Bits{changed, field_names});
}

template <typename Archive, Is<Difference> T>
void visit(Archive& archive, T& it) {
  auto& [aspect, index, owed, found] = it;
  archive("aspect", aspect);
  archive("index", index);
  archive("owed", OneOf{owed});
  archive("found", OneOf{found});
}

template <typename Archive, Is<Consumed> T>
void visit(Archive& archive, T& it) {
  auto& [requests, stray_releases, results_held, called, raised, error, exception_name, is_declared_refusal,
         is_raised_by_bytes, result_and_exception_disagree, returned_none, result, misreading, is_in_memory_order,
         difference, filled, elements_changed, gaps_changed, references_kept] = it;
  archive("requests", UpTo{max_logged_requests, requests});
  archive("stray_releases", stray_releases);
  archive("results_held", results_held);
  archive("called", called);
  archive("raised", raised);
  archive("error", error);
  archive("exception_name", exception_name);
  archive("is_declared_refusal", is_declared_refusal);
  archive("is_raised_by_bytes", is_raised_by_bytes);
  archive("result_and_exception_disagree", result_and_exception_disagree);
  archive("returned_none", returned_none);
  archive("result", result);
  archive("misreading", misreading);
  archive("is_in_memory_order", is_in_memory_order);
  archive("difference", difference);
  archive("filled", filled);
  archive("elements_changed", elements_changed);
  archive("gaps_changed", gaps_changed);
  archive("references_kept", references_kept);
}

template <typename Archive, Is<Called> T>
void visit(Archive& archive, T& it) {
  auto& [error, result, wrong, owed, found, answer] = it;
  archive("error", error);
  archive("result", result);
  archive("wrong", wrong);
  archive("owed", OneOf{owed});
  archive("found", OneOf{found});
  // Only a call has an answer.
  std::optional<OwnMap> spelled;
  if (answer) spelled.emplace().tree = *answer;
  archive.where_set("answer", spelled);
  if constexpr (Archive::reads) {
    answer.reset();
    if (spelled) answer = std::move(spelled->tree);
  }
}

// A record has the members that are set, and no others.
template <typename Archive, Is<StepRecord> T>
void visit(Archive& archive, T& it) {
  auto& [answer, released, reread, written, mutated, repeated, consumed, called] = it;
  archive.where_set("answer", answer);
  archive.where_set("released", released);
  archive.where_set("reread", reread);
  archive.where_set("written", written);
  archive.where_set("mutated", mutated);
  archive.where_set("repeated", repeated);
  archive.where_set("consumed", consumed);
  archive.where_set("called", called);
}

template <typename Archive, Is<Trace> T>
void visit(Archive& archive, T& it) {
  auto& [observes, runtime, richest_word, richest, declared_readonly, consumer, accepts, has_fallback, steps] = it;
  archive("observes", Bits{observes, observation_bits});
  archive("runtime", runtime);
  archive("richest_word", richest_word);
  archive("richest", richest);
  archive("declared_readonly", declared_readonly);
  archive("consumer", consumer);
  archive("accepts", Bits{accepts, capability_bits});
  archive("has_fallback", has_fallback);
  archive("steps", UpTo{max_steps, steps});
}

}  // namespace bufspec::json
