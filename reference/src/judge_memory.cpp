// Judging what a granted answer says of the memory: sizes, strides, the right to write, and one memory behind all answers.
#include <algorithm>

#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

std::size_t dimensions(const View& view) { return static_cast<std::size_t>(std::clamp(view.ndim, 0, max_ndim)); }

// A number of a field that is another one than owed.
Finding number(unsigned field, ssize owed, ssize found, Aspect aspect = Aspect::value) {
  return {.aspect = aspect, .fields = field, .owed = owed, .found = found};
}

Finding numbers(unsigned field, Value owed, const ssize* found, int ndim) {
  return {.fields = field, .owed = std::move(owed), .found = integers_of(found, ndim)};
}

// Whether the strides that are followed are those of `strides`.
bool is_same_way(const View& view, const ssize* shape, const ssize* strides) noexcept {
  for (std::size_t i = 0; i < dimensions(view); ++i)
    if (shape[i] > 1 && view.strides_values[i] != strides[i]) return false;
  return true;
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

// Steps shorter than an item, so that elements overlap: of extents above 1, where no pointer lies.  Who declares a memory
// means them.
void judge_steps(const Asked& asked, Notes& notes) {
  const View& view = asked.answer->view;
  // Whether an object that was changed means them nobody has said.
  if (asked.is_past || view.strides != Pointer::readable || view.shape != Pointer::readable) return;
  const auto n = dimensions(view);
  const auto shape = view.shape_values.begin();
  if (std::any_of(shape, shape + static_cast<std::ptrdiff_t>(n), [](ssize extent) { return extent < 1; })) return;
  bool is_short = false;
  for (std::size_t i = 0; i < n; ++i) {
    const ssize step = view.strides_values[i];
    const bool is_pointer = view.suboffsets == Pointer::readable && view.suboffsets_values[i] >= 0;
    is_short = is_short ||
               (view.shape_values[i] > 1 && step != 0 && !is_pointer && step < view.itemsize && step > -view.itemsize);
  }
  // Elements that are right lie where they say.
  const bool is_meant = asked.memory->declared ? !has_other_strides(asked)
                                               : asked.elements_known && asked.answer->declared == SameElements::same;
  notes.check(Rule::field_strides_at_least_itemsize, !is_short || is_meant, [&] {
    Finding finding = numbers(field_bit::strides, ssize{view.itemsize}, view.strides_values.data(), view.ndim);
    finding.aspect = Aspect::at_least;
    return finding;
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
  notes.check(Rule::field_strides_same_for_all, is_same_way(view, shape, strides), [&] {
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

void judge_readonly(const Asked& asked, const RequestAnswer& owed, bool is_copy, Notes& notes) {
  const View& view = asked.answer->view;
  notes.check(Rule::field_readonly_boolean, view.readonly == 0 || view.readonly == 1, [&] {
    return Finding{.aspect = Aspect::one_of,
                   .fields = field_bit::readonly,
                   .owed = value::Integers{{0, 1}},
                   .found = ssize{view.readonly}};
  });
  if (view.readonly == 0 && has(asked.word, flag::WRITABLE))
    notes.check(Rule::request_writable_unchanging_memory, asked.answer->unchanging == Unchanging::no, [&] {
      return Finding{.aspect = Aspect::not_refused,
                     .flags = asked.word,
                     .given = value::Text{asked.answer->unchanging == Unchanging::hash ? "hash" : "payload"}};
    });
  // What is written to a copy is lost: there readonly is 1, and WRITABLE never granted.
  if (is_copy)
    notes.check(Rule::field_readonly_of_a_copy, view.readonly != 0,
                [&] { return number(field_bit::readonly, 1, view.readonly); });
  if (is_copy && (!owed.writable || view.readonly == 0)) return;
  if (owed.writable) {
    notes.check(Rule::request_writable_writable, view.readonly == 0,
                [&] { return number(field_bit::readonly, 0, view.readonly); });
    return;
  }
  if (!asked.memory->readonly_known || has(asked.word, flag::WRITABLE)) return;
  const bool memory_readonly = asked.memory->readonly;
  notes.check(Rule::field_readonly_same_for_all, (view.readonly != 0) == memory_readonly,
              [&] { return number(field_bit::readonly, static_cast<ssize>(memory_readonly), view.readonly); });
}

void judge_buf(const Asked& asked, Notes& notes) {
  const Answer& answer = *asked.answer;
  const View& view = answer.view;
  if (!asked.trace->richest || asked.is_past) return;
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

// The first element that is not the one that belongs at its index.
Finding wrong_element(const Answer& answer) {
  Finding finding{.aspect = Aspect::element, .fields = field_bit::strides};
  if (!answer.wrong) return finding;
  finding.owed = value::Bytes{answer.wrong->owed};
  finding.found = value::Bytes{answer.wrong->found};
  finding.given = value::Integers{answer.wrong->index};
  return finding;
}

// Whether buf alone decides where the elements are, or another buf was seen to make all of them right.
bool is_fault_of_buf(const Answer& answer) noexcept {
  if (answer.right_from) return true;
  // Without a shape some say 0 dimensions of many bytes, too: then it is one item only if all bytes are one.
  const View& view = answer.view;
  return view.itemsize > 0 ? view.len <= view.itemsize : view.ndim == 0;
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
  const bool is_right = !lost && answer.declared == SameElements::same;
  const bool is_buf = lost || is_right || is_fault_of_buf(answer);
  notes.check(Rule::field_buf_logical_start, is_right || !is_buf, [&] {
    if (lost) return Finding{.aspect = Aspect::presence, .fields = field_bit::buf, .found = buf};
    Finding finding{.aspect = Aspect::other_elements, .fields = field_bit::buf};
    if (answer.right_from) finding.found = *answer.right_from;
    return finding;
  });
  notes.check(Rule::field_strides_elements_right, is_right || is_buf, [&] { return wrong_element(answer); });
}

// The elements of a copy beside those of the memory.
void judge_elements_of_a_copy(const Asked& asked, Notes& notes) {
  const Answer& answer = *asked.answer;
  if (!asked.elements_known || answer.declared != SameElements::not_compared) return;
  if (answer.elements == SameElements::not_compared) return;
  notes.check(Rule::field_strides_elements_right, answer.elements == SameElements::same,
              [&] { return wrong_element(answer); });
}

}  // namespace

bool has_other_strides(const Asked& asked) {
  Judgement trial;
  Notes notes(trial, 0, *asked.judgeable);
  judge_strides(asked, notes);
  return !trial.clean();
}

void judge_memory(const Asked& asked, const RequestAnswer& owed, Notes& notes) {
  judge_sizes(asked, notes);
  judge_steps(asked, notes);
  judge_strides(asked, notes);
  judge_owner(asked, notes);
  judge_readonly(asked, owed, false, notes);
  judge_suboffsets(asked, owed, notes);
  judge_buf(asked, notes);
  judge_declared(asked, notes);
}

void judge_memory_of_a_copy(const Asked& asked, const RequestAnswer& owed, Notes& notes) {
  judge_sizes(asked, notes);
  judge_steps(asked, notes);
  judge_owner(asked, notes);
  judge_readonly(asked, owed, true, notes);
  judge_declared(asked, notes);
  judge_elements_of_a_copy(asked, notes);
}

}  // namespace bufspec::judging
