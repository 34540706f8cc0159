// Judging a granted answer: the fields owed to the request, and one memory behind all answers.
#include <algorithm>

#include "bufspec/format.hpp"
#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

// A number of a field that is another one than owed.
Finding number(unsigned field, ssize owed, ssize found, Aspect aspect = Aspect::value) {
  return {.aspect = aspect, .fields = field, .owed = owed, .found = found};
}

// Whether a pointer field holds what the request owes it.
bool holds(Pointer pointer, Holds owed) noexcept {
  if (owed == Holds::null) return pointer == Pointer::null;
  if (owed == Holds::array) return pointer == Pointer::readable;
  return pointer == Pointer::null || pointer == Pointer::readable;
}

// What a pointer field holds beside what is owed to it: an array shows its entries.
Finding presence(unsigned field, Holds owed, Value found, int word) {
  const Pointer due = owed == Holds::null ? Pointer::null : Pointer::readable;
  return {.aspect = Aspect::presence, .fields = field, .flags = word, .owed = due, .found = std::move(found)};
}

void judge_presence(const View& view, const RequestAnswer& owed, const MemoryFacts& facts, int word, Notes& notes) {
  const bool zero_dim = facts.zero_dim;
  const auto check = [&](Rule rule, unsigned field, Pointer pointer, const Extents& values, Holds due) {
    notes.check(rule, holds(pointer, due),
                [&] { return presence(field, due, array_of(pointer, values, view.ndim), word); });
  };
  if (!has(word, flag::ND)) {
    check(Rule::request_nd_shape_absent, field_bit::shape, view.shape, view.shape_values, owed.shape);
  } else if (owed.shape != Holds::any) {
    const Rule rule = zero_dim ? Rule::field_shape_zero_dim_null : Rule::request_nd_shape_present;
    check(rule, field_bit::shape, view.shape, view.shape_values, owed.shape);
  }
  if (owed.strides != Holds::any) {
    const Rule rule = zero_dim                   ? Rule::field_strides_zero_dim_null
                      : has(word, flag::STRIDES) ? Rule::request_strides_strides_present
                                                 : Rule::request_strides_strides_absent;
    check(rule, field_bit::strides, view.strides, view.strides_values, owed.strides);
  }
  if (owed.suboffsets != Holds::any) {
    const Rule rule = zero_dim                          ? Rule::field_suboffsets_zero_dim_null
                      : owed.suboffsets == Holds::array ? Rule::request_indirect_suboffsets_present
                      : has(word, flag::INDIRECT)       ? Rule::field_suboffsets_null_if_none
                                                        : Rule::request_indirect_suboffsets_absent;
    check(rule, field_bit::suboffsets, view.suboffsets, view.suboffsets_values, owed.suboffsets);
  }
}

void judge_format_text(const Asked& asked, const RequestAnswer& owed, int word, Notes& notes) {
  const View& view = asked.answer->view;
  if (view.format != Pointer::readable) return;
  notes.check(Rule::format_text_terminated, view.format_terminated, Aspect::value, field_bit::format);
  if (!view.format_terminated || view.format_text.is_truncated()) return;

  const std::string_view text = view.format_text.text();
  const bool true_format = asked.memory->format_known &&
                           (text == asked.memory->layout.format || formats_equal(text, asked.memory->layout.format));
  if (owed.format_free) {
    if (true_format && text == "B") return;  // both readings agree
    if (true_format || !asked.memory->format_known) {
      notes.reads(Rule::request_format_without_nd, text == "B" ? "bytes_format" : "true_format");
    } else if (text == "B") {
      notes.reads(Rule::request_format_without_nd, "bytes_format");
    } else {
      notes.broken(Rule::request_format_without_nd, {.aspect = Aspect::one_of,
                                                     .fields = field_bit::format,
                                                     .flags = word,
                                                     .owed = value::Texts{{"B", asked.memory->layout.format}},
                                                     .found = value::Text{std::string(text)}});
    }
    return;
  }
  const auto size = format_size(text);
  notes.check(Rule::format_text_parses, size.ok(), [&] {
    return Finding{
        .fields = field_bit::format, .found = value::Text{std::string(text)}, .given = value::Text{size.reason}};
  });
  // What struct can read has one size; what only PEP 3118 has is less settled (padding behind the last member).
  const Rule agrees = size_from_format(text).ok() ? Rule::format_itemsize_agrees : Rule::format_itemsize_agrees_pep3118;
  if (size.ok())
    notes.check(agrees, size.value.size == view.itemsize, [&] {
      Finding finding = number(field_bit::itemsize, size.value.size, view.itemsize);
      finding.given = value::Text{std::string(text)};
      return finding;
    });
  if (asked.memory->format_known)
    notes.check(Rule::format_text_same_for_all, true_format, [&] {
      return Finding{.fields = field_bit::format,
                     .owed = value::Text{asked.memory->layout.format},
                     .found = value::Text{std::string(text)}};
    });
}

void judge_format(const Asked& asked, const RequestAnswer& owed, int word, Notes& notes) {
  const View& view = asked.answer->view;
  if (!owed.format) {
    notes.check(Rule::request_format_absent, view.format == Pointer::null,
                [&] { return presence(field_bit::format, Holds::null, format_of(view), word); });
    return;
  }
  notes.check(Rule::request_format_present, view.format == Pointer::readable,
              [&] { return presence(field_bit::format, Holds::array, view.format, word); });
  judge_format_text(asked, owed, word, notes);
}

void judge_ndim(const Asked& asked, const RequestAnswer& owed, Notes& notes) {
  const View& view = asked.answer->view;
  notes.check(Rule::field_ndim_nonnegative, view.ndim >= 0,
              [&] { return number(field_bit::ndim, 0, view.ndim, Aspect::at_least); });
  notes.check(Rule::field_ndim_at_most_64, view.ndim <= max_ndim,
              [&] { return number(field_bit::ndim, max_ndim, view.ndim, Aspect::at_most); });
  if (!asked.memory->shape_known) return;
  const int original = asked.memory->layout.ndim;
  if (!owed.ndim_free) {
    notes.check(Rule::field_ndim_independent, view.ndim == original,
                [&] { return number(field_bit::ndim, original, view.ndim); });
    return;
  }
  const Rule rule = original == 0 ? Rule::request_ndim_without_nd_zero_dim : Rule::request_ndim_without_nd;
  const bool allowed = view.ndim == original || view.ndim == 1 || view.ndim == 0;
  notes.check(rule, allowed, [&] {
    value::Integers allowed_numbers{{1, 0}};
    if (original > 1) allowed_numbers.values.insert(allowed_numbers.values.begin(), original);
    return Finding{.aspect = Aspect::one_of,
                   .fields = field_bit::ndim,
                   .flags = asked.word,
                   .owed = std::move(allowed_numbers),
                   .found = ssize{view.ndim}};
  });
  // One dimension stays 1 under two readings, so it tells nothing.
  if (!allowed || (original == 1 && view.ndim == 1)) return;
  if (view.ndim == 0) {
    notes.reads(rule, "zero");
  } else {
    notes.reads(rule, view.ndim == 1 ? "one" : "original");
  }
}

// Items of no byte lie in whatever order is asked for: PyBuffer_IsContiguous says so of all memory without bytes, and an exporter may go
// by its strides as well.
MemoryFacts with_nothing_in_order(MemoryFacts facts, ssize itemsize) noexcept {
  if (itemsize == 0 && !facts.indirect) facts.c_contiguous = facts.f_contiguous = true;
  return facts;
}

// A contiguity request: the answer's own strides have the order that was asked for.
void judge_contiguity(const View& view, int word, Notes& notes) {
  if (view.ndim < 0 || view.ndim > max_ndim || (view.ndim > 0 && view.shape != Pointer::readable)) return;
  if (view.itemsize == 0) return;  // every order has the same bytes, none
  // Suboffsets that follow no pointer do not move an element; whether they may be there is judged above.
  Geometry geometry = geometry_of(view);
  if (!has_indirection(geometry)) geometry.suboffsets = nullptr;
  const auto check = [&](char order) {
    notes.check(Rule::layout_contiguous_as_requested, is_contiguous(geometry, order), [&] {
      return Finding{.fields = field_bit::strides,
                     .flags = word,
                     .order = order,
                     .found = array_of(view.strides, view.strides_values, view.ndim)};
    });
  };
  if (has(word, flag::C_CONTIGUOUS)) check('C');
  if (has(word, flag::F_CONTIGUOUS)) check('F');
  if (has(word, flag::ANY_CONTIGUOUS)) check('A');
}

// A request that should have been refused; if for the order of the memory, with the shape and the strides that it has.
Finding not_refused(const Asked& asked, Rule rule, int word) {
  Finding finding{.aspect = Aspect::not_refused, .flags = word};
  if (!is_of_order(rule) || !asked.memory->shape_known || asked.memory->facts.indirect) return finding;
  const Layout& layout = asked.memory->layout;
  if (!layout.has_strides) return finding;
  finding.owed = integers_of(layout.shape.data(), layout.ndim);
  finding.found = integers_of(layout.strides.data(), layout.ndim);
  return finding;
}

// A word that asks for both orders, as one that asks for either.
int in_any_order(int word) noexcept {
  constexpr int own_bits = (flag::C_CONTIGUOUS | flag::F_CONTIGUOUS) & ~flag::STRIDES;
  return (word & ~own_bits) | flag::ANY_CONTIGUOUS;
}

// Whether what was granted is another block, in an order that the memory does not have.
bool is_copy(const Asked& asked, const RequestAnswer& owed) {
  if (asked.answer->block != Block::other) return false;
  return owed.duty == Duty::must_refuse ? is_of_order(owed.rule) : has_other_strides(asked);
}

// A copy is judged as the memory that it is, and held against the elements of the other one.
void judge_copy(const Asked& asked, int word, Notes& notes) {
  const View& view = asked.answer->view;
  MemoryFacts facts = asked.memory->facts;
  facts.readonly = facts.indirect = false;
  // Without a shape the bytes lie in C order.
  const bool has_shape = view.shape == Pointer::readable && view.ndim > 0 && view.ndim <= max_ndim;
  const Geometry geometry = has_shape ? geometry_of(view) : Geometry{};
  facts.c_contiguous = !has_shape || is_contiguous(geometry, 'C');
  facts.f_contiguous = !has_shape ? asked.memory->layout.ndim <= 1 : is_contiguous(geometry, 'F');
  RequestAnswer owed = answer_to(word, facts, asked.edition, runtime_of(asked));
  if (owed.duty == Duty::must_refuse) {
    notes.broken(owed.rule, {.aspect = Aspect::not_refused, .flags = word});
    if (owed.rule != Rule::request_contiguous_both_orders) return;
    word = in_any_order(word);
    owed = answer_to(word, facts, asked.edition, runtime_of(asked));
  }
  notes.reads(Rule::request_contiguous_copy, "copy");
  judge_presence(view, owed, facts, word, notes);
  judge_format(asked, owed, word, notes);
  judge_ndim(asked, owed, notes);
  judge_memory_of_a_copy(asked, owed, notes);
  judge_contiguity(view, word, notes);
}

// What an answer says of the memory that it shows.
MemoryFacts own_facts(const Asked& asked) {
  const View& view = asked.answer->view;
  const bool is_readonly = asked.trace->declared_readonly;
  const bool has_shape =
      has(asked.word, flag::ND) && view.shape == Pointer::readable && view.ndim > 0 && view.ndim <= max_ndim;
  if (has_shape) return with_nothing_in_order(facts_of(geometry_of(view), is_readonly), view.itemsize);
  // Without a shape the bytes lie in C order; whether in another one, too, is open.
  MemoryFacts facts;
  facts.readonly = is_readonly;
  facts.zero_dim = has(asked.word, flag::ND) && view.ndim == 0;
  facts.c_contiguous = facts.f_contiguous = true;
  return facts;
}

// What a view held beside this answer says of the memory, as far as both must say the same.
void know_from_beside(const Asked& asked, Memory& memory) {
  // An order that the memory does not have may be answered with a copy, which has other strides and is read-only.
  constexpr int orders = (flag::C_CONTIGUOUS | flag::F_CONTIGUOUS | flag::ANY_CONTIGUOUS) & ~flag::STRIDES;
  if (asked.beside == nullptr || ((asked.word | asked.beside_word) & orders) != 0) return;
  if (has(asked.word, flag::INDIRECT) && !has(asked.beside_word, flag::INDIRECT)) return;
  Layout layout;
  if (!layout_from_answer(*asked.beside, layout)) return;
  const View& view = asked.beside->view;
  memory.layout = layout;
  memory.shape_known = true;
  if (!has(asked.word, flag::STRIDES)) return;  // so is one without strides, of memory that needs them
  memory.readonly_known = !has(asked.beside_word, flag::WRITABLE);
  memory.readonly = view.readonly != 0;
  memory.format_known = has(asked.beside_word, flag::FORMAT) && view.format == Pointer::readable &&
                        view.format_terminated && !view.format_text.is_truncated();
}

}  // namespace

bool is_of_order(Rule rule) noexcept {
  return rule == Rule::request_c_contiguous_refused_if_not || rule == Rule::request_f_contiguous_refused_if_not ||
         rule == Rule::request_any_contiguous_refused_if_not || rule == Rule::request_contiguous_both_orders ||
         rule == Rule::request_strides_refused_without || rule == Rule::request_simple_refused_if_not_contiguous ||
         rule == Rule::request_indirect_refused_if_needed;
}

void judge_held_against_memory(const Asked& asked, Notes& notes) {
  const View& view = asked.answer->view;
  const Memory& memory = *asked.memory;
  const bool may_write = has(asked.word, flag::WRITABLE) && view.readonly == 0;
  const RequestAnswer open{.suboffsets = Holds::any,
                           .writable = may_write,
                           .ndim_free = true,
                           .format_free = asked.edition == Edition::current};
  if (has(asked.word, flag::FORMAT)) judge_format_text(asked, open, asked.word, notes);
  judge_ndim(asked, open, notes);
  judge_memory(asked, open, notes);
  const auto contradicts = [&](Rule rule) { notes.broken(rule, {.aspect = Aspect::not_refused, .flags = asked.word}); };
  if (may_write && memory.facts.readonly && (memory.declared || asked.trace->declared_readonly))
    contradicts(Rule::request_writable_refused_if_readonly);
  // Without suboffsets no pointer is followed; without strides the elements lie in C order.
  if (memory.facts.indirect && view.suboffsets == Pointer::null)
    contradicts(Rule::request_indirect_refused_if_needed);
  else if (memory.shape_known && !memory.facts.c_contiguous && view.strides == Pointer::null)
    contradicts(asked.edition == Edition::current ? Rule::request_strides_refused_without
                                                  : Rule::request_simple_refused_if_not_contiguous);
}

void judge_by_itself(const Asked& asked, Notes& notes) {
  const View& view = asked.answer->view;
  const MemoryFacts facts = own_facts(asked);
  Memory memory;
  memory.facts = facts;
  memory.layout.itemsize = view.itemsize;
  memory.layout.ndim = 0;
  memory.shape_known = facts.zero_dim;
  know_from_beside(asked, memory);
  Asked own = asked;
  own.memory = &memory;
  const bool has_readings = has_stray_bits(asked.word) && !has(asked.word, flag::ND);
  if (has_readings) {
    // Which fields are owed is open: those are judged that are owed to each.
    const RequestAnswer open{.suboffsets = Holds::any, .ndim_free = true};
    judge_ndim(own, open, notes);
    return judge_memory(own, open, notes);
  }
  int word = asked.word;
  RequestAnswer owed = answer_to(word, facts, asked.edition, runtime_of(asked));
  if (owed.duty == Duty::must_refuse) {
    notes.broken(owed.rule, not_refused(own, owed.rule, word));
    if (owed.rule != Rule::request_contiguous_both_orders) return;
    word = in_any_order(word);
    owed = answer_to(word, facts, asked.edition, runtime_of(asked));
  }
  judge_presence(view, owed, facts, word, notes);
  // Where another format may stand, which it is says nothing.
  if (owed.format && owed.format_free)
    notes.check(Rule::request_format_present, view.format == Pointer::readable,
                [&] { return presence(field_bit::format, Holds::array, view.format, word); });
  else
    judge_format(own, owed, word, notes);
  judge_ndim(own, owed, notes);
  judge_memory(own, owed, notes);
  judge_contiguity(view, word, notes);
}

void judge_granted(const Asked& asked, int word, Notes& notes) {
  const View& view = asked.answer->view;
  MemoryFacts facts = asked.memory->facts;
  // An exporter may call memory read-only where WRITABLE is absent and yet grant WRITABLE (C-RO-3):
  // only a declared layout makes read-only a fact.
  if (!asked.memory->declared && !asked.trace->declared_readonly && has(word, flag::WRITABLE)) facts.readonly = false;
  facts = with_nothing_in_order(facts, asked.memory->layout.itemsize);
  const RequestAnswer owed = answer_to(word, facts, asked.edition, runtime_of(asked));
  if (is_copy(asked, owed)) return judge_copy(asked, word, notes);
  if (owed.duty == Duty::must_refuse) {
    notes.broken(owed.rule, not_refused(asked, owed.rule, word));
    // Who grants one of two orders owes all else that he grants.
    if (owed.rule == Rule::request_contiguous_both_orders) judge_granted(asked, in_any_order(word), notes);
    return;
  }
  judge_presence(view, owed, facts, word, notes);
  judge_format(asked, owed, word, notes);
  judge_ndim(asked, owed, notes);
  judge_memory(asked, owed, notes);
  judge_contiguity(view, word, notes);
  notes.kept(Rule::request_refusal_needless);
  if (owed.empty_free) notes.reads(Rule::layout_contiguous_empty, "contiguous");
  // What had to be refused was: these rows applied and the answer shows that they are kept.
  if (has(word, flag::C_CONTIGUOUS)) notes.kept(Rule::request_c_contiguous_refused_if_not);
  if (has(word, flag::F_CONTIGUOUS)) notes.kept(Rule::request_f_contiguous_refused_if_not);
  if (has(word, flag::ANY_CONTIGUOUS)) notes.kept(Rule::request_any_contiguous_refused_if_not);
}

}  // namespace bufspec::judging
