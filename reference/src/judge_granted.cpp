// Judging a granted answer: the fields owed to the request, and one memory behind all answers.
#include <algorithm>

#include "bufspec/format.hpp"
#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::size_t dimensions(const View& view) { return static_cast<std::size_t>(std::clamp(view.ndim, 0, max_ndim)); }

// Whether a pointer field holds what the request owes it.
bool holds(Pointer pointer, Holds owed) noexcept {
  if (owed == Holds::null) return pointer == Pointer::null;
  if (owed == Holds::array) return pointer == Pointer::readable;
  return pointer == Pointer::null || pointer == Pointer::readable;
}

std::string text_of_owed(Holds owed, std::string_view field, int word) {
  const std::string request = " for " + flags_name(word);
  if (owed == Holds::null) return std::string(field) + " NULL" + request;
  return std::string(field) + " an array of ndim entries" + request;
}

void check_pointer(Notes& notes, Rule rule, std::string_view field, Pointer pointer, Holds owed, int word) {
  notes.check(
      rule, holds(pointer, owed), [&] { return text_of_owed(owed, field, word); },
      [&] { return text_of(pointer, field); });
}

void judge_presence(const View& view, const RequestAnswer& owed, const MemoryFacts& facts, int word, Notes& notes) {
  const bool zero_dim = facts.zero_dim;
  if (!has(word, flag::ND)) {
    check_pointer(notes, Rule::request_nd_shape_absent, "shape", view.shape, owed.shape, word);
  } else if (owed.shape != Holds::any) {
    check_pointer(notes, zero_dim ? Rule::field_shape_zero_dim_null : Rule::request_nd_shape_present, "shape",
                  view.shape, owed.shape, word);
  }
  if (owed.strides != Holds::any) {
    const Rule rule = zero_dim                   ? Rule::field_strides_zero_dim_null
                      : has(word, flag::STRIDES) ? Rule::request_strides_strides_present
                                                 : Rule::request_strides_strides_absent;
    check_pointer(notes, rule, "strides", view.strides, owed.strides, word);
  }
  if (owed.suboffsets != Holds::any) {
    const Rule rule = zero_dim                          ? Rule::field_suboffsets_zero_dim_null
                      : owed.suboffsets == Holds::array ? Rule::request_indirect_suboffsets_present
                      : has(word, flag::INDIRECT)       ? Rule::field_suboffsets_null_if_none
                                                        : Rule::request_indirect_suboffsets_absent;
    check_pointer(notes, rule, "suboffsets", view.suboffsets, owed.suboffsets, word);
  }
}

void judge_format(const Asked& asked, const RequestAnswer& owed, int word, Notes& notes) {
  const View& view = asked.answer->view;
  if (!owed.format) {
    notes.check(
        Rule::request_format_absent, view.format == Pointer::null,
        [&] { return "format NULL for " + flags_name(word); },
        [&] {
          return view.format == Pointer::readable ? "format " + quoted(view.format_text.text())
                                                  : text_of(view.format, "format");
        });
    return;
  }
  notes.check(
      Rule::request_format_present, view.format == Pointer::readable,
      [&] { return "a format for " + flags_name(word); }, [&] { return text_of(view.format, "format"); });
  if (view.format != Pointer::readable) return;
  notes.check(
      Rule::format_text_terminated, view.format_terminated, [] { return "a NUL-terminated text"; },
      [] { return "no NUL before the end of readable memory"; });
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
      notes.broken(Rule::request_format_without_nd, "\"B\" or " + quoted(asked.memory->layout.format), quoted(text));
    }
    return;
  }
  const auto size = format_size(text);
  notes.check(
      Rule::format_text_parses, size.ok(), [] { return "a format by the grammar of struct and PEP 3118"; },
      [&] { return quoted(text) + ": " + size.reason; });
  // What struct can read has one size; what only PEP 3118 has is less settled (padding behind the last member).
  const Rule agrees = size_from_format(text).ok() ? Rule::format_itemsize_agrees : Rule::format_itemsize_agrees_pep3118;
  if (size.ok())
    notes.check(
        agrees, size.value.size == view.itemsize,
        [&] { return "itemsize " + std::to_string(size.value.size) + ", the size of format " + quoted(text); },
        [&] { return "itemsize " + std::to_string(view.itemsize); });
  if (asked.memory->format_known)
    notes.check(
        Rule::format_text_same_for_all, true_format,
        [&] { return "format " + quoted(asked.memory->layout.format) + ", as in the richest answer"; },
        [&] { return "format " + quoted(text); });
}

void judge_ndim(const Asked& asked, const RequestAnswer& owed, Notes& notes) {
  const View& view = asked.answer->view;
  notes.check(
      Rule::field_ndim_nonnegative, view.ndim >= 0, [] { return "ndim >= 0"; },
      [&] { return "ndim " + std::to_string(view.ndim); });
  notes.check(
      Rule::field_ndim_at_most_64, view.ndim <= max_ndim, [] { return "ndim <= 64"; },
      [&] { return "ndim " + std::to_string(view.ndim); });
  if (!asked.memory->shape_known) return;
  const int original = asked.memory->layout.ndim;
  if (!owed.ndim_free) {
    notes.check(
        Rule::field_ndim_independent, view.ndim == original,
        [&] { return "ndim " + std::to_string(original) + ", as in the richest answer"; },
        [&] { return "ndim " + std::to_string(view.ndim); });
    return;
  }
  const Rule rule = original == 0 ? Rule::request_ndim_without_nd_zero_dim : Rule::request_ndim_without_nd;
  const bool allowed = view.ndim == original || view.ndim == 1 || view.ndim == 0;
  notes.check(
      rule, allowed,
      [&] { return "ndim " + (original > 1 ? std::to_string(original) + ", 1 or 0" : std::string("1 or 0")); },
      [&] { return "ndim " + std::to_string(view.ndim); });
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
  notes.check(
      Rule::field_itemsize_independent, view.itemsize == memory.layout.itemsize,
      [&] { return "itemsize " + std::to_string(memory.layout.itemsize) + ", whatever is requested"; },
      [&] { return "itemsize " + std::to_string(view.itemsize); });

  const bool own_shape = view.shape == Pointer::readable && view.ndim > 0 && view.ndim <= max_ndim;
  const ssize* shape = own_shape ? view.shape_values.data() : memory.layout.shape.data();
  const auto n = own_shape ? dimensions(view) : static_cast<std::size_t>(memory.layout.ndim);
  const bool is_nonnegative = std::all_of(shape, shape + n, [](ssize extent) { return extent >= 0; });
  if (own_shape)
    notes.check(
        Rule::field_shape_nonnegative, is_nonnegative, [] { return "extents >= 0"; },
        [&] { return "shape " + text_of(shape, view.ndim); });
  if (is_nonnegative && (own_shape || memory.shape_known)) {
    const auto count = element_count({shape, n});
    // Extents of the richest answer go with its itemsize: that of this answer is judged above.
    const auto length =
        count.ok() ? byte_length(count.value, own_shape ? view.itemsize : memory.layout.itemsize) : count;
    notes.check(
        Rule::field_len_product, length.ok() && view.len == length.value,
        [&] {
          return length.ok() ? "len " + std::to_string(length.value) + ", product(shape) * itemsize"
                             : std::string("a shape whose size fits");
        },
        [&] { return "len " + std::to_string(view.len) + " with shape " + text_of(shape, static_cast<int>(n)); });
  }
  if (own_shape && memory.shape_known && view.ndim == memory.layout.ndim)
    notes.check(
        Rule::field_shape_same_for_all, std::equal(shape, shape + n, memory.layout.shape.begin()),
        [&] { return "shape " + text_of(memory.layout.shape.data(), memory.layout.ndim); },
        [&] { return "shape " + text_of(shape, view.ndim); });
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
  notes.check(
      Rule::field_strides_same_for_all, same, [&] { return "strides " + text_of(strides, view.ndim); },
      [&] { return "strides " + text_of(view.strides_values.data(), view.ndim); });
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
  notes.check(
      Rule::field_suboffsets_same_for_all, same,
      [&] {
        return memory.layout.has_suboffsets ? "suboffsets " + text_of(memory.layout.suboffsets.data(), view.ndim)
                                            : std::string("no pointer to follow");
      },
      [&] { return "suboffsets " + text_of(view.suboffsets_values.data(), view.ndim); });
}

void judge_owner(const Asked& asked, Notes& notes) {
  const Answer& answer = *asked.answer;
  const Owner obj = answer.view.obj;
  notes.check(
      Rule::field_obj_not_null, obj == Owner::exporter || obj == Owner::other,
      [] { return "obj a reference to the exporter"; },
      [&] {
        if (obj == Owner::garbage) return "obj points at no object";
        return obj == Owner::null ? "obj NULL" : "obj was not written";
      });
  if (answer.references_gained)
    notes.check(
        Rule::field_obj_owned_reference, *answer.references_gained >= 1, [] { return "a new reference to obj"; },
        [&] { return std::to_string(*answer.references_gained) + " new references to obj"; });
}

void judge_readonly(const Asked& asked, const RequestAnswer& owed, Notes& notes) {
  const View& view = asked.answer->view;
  notes.check(
      Rule::field_readonly_boolean, view.readonly == 0 || view.readonly == 1, [] { return "readonly 0 or 1"; },
      [&] { return "readonly " + std::to_string(view.readonly); });
  if (owed.writable) {
    notes.check(
        Rule::request_writable_writable, view.readonly == 0, [] { return "readonly 0 for WRITABLE"; },
        [&] { return "readonly " + std::to_string(view.readonly); });
    return;
  }
  if (!asked.memory->readonly_known) return;
  const bool memory_readonly = asked.memory->readonly;
  notes.check(
      Rule::field_readonly_same_for_all, (view.readonly != 0) == memory_readonly,
      [&] { return std::string("readonly ") + (memory_readonly ? "1" : "0") + ", the same for all without WRITABLE"; },
      [&] { return "readonly " + std::to_string(view.readonly); });
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
  notes.check(
      Rule::field_buf_same_memory, !lost && (!moved || answer.elements == SameElements::same),
      [] { return "the memory of the richest answer"; },
      [&] {
        return view.buf == Pointer::readable
                   ? "buf " + std::to_string(view.buf_offset) + " bytes from it, with other elements"
                   : text_of(view.buf, "buf");
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
  notes.check(
      Rule::field_buf_logical_start, !lost && answer.declared == SameElements::same,
      [] { return "the elements that the memory was declared to hold, the first of them at buf"; },
      [&] { return lost ? text_of(buf, "buf") : std::string("other elements"); });
}

// A contiguity request: the answer's own strides have the order that was asked for.
void judge_contiguity(const View& view, int word, Notes& notes) {
  if (view.ndim < 0 || view.ndim > max_ndim || (view.ndim > 0 && view.shape != Pointer::readable)) return;
  // Suboffsets that follow no pointer do not move an element; whether they may be there is judged above.
  Geometry geometry = geometry_of(view);
  if (!has_indirection(geometry)) geometry.suboffsets = nullptr;
  const auto check = [&](char order) {
    notes.check(
        Rule::layout_contiguous_as_requested, is_contiguous(geometry, order),
        [&] { return std::string("strides in order ") + order + " for " + flags_name(word); },
        [&] {
          return view.strides == Pointer::readable ? "strides " + text_of(view.strides_values.data(), view.ndim)
                                                   : text_of(view.strides, "strides");
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
    notes.broken(owed.rule, "a refusal of " + flags_name(word), "granted");
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
