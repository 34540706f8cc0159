// Which two sentences does each broken rule get?  The first of them goes by the rule, the second by what was found.
#include "finding_text.hpp"

#include <utility>

#include "finding_words.hpp"

namespace bufspec::cpython {

namespace {

Sentences of_presence(const Finding& one) {
  const std::string field = names_of_fields(one.fields);
  const auto* owed = std::get_if<Pointer>(&one.owed);
  const bool is_null = owed != nullptr && *owed == Pointer::null;
  const std::string request = " for " + flags_name(one.flags);
  if (one.fields == field_bit::format)
    return {is_null ? "format NULL" + request : "a format" + request, std::holds_alternative<value::Text>(one.found)
                                                                          ? "format " + quoted(one.found)
                                                                          : pointer_in(one.found, field)};
  return {field + (is_null ? " NULL" : " an array of ndim entries") + request, pointer_in(one.found, field)};
}

Sentences of_other_answer(const Finding& one) {
  const auto* requests = std::get_if<value::Requests>(&one.owed);
  if (requests == nullptr || requests->words.empty()) return {};
  const std::string word = flags_name(one.flags);
  const std::string first = "the answer to " + flags_name(requests->words[0]);
  if (requests->words.size() == 1) return {first, "another answer to " + word};
  return {first + " or to " + flags_name(requests->words[1]), "an answer to " + word + " that is neither"};
}

Sentences of_format(Rule rule, const Finding& one) {
  switch (rule) {
    case Rule::format_text_terminated:
      return {"a NUL-terminated text", "no NUL before the end of readable memory"};
    case Rule::format_text_parses:
      return {"a format by the grammar of struct and PEP 3118", quoted(one.found) + ": " + text_in(one.given)};
    case Rule::format_text_same_for_all:
      return {"format " + quoted(one.owed) + ", as in the richest answer", "format " + quoted(one.found)};
    case Rule::request_format_without_nd: {
      const auto* owed = std::get_if<value::Texts>(&one.owed);
      std::string allowed;
      if (owed != nullptr)
        for (const std::string& text : owed->texts) allowed += (allowed.empty() ? "\"" : " or \"") + text + '"';
      return {allowed, quoted(one.found)};
    }
    default:  // the two of itemsize
      return {"itemsize " + number_of(one.owed) + ", the size of format " + quoted(one.given),
              "itemsize " + number_of(one.found)};
  }
}

// "ndim 2, 1 or 0".
std::string allowed_ndim(const Value& owed) {
  const auto* numbers = std::get_if<value::Integers>(&owed);
  std::string text = "ndim ";
  for (std::size_t i = 0; numbers != nullptr && i < numbers->values.size(); ++i)
    text += (i == 0 ? "" : i + 1 == numbers->values.size() ? " or " : ", ") + std::to_string(numbers->values[i]);
  return text;
}

Sentences of_number(Rule rule, const Finding& one) {
  const std::string owed = number_of(one.owed);
  std::string found = names_of_fields(one.fields) + ' ' + number_of(one.found);
  switch (rule) {
    case Rule::field_ndim_nonnegative:
      return {"ndim >= 0", found};
    case Rule::field_ndim_at_most_64:
      return {"ndim <= 64", found};
    case Rule::field_ndim_independent:
      return {"ndim " + owed + ", as in the richest answer", found};
    case Rule::request_ndim_without_nd:
    case Rule::request_ndim_without_nd_zero_dim:
      return {allowed_ndim(one.owed), found};
    case Rule::field_itemsize_independent:
      return {"itemsize " + owed + ", whatever is requested", found};
    case Rule::field_readonly_boolean:
      return {"readonly 0 or 1", found};
    case Rule::request_writable_writable:
      return {"readonly 0 for WRITABLE", found};
    case Rule::field_readonly_same_for_all:
      return {"readonly " + owed + ", the same for all without WRITABLE", found};
    default:  // field_len_product
      return {
          one.aspect == Aspect::overflow ? "a shape whose size fits" : "len " + owed + ", product(shape) * itemsize",
          found + " with shape " + tuple_of(one.given)};
  }
}

Sentences of_array(Rule rule, const Finding& one) {
  const std::string field = names_of_fields(one.fields) + ' ';
  if (rule == Rule::field_shape_nonnegative) return {"extents >= 0", field + tuple_of(one.found)};
  if (rule == Rule::layout_contiguous_as_requested)
    return {std::string("strides in order ") + one.order + " for " + flags_name(one.flags),
            std::holds_alternative<value::Integers>(one.found) ? field + tuple_of(one.found)
                                                               : pointer_in(one.found, "strides")};
  if (std::holds_alternative<Pointer>(one.owed)) return {"no pointer to follow", field + tuple_of(one.found)};
  return {field + tuple_of(one.owed), field + tuple_of(one.found)};
}

std::string owner_in(const Finding& one) {
  const auto* owner = std::get_if<Owner>(&one.found);
  if (owner != nullptr && *owner == Owner::garbage) return "obj points at no object";
  return owner != nullptr && *owner == Owner::null ? "obj NULL" : "obj was not written";
}

std::string object_in(const Finding& one) {
  const auto* owner = std::get_if<Owner>(&one.found);
  return owner != nullptr && *owner == Owner::garbage ? "obj garbage" : "obj an object";
}

Sentences of_memory(Rule rule, const Finding& one) {
  const bool is_pointer = one.aspect == Aspect::presence;
  if (rule == Rule::field_buf_logical_start)
    return {"the elements that the memory was declared to hold, the first of them at buf",
            is_pointer ? pointer_in(one.found, "buf") : "other elements"};
  return {"the memory of the richest answer",
          is_pointer ? pointer_in(one.found, "buf")
                     : "buf " + number_of(one.found) + " bytes from it, with other elements"};
}

// Of a reference count, or the bytes of a process, after one request or a number of them.
Sentences of_what_is_kept(Rule rule, const Finding& one) {
  const std::string request = flags_name(one.flags);
  if (one.aspect == Aspect::process_bytes) {
    const auto* halves = std::get_if<value::Integers>(&one.found);
    const auto half = [&](std::size_t i) {
      return std::to_string(halves != nullptr && i < halves->values.size() ? halves->values[i] : 0);
    };
    return {"a process that does not grow by " + number_of(one.owed) + " bytes a time or more",
            half(0) + " bytes more after the first half of " + std::to_string(one.times) + " times " + request + ", " +
                half(1) + " more after the second"};
  }
  if (one.times > 0)
    return {rule == Rule::lifetime_release_obj_kept ? "the reference in obj dropped once"
                                                    : "the reference count of the object as before",
            "a reference count that changed by " + number_of(one.found) + " in " + std::to_string(one.times) +
                " times " + request};
  const std::string kept = more_or_fewer(one.found) + " than before the acquire";
  switch (rule) {
    case Rule::error_refusal_nothing_kept:
      return {"the reference count of the object as before the refused request", number_of(one.found) + " more"};
    case Rule::lifetime_release_obj_kept:
      return {"the reference in obj dropped once", kept};
    case Rule::lifetime_release_references_restored:
      return {"the reference count of obj as before the acquire", kept};
    default:  // lifetime_release_through_copy
      return {"the release of a copy of the struct to give back what the struct held",
              "the reference count of obj is " + kept};
  }
}

Sentences of_held_view(Rule rule, const Finding& one) {
  if (rule == Rule::lifetime_export_memory_unchanged)
    return {"the elements that the view showed when it was acquired", "other elements"};
  if (rule == Rule::lifetime_export_memory_valid) {
    if (one.aspect == Aspect::other_elements)
      return {"the same elements through every view, whichever thread holds it", "other elements"};
    return {"memory that stays valid until it is released",
            one.aspect == Aspect::reused ? "it was freed while exported (use after free)" : "it can no longer be read"};
  }
  if (rule == Rule::field_readonly_truthful)
    return {"memory that can be written, as readonly 0 says",
            one.aspect == Aspect::not_read_back ? "what was written is not read again through the same view"
                                                : "it cannot be written"};
  // lifetime_export_arrays_valid
  const auto* lost = std::get_if<value::Fields>(&one.found);
  const unsigned unreadable = lost != nullptr ? lost->bits : 0;
  const unsigned changed = one.fields & ~unreadable;
  std::string text = changed != 0 ? names_of_fields(changed) + " changed" : "";
  if (unreadable != 0) text += (text.empty() ? "" : "; ") + names_of_fields(unreadable) + " can no longer be read";
  return {"the fields, arrays and format of a held view as they were when it was acquired", text};
}

Sentences of_call(Rule rule, const Finding& one) {
  const bool at_release = one.aspect == Aspect::at_release;
  switch (rule) {
    case Rule::error_status_zero_or_minus_one:
      return {number_of(one.owed) + (number_in(one.owed) == 0 ? " for a grant" : " for a refusal"),
              number_of(one.found)};
    case Rule::lifetime_struct_inside_only:
      return {"only the struct is written", at_release ? "bytes beside the struct were overwritten by the release"
                                                       : "bytes beside the struct were overwritten"};
    case Rule::error_exception_none_on_success:
      return {"no exception",
              at_release ? "the release left an exception behind" : "granted, and " + text_in(one.found) + " is set"};
    case Rule::error_exception_set_on_failure:
      return {"an exception", "refused, and no exception is set"};
    case Rule::error_type_buffer_error:
      return {"BufferError or ValueError for a request that cannot be met", text_in(one.found)};
    case Rule::error_obj_null_on_failure:
      return {"obj NULL (or untouched) after a failure", object_in(one)};
    case Rule::request_reserved_read_or_write_alone:
      return {text_in(one.owed), text_in(one.found)};
    case Rule::lifetime_release_obj_null:
      return {"obj is NULL after the release", "obj is not NULL"};
    case Rule::field_struct_all_filled:
      return {"every field written", names_of_fields(one.fields) + " left as the caller had it"};
    case Rule::layout_bounds_inside_block:
      return {"elements that can all be read", "an element outside readable memory"};
    case Rule::field_obj_not_null:
      return {"obj a reference to the exporter", owner_in(one)};
    case Rule::field_obj_owned_reference:
      return {"a new reference to obj", number_of(one.found) + " new references to obj"};
    default:  // lifetime_export_lock_ends
      return {text_in(one.given) + " after the last release as on an object that was never exported",
              text_in(one.given) + " raised " + text_in(one.found) +
                  " after the last release; on a twin that was never exported it did not"};
  }
}

// What function or check of a runtime it was.
Sentences of_function(Rule rule, const Finding& one, const Scenario& scenario) {
  if (rule == Rule::function_is_contiguous_agrees) {
    const bool owed = scenario.layout && is_contiguous(geometry_of(*scenario.layout), scenario.order);
    return {std::string(owed ? "1" : "0") + " for order " + scenario.order + " of " +
                (scenario.layout ? describe(*scenario.layout) : std::string()),
            one.aspect == Aspect::raised ? text_in(one.found) : number_of(one.found)};
  }
  return {"nothing wrong", one.aspect == Aspect::raised ? text_in(one.found) : text_in(one.given)};
}

}  // namespace

Sentences sentences_of(const Violation& violation, const Scenario& scenario) {
  const Rule rule = violation.rule;
  const Finding& one = violation.finding;
  if (scenario.target == Target::consumer) return of_consumer(violation, scenario);
  if (scenario.target == Target::function) return of_function(rule, one, scenario);
  switch (one.aspect) {
    case Aspect::not_refused:
      return {"a refusal of " + flags_name(one.flags), "granted"};
    case Aspect::refused: {
      const auto* granted = std::get_if<value::Requests>(&one.owed);
      const std::string as = granted != nullptr && !granted->words.empty() ? flags_name(granted->words[0]) : "";
      return {flags_name(one.flags) + " granted, as " + as + " was", "refused with " + text_in(one.found)};
    }
    case Aspect::other_answer:
      return of_other_answer(one);
    default:
      break;
  }
  switch (rule) {
    case Rule::field_buf_same_memory:
    case Rule::field_buf_logical_start:
      return of_memory(rule, one);
    case Rule::format_text_terminated:
    case Rule::format_text_parses:
    case Rule::format_text_same_for_all:
    case Rule::format_itemsize_agrees:
    case Rule::format_itemsize_agrees_pep3118:
    case Rule::request_format_without_nd:
      return of_format(rule, one);
    case Rule::field_ndim_nonnegative:
    case Rule::field_ndim_at_most_64:
    case Rule::field_ndim_independent:
    case Rule::request_ndim_without_nd:
    case Rule::request_ndim_without_nd_zero_dim:
    case Rule::field_itemsize_independent:
    case Rule::field_readonly_boolean:
    case Rule::request_writable_writable:
    case Rule::field_readonly_same_for_all:
    case Rule::field_len_product:
      return of_number(rule, one);
    case Rule::field_shape_nonnegative:
    case Rule::field_shape_same_for_all:
    case Rule::field_strides_same_for_all:
    case Rule::field_suboffsets_same_for_all:
    case Rule::layout_contiguous_as_requested:
      return of_array(rule, one);
    case Rule::error_refusal_nothing_kept:
    case Rule::lifetime_release_obj_kept:
    case Rule::lifetime_release_references_restored:
    case Rule::lifetime_release_through_copy:
    case Rule::lifetime_release_memory_restored:
      return of_what_is_kept(rule, one);
    case Rule::lifetime_export_arrays_valid:
    case Rule::lifetime_export_memory_valid:
    case Rule::lifetime_export_memory_unchanged:
    case Rule::field_readonly_truthful:
      return of_held_view(rule, one);
    default:
      return one.aspect == Aspect::presence ? of_presence(one) : of_call(rule, one);
  }
}

}  // namespace bufspec::cpython
