// Which two sentences does a rule get that a consumer broke, and how is a wrong result put?
#include "finding_words.hpp"

namespace bufspec::cpython {

namespace {

Sentences of_release(Rule rule, const Finding& one) {
  const std::string request = flags_name(one.flags);
  switch (one.aspect) {
    case Aspect::not_released: {
      const std::string others =
          one.times > 1 ? ", nor were " + std::to_string(one.times - 1) + " others" : std::string();
      return {"each view released exactly once", "the view granted for " + request + " was not released" + others};
    }
    case Aspect::released_again: {
      const std::string times = number_in(one.found) == 2 ? "twice" : number_of(one.found) + " times";
      return {"each view released exactly once", "the view granted for " + request + " was released " + times};
    }
    case Aspect::released_stray:
      return {"only what was granted is released", "a struct was released that no request had filled in"};
    default:  // released_refused
      if (rule == Rule::consumer_hardening_failed_obj)
        return {"no release of what was refused", "the struct of a refused request was released"};
      return {"only what was granted is released",
              "the struct of the refused request for " + request + " was released"};
  }
}

Sentences of_struct(Rule rule, const Finding& one) {
  const unsigned owed = rule == Rule::consumer_struct_internal_unchanged
                            ? field_bit::internal
                            : field_bit::format | field_bit::shape | field_bit::strides | field_bit::suboffsets;
  return {
      names_of_fields(owed) + " as they were handed out",
      "another " + names_of_fields(one.fields) + " at the release of the view granted for " + flags_name(one.flags)};
}

std::string length_of(const Scenario& scenario) {
  if (!scenario.layout) return "0";
  const Layout& layout = *scenario.layout;
  const auto count = element_count({layout.shape.data(), static_cast<std::size_t>(layout.ndim)});
  return std::to_string(count.ok() ? count.value * layout.itemsize : 0);
}

Sentences of_result(const Violation& violation, const Scenario& scenario) {
  const Finding& one = violation.finding;
  const Difference difference{one.aspect, one.index, one.owed, one.found};
  Sentences said = sentences_of(difference, scenario);
  // What a call returned breaks the rule too, where the memory was read after its release.
  if (violation.rule == Rule::consumer_hold_while_used && violation.step < scenario.steps.size() &&
      scenario.steps[violation.step].kind == StepKind::read)
    said.expected = "the same result as before: " + said.expected;
  if (const auto* way = std::get_if<Misreading>(&one.given)) said.found += ", as if " + std::string(words_of(*way));
  return said;
}

}  // namespace

Sentences of_consumer(const Violation& violation, const Scenario& scenario) {
  const Rule rule = violation.rule;
  const Finding& one = violation.finding;
  switch (rule) {
    case Rule::consumer_release_exactly_once:
    case Rule::consumer_release_never_granted:
    case Rule::consumer_hardening_failed_obj:
      return of_release(rule, one);
    case Rule::consumer_struct_arrays_unchanged:
    case Rule::consumer_struct_internal_unchanged:
      return of_struct(rule, one);
    case Rule::consumer_write_only_if_asked:
      return {"the memory as it was, since WRITABLE was not granted", "elements changed"};
    case Rule::consumer_write_inside_elements:
      return {"the bytes between and beside the elements as they were", "some of them changed"};
    case Rule::consumer_hardening_readonly_answer:
      return {"no byte written, since readonly is 1", "elements changed"};
    case Rule::consumer_release_nothing_kept:
      return {"no reference to the exporter kept", more_or_fewer(one.found) + " references than before"};
    case Rule::consumer_error_exception_set:
      return {"a result, or an exception", "both at once, or neither"};
    case Rule::consumer_error_refusal_told:
      return {"an exception, since all was refused", "a result"};
    case Rule::consumer_request_no_needless_write:
      return {"requests without WRITABLE", "a request for " + flags_name(one.flags)};
    default:
      break;
  }
  if (one.aspect == Aspect::not_held)
    return {"a view held as long as the result lives", "every view was released when the call returned"};
  if (rule == Rule::consumer_error_refusal_type)
    return {"BufferError, TypeError, ValueError or NotImplementedError", text_in(one.found)};
  if (std::holds_alternative<value::Capabilities>(one.owed))
    return {"accepted, as declared: " + names_of_capabilities(one.owed),
            one.aspect == Aspect::raised ? text_in(one.found) : "a result without a granted request"};
  return of_result(violation, scenario);
}

Sentences sentences_of(const Difference& difference, const Scenario& scenario) {
  const auto byte = [&] {
    return "byte " + std::to_string(difference.index) + " is " + number_of(difference.found) + ", expected " +
           number_of(difference.owed);
  };
  const auto length = [&] { return number_of(difference.found) + " bytes"; };
  const std::string as_bytes = length_of(scenario) + " bytes: the elements in C order";
  const std::string as_filled = "the elements as a bytearray is left";
  switch (difference.aspect) {
    case Aspect::byte:
      return {as_bytes, byte()};
    case Aspect::length:
      return {as_bytes, length()};
    case Aspect::filled_byte:
      return {as_filled, byte()};
    case Aspect::filled_length:
      return {as_filled, length()};
    case Aspect::no_bytes:
      return {as_bytes, text_in(difference.found) + ", whose bytes cannot be had"};
    case Aspect::result:
      return {text_in(difference.owed), text_in(difference.found)};
    case Aspect::result_as_of_bytes:
      return {text_in(difference.owed) + ", as of bytes with the same elements", text_in(difference.found)};
    default:
      return {};
  }
}

}  // namespace bufspec::cpython
