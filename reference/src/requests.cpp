#include "bufspec/requests.hpp"

#include <optional>

namespace bufspec {

namespace {

constexpr std::uint32_t first_runtime_with_reserved_words = 0x030d0000;

bool is_reserved(int word, Edition edition, std::uint32_t runtime) noexcept {
  return edition == Edition::current && runtime >= first_runtime_with_reserved_words &&
         (word == flag::READ || word == flag::WRITE);
}

// The first row that makes a refusal of `word` a duty, as far as the memory is concerned.
std::optional<Rule> refusal(int word, const MemoryFacts& facts, Edition edition) noexcept {
  if (has(word, flag::WRITABLE) && facts.readonly) return Rule::request_writable_refused_if_readonly;
  if (asks_both_orders(word) && facts.c_contiguous != facts.f_contiguous) return Rule::request_contiguous_both_orders;
  if (has(word, flag::C_CONTIGUOUS) && !facts.c_contiguous) return Rule::request_c_contiguous_refused_if_not;
  if (has(word, flag::F_CONTIGUOUS) && !facts.f_contiguous) return Rule::request_f_contiguous_refused_if_not;
  if (has(word, flag::ANY_CONTIGUOUS) && !facts.c_contiguous && !facts.f_contiguous)
    return Rule::request_any_contiguous_refused_if_not;
  if (edition == Edition::founding_2010) {
    // The founding text lets an exporter answer ND without C order, and STRIDES without suboffsets.
    if (!has(word, flag::ND) && !facts.c_contiguous) return Rule::request_simple_refused_if_not_contiguous;
    return std::nullopt;
  }
  if (!has(word, flag::INDIRECT) && facts.indirect) return Rule::request_indirect_refused_if_needed;
  if (!has(word, flag::STRIDES) && !facts.c_contiguous) return Rule::request_strides_refused_without;
  return std::nullopt;
}

bool needs_contiguity(int word) noexcept {
  return !has(word, flag::STRIDES) || has(word, flag::C_CONTIGUOUS) || has(word, flag::F_CONTIGUOUS) ||
         has(word, flag::ANY_CONTIGUOUS);
}

Holds shape_holds(int word, const MemoryFacts& facts, Edition edition) noexcept {
  if (!has(word, flag::ND)) return Holds::null;
  if (facts.zero_dim) return edition == Edition::current ? Holds::null : Holds::any;
  return Holds::array;
}

Holds strides_holds(int word, const MemoryFacts& facts, Edition edition) noexcept {
  if (facts.zero_dim) return Holds::null;
  if (!has(word, flag::STRIDES)) return edition == Edition::current ? Holds::null : Holds::any;
  return Holds::array;
}

Holds suboffsets_holds(int word, const MemoryFacts& facts, Edition edition) noexcept {
  if (facts.zero_dim) return Holds::null;
  if (edition == Edition::current) return has(word, flag::INDIRECT) && facts.indirect ? Holds::array : Holds::null;
  return has(word, flag::INDIRECT) && facts.indirect ? Holds::array : Holds::any;
}

}  // namespace

RequestAnswer answer_to(int word, const MemoryFacts& facts, Edition edition, std::uint32_t runtime) noexcept {
  RequestAnswer answer;
  if (is_reserved(word, edition, runtime)) {
    answer.duty = Duty::must_refuse;
    answer.rule = Rule::request_reserved_read_or_write_alone;
    answer.error = Error::system_error;
    return answer;
  }
  const bool stray = has_stray_bits(word) && !has(word, flag::ND);
  if (const auto rule = refusal(word, facts, edition);
      rule && (!stray || refusal(own_bits_completed(word), facts, edition))) {
    answer.duty = Duty::must_refuse;
    answer.rule = *rule;
    return answer;
  }

  answer.shape = shape_holds(word, facts, edition);
  answer.strides = strides_holds(word, facts, edition);
  answer.suboffsets = suboffsets_holds(word, facts, edition);
  answer.format = has(word, flag::FORMAT);
  answer.writable = has(word, flag::WRITABLE);
  answer.ndim_free = !has(word, flag::ND);
  answer.format_free = edition == Edition::current && has(word, flag::FORMAT) && !has(word, flag::ND);
  answer.stray_bits = stray;
  answer.empty_free = facts.ambiguous_empty && needs_contiguity(word);

  // The first contested row names the answer; the flags above say where all of them leave room.
  if (stray) {
    answer.rule = Rule::request_stray_bits_without_nd;
  } else if (answer.format_free) {
    answer.rule = Rule::request_format_without_nd;
  } else if (answer.empty_free) {
    answer.rule = Rule::layout_contiguous_empty;
  } else if (answer.ndim_free) {
    answer.rule = facts.zero_dim ? Rule::request_ndim_without_nd_zero_dim : Rule::request_ndim_without_nd;
  } else {
    return answer;
  }
  answer.duty = Duty::contested;
  return answer;
}

}  // namespace bufspec
