// Judging a granted answer: the fields owed to the request, and one memory behind all answers.
#include <algorithm>

#include "bufspec/format.hpp"
#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

std::size_t dimensions(const View& view) { return static_cast<std::size_t>(std::clamp(view.ndim, 0, max_ndim)); }

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

// A number of a field that is another one than owed.
Finding number(unsigned field, ssize owed, ssize found, Aspect aspect = Aspect::value) {
  return {.aspect = aspect, .fields = field, .owed = owed, .found = found};
}

Finding numbers(unsigned field, Value owed, const ssize* found, int ndim) {
  return {.fields = field, .owed = std::move(owed), .found = integers_of(found, ndim)};
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

void judge_format(const Asked& asked, const RequestAnswer& owed, int word, Notes& notes) {
  const View& view = asked.answer->view;
  if (!owed.format) {
    notes.check(Rule::request_format_absent, view.format == Pointer::null,
                [&] { return presence(field_bit::format, Holds::null, format_of(view), word); });
    return;
  }
  notes.check(Rule::request_format_present, view.format == Pointer::readable,
              [&] { return presence(field_bit::format, Holds::array, view.format, word); });
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

// len, itemsize and extents: within one answer, and between this answer and the richest.
void judge_sizes(const Asked& asked, Notes& notes) {
  const View& view = asked.answer->view;
  const Memory& memory = *asked.memory;
  notes.check(Rule::field_itemsize_independent, view.itemsize == memory.layout.itemsize,
              [&] { return number(field_bit::itemsize, memory.layout.itemsize, view.itemsize); });

  const bool own_shape = view.shape == Pointer::readable && view.ndim > 0 && view.ndim <= max_ndim;
  const ssize* shape = own_shape ? view.shape_values.data() : memory.layout.shape.data();
  const auto n = own_shape ? dimensions(view) : static_cast<std::size_t>(memory.layout.ndim);
  const bool is_nonnegative = std::all_of(shape, shape + n, [](ssize extent) { return extent >= 0; });
  if (own_shape)
    notes.check(Rule::field_shape_nonnegative, is_nonnegative, [&] {
      Finding finding = numbers(field_bit::shape, ssize{0}, shape, view.ndim);
      finding.aspect = Aspect::at_least;
      return finding;
    });
  if (is_nonnegative && (own_shape || memory.shape_known)) {
    const auto count = element_count({shape, n});
    // Extents of the richest answer go with its itemsize: that of this answer is judged above.
    const auto length =
        count.ok() ? byte_length(count.value, own_shape ? view.itemsize : memory.layout.itemsize) : count;
    notes.check(Rule::field_len_product, length.ok() && view.len == length.value, [&] {
      const Aspect aspect = length.ok() ? Aspect::value : Aspect::overflow;
      Finding finding = number(field_bit::len, length.value, view.len, aspect);
      finding.given = integers_of(shape, static_cast<int>(n));
      return finding;
    });
  }
  if (own_shape && memory.shape_known && view.ndim == memory.layout.ndim)
    notes.check(Rule::field_shape_same_for_all, std::equal(shape, shape + n, memory.layout.shape.begin()), [&] {
      return numbers(field_bit::shape, integers_of(memory.layout.shape.data(), view.ndim), shape, view.ndim);
    });
}

// Strides that are followed: those of extents over 1 in a memory that is not empty.
void judge_strides(const Asked& asked, Notes& notes) {
  const View& view = asked.answer->view;
  const Memory& memory = *asked.memory;
  if (view.strides != Pointer::readable || !memory.shape_known || view.ndim != memory.layout.ndim) return;
  const auto n = dimensions(view);
  const ssize* shape = memory.layout.shape.data();
  if (std::find(shape, shape + n, ssize{0}) != shape + n) return;
  Extents canonical{};
  const ssize* strides = memory.layout.strides.data();
  if (!memory.layout.has_strides) {
    if (!fill_contiguous_strides({shape, n}, memory.layout.itemsize, 'C', {canonical.data(), n}).ok()) return;
    strides = canonical.data();
  }
  bool same = true;
  for (std::size_t i = 0; i < n; ++i) same = same && (shape[i] <= 1 || view.strides_values[i] == strides[i]);
  notes.check(Rule::field_strides_same_for_all, same, [&] {
    return numbers(field_bit::strides, integers_of(strides, view.ndim), view.strides_values.data(), view.ndim);
  });
}

// Suboffsets that are followed: those of a memory that is not empty; of entries below 0 one is like another.
void judge_suboffsets(const Asked& asked, const RequestAnswer& owed, Notes& notes) {
  const View& view = asked.answer->view;
  const Memory& memory = *asked.memory;
  // Those that must not be there are told as such.
  if (view.suboffsets != Pointer::readable || owed.suboffsets == Holds::null) return;
  const bool is_known = memory.shape_known && (memory.declared || has(asked.trace->richest_word, flag::INDIRECT));
  if (!is_known || view.ndim != memory.layout.ndim) return;
  const auto n = dimensions(view);
  const auto shape = memory.layout.shape.begin();
  if (std::find(shape, shape + static_cast<std::ptrdiff_t>(n), ssize{0}) != shape + static_cast<std::ptrdiff_t>(n))
    return;
  bool same = true;
  for (std::size_t i = 0; i < n; ++i) {
    const ssize known = memory.layout.has_suboffsets ? std::max<ssize>(memory.layout.suboffsets[i], -1) : -1;
    same = same && std::max<ssize>(view.suboffsets_values[i], -1) == known;
  }
  notes.check(Rule::field_suboffsets_same_for_all, same, [&] {
    const Pointer known = memory.layout.has_suboffsets ? Pointer::readable : Pointer::null;
    return numbers(field_bit::suboffsets, array_of(known, memory.layout.suboffsets, view.ndim),
                   view.suboffsets_values.data(), view.ndim);
  });
}

void judge_owner(const Asked& asked, Notes& notes) {
  const Answer& answer = *asked.answer;
  const Owner obj = answer.view.obj;
  notes.check(Rule::field_obj_not_null, obj == Owner::exporter || obj == Owner::other,
              [&] { return Finding{.fields = field_bit::obj, .owed = Owner::exporter, .found = obj}; });
  if (answer.references_gained)
    notes.check(Rule::field_obj_owned_reference, *answer.references_gained >= 1, [&] {
      return Finding{
          .aspect = Aspect::references, .fields = field_bit::obj, .owed = ssize{1}, .found = *answer.references_gained};
    });
}

void judge_readonly(const Asked& asked, const RequestAnswer& owed, Notes& notes) {
  const View& view = asked.answer->view;
  notes.check(Rule::field_readonly_boolean, view.readonly == 0 || view.readonly == 1, [&] {
    return Finding{.aspect = Aspect::one_of,
                   .fields = field_bit::readonly,
                   .owed = value::Integers{{0, 1}},
                   .found = ssize{view.readonly}};
  });
  if (owed.writable) {
    notes.check(Rule::request_writable_writable, view.readonly == 0,
                [&] { return number(field_bit::readonly, 0, view.readonly); });
    return;
  }
  if (!asked.memory->readonly_known) return;
  const bool memory_readonly = asked.memory->readonly;
  notes.check(Rule::field_readonly_same_for_all, (view.readonly != 0) == memory_readonly,
              [&] { return number(field_bit::readonly, static_cast<ssize>(memory_readonly), view.readonly); });
}

void judge_buf(const Asked& asked, Notes& notes) {
  const Answer& answer = *asked.answer;
  const View& view = answer.view;
  if (!asked.trace->richest) return;
  const bool moved = view.buf != asked.trace->richest->view.buf || view.buf_offset != 0;
  // Elements that cannot be reached are not the same ones; where there are none, buf may hold anything.
  const bool lost = view.len > 0 && view.buf != Pointer::readable &&
                    (view.buf == Pointer::untouched || view.buf != asked.trace->richest->view.buf);
  const bool is_compared = answer.elements != SameElements::not_compared && asked.elements_known;
  if (moved && !lost && !is_compared) return;
  notes.check(Rule::field_buf_same_memory, !lost && (!moved || answer.elements == SameElements::same), [&] {
    if (view.buf != Pointer::readable)
      return Finding{.aspect = Aspect::presence, .fields = field_bit::buf, .found = view.buf};
    return Finding{.aspect = Aspect::other_elements, .fields = field_bit::buf, .found = view.buf_offset};
  });
}

// The elements beside those that were told to us.
void judge_declared(const Asked& asked, Notes& notes) {
  const Answer& answer = *asked.answer;
  if (!asked.elements_known) return;
  // Where there is no richest answer, nothing else says that elements which cannot be reached are wrong.
  const Pointer buf = answer.view.buf;
  const bool lost = asked.memory->declared && !asked.trace->richest && answer.view.len > 0 &&
                    (buf == Pointer::null || buf == Pointer::untouched);
  if (!lost && answer.declared == SameElements::not_compared) return;
  notes.check(Rule::field_buf_logical_start, !lost && answer.declared == SameElements::same, [&] {
    if (lost) return Finding{.aspect = Aspect::presence, .fields = field_bit::buf, .found = buf};
    return Finding{.aspect = Aspect::other_elements, .fields = field_bit::buf};
  });
}

// A contiguity request: the answer's own strides have the order that was asked for.
void judge_contiguity(const View& view, int word, Notes& notes) {
  if (view.ndim < 0 || view.ndim > max_ndim || (view.ndim > 0 && view.shape != Pointer::readable)) return;
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

}  // namespace

void judge_granted(const Asked& asked, int word, Notes& notes) {
  const View& view = asked.answer->view;
  MemoryFacts facts = asked.memory->facts;
  // An exporter may call memory read-only where WRITABLE is absent and yet grant WRITABLE (C-RO-3):
  // only a declared layout makes read-only a fact.
  if (!asked.memory->declared && has(word, flag::WRITABLE)) facts.readonly = false;
  const RequestAnswer owed = answer_to(word, facts, asked.edition, runtime_of(asked));
  if (owed.duty == Duty::must_refuse) {
    notes.broken(owed.rule, {.aspect = Aspect::not_refused, .flags = word});
    return;
  }
  judge_presence(view, owed, facts, word, notes);
  judge_format(asked, owed, word, notes);
  judge_ndim(asked, owed, notes);
  judge_sizes(asked, notes);
  judge_strides(asked, notes);
  judge_owner(asked, notes);
  judge_readonly(asked, owed, notes);
  judge_suboffsets(asked, owed, notes);
  judge_buf(asked, notes);
  judge_declared(asked, notes);
  judge_contiguity(view, word, notes);
  notes.kept(Rule::request_refusal_needless);
  if (owed.empty_free) notes.reads(Rule::layout_contiguous_empty, "contiguous");
  // What had to be refused was: these rows applied and the answer shows that they are kept.
  if (has(word, flag::C_CONTIGUOUS)) notes.kept(Rule::request_c_contiguous_refused_if_not);
  if (has(word, flag::F_CONTIGUOUS)) notes.kept(Rule::request_f_contiguous_refused_if_not);
  if (has(word, flag::ANY_CONTIGUOUS)) notes.kept(Rule::request_any_contiguous_refused_if_not);
}

}  // namespace bufspec::judging
