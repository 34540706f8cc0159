// Steps with one view: acquired through the library's function or the type's slot, given back, or given back through a
// copy of its struct.
#include <cstring>

#include "subject.hpp"

namespace bufspec::cpython {

namespace {

bool is_poison(const void* pointer) noexcept { return reinterpret_cast<std::uintptr_t>(pointer) == poison_word; }
bool is_poison(Py_ssize_t number) noexcept { return static_cast<std::uintptr_t>(number) == poison_word; }

// The fields that still hold what the struct was filled with; internal may.
unsigned fields_unwritten(const Py_buffer& view) noexcept {
  unsigned fields = 0;
  const auto look = [&](auto value, unsigned bit) { fields |= is_poison(value) ? bit : 0U; };
  look(view.buf, field_bit::buf);
  look(view.obj, field_bit::obj);
  look(view.len, field_bit::len);
  look(view.itemsize, field_bit::itemsize);
  look(view.format, field_bit::format);
  look(view.shape, field_bit::shape);
  look(view.strides, field_bit::strides);
  look(view.suboffsets, field_bit::suboffsets);
  // Two fields share a word of poison.
  constexpr std::size_t half = sizeof(int);
  std::array<unsigned char, 2 * half> poison;
  static_assert(sizeof poison == sizeof poison_word);
  std::memcpy(poison.data(), &poison_word, sizeof poison);
  static_assert(offsetof(Py_buffer, readonly) % sizeof poison == 0 &&
                offsetof(Py_buffer, ndim) == offsetof(Py_buffer, readonly) + half);
  if (std::memcmp(&view.readonly, poison.data(), half) == 0) fields |= field_bit::readonly;
  if (std::memcmp(&view.ndim, poison.data() + half, half) == 0) fields |= field_bit::ndim;
  return fields;
}

}  // namespace

bool ExporterSubject::shows_elements_in_order(const View& view) const noexcept {
  return view.shape == Pointer::readable || view.ndim == 0 || is_c_contiguous_;
}

SameElements ExporterSubject::compare(const engine::SeenMemory& seen, const std::string& elements) const noexcept {
  if (!seen.complete || seen.readable != true || declared_.is_volatile) return SameElements::not_compared;
  return seen.elements == elements ? SameElements::same : SameElements::different;
}

void ExporterSubject::acquire(int flags, Slot& slot, Answer& answer, GetBuffer get_buffer) {
  PyErr_Clear();
  PyObject* asked = asked_;
  const auto before = references_of(asked);
  slot.held.poison();
  Py_buffer& view = slot.held.struct_();
  answer.status = get_buffer(asked, &view, flags);
  answer.granted = answer.status == 0;
  answer.exception_set = PyErr_Occurred() != nullptr;
  slot.exception = PyErr_Occurred();
  if (answer.exception_set) {
    Raised raised = take_exception();
    answer.error = raised.error;
    answer.exception_name = std::move(raised.name);
  }
  answer.canaries_intact = slot.held.canaries_intact();
  copy_view(view, asked, richest_buf_, answer.granted, answer.view);
  const auto after = references_of(asked);
  // Only the object that was asked was counted before; a redirected owner is not known until it answers.
  const bool counts = before && after && (!answer.granted || answer.view.obj == Owner::exporter);
  if (counts) answer.references_gained = *after - *before;

  slot.was_granted = answer.granted;
  // A view without a true owner cannot be released: PyBuffer_Release would follow the pointer.
  slot.is_held = answer.granted && answer.view.obj != Owner::untouched && answer.view.obj != Owner::garbage;
  slot.owner_is_asked = slot.is_held && answer.view.obj == Owner::exporter;
  // A view may come with more than one reference, as long as it goes with them.
  slot.gained = slot.owner_is_asked ? answer.references_gained.value_or(1) : 0;
  held_references_ += slot.gained;
  if (!answer.granted) return;

  answer.unwritten = fields_unwritten(view);
  slot.acquired = view;
  slot.view = answer.view;
  slot.looked_at = events_;
  slot.has_lost_memory = false;
  if (answer.view.buf == Pointer::untouched) {
    slot.seen = {};
    return;
  }
  engine::look_at_memory(answer.view, view.buf, slot.seen);
  answer.memory_readable = slot.seen.readable;
  const bool is_in_order = shows_elements_in_order(answer.view);
  if (richest_buf_ != nullptr && view.buf != richest_buf_ && richest_elements_.complete && is_in_order)
    answer.elements = compare(slot.seen, richest_elements_.elements);
  if (built_layout_) {
    if (richest_buf_ == nullptr) richest_buf_ = view.buf;
    if (is_in_order) answer.declared = compare(slot.seen, built_.elements());
  } else if (declared_.expect && is_in_order) {
    answer.declared = compare(slot.seen, *declared_.expect);
  }
}

void ExporterSubject::acquire_direct(int flags, Slot& slot, StepRecord& record) {
  const auto get_buffer = reinterpret_cast<GetBuffer>(PyType_GetSlot(Py_TYPE(asked_), Py_bf_getbuffer));
  PyErr_Clear();
  if (get_buffer != nullptr) acquire(flags, slot, record.answer.emplace(), get_buffer);
}

// Absent where the object was dropped: it may be gone.
std::optional<long> ExporterSubject::references_of_asked() const noexcept {
  return object_ ? references_of(asked_) : std::nullopt;
}

// What is to be told of a release, `view` being the struct that was given to it.
void ExporterSubject::note_release(Slot& slot, Py_buffer& view, Released& released) {
  slot.is_held = false;
  released.exception_set = PyErr_Occurred() != nullptr;
  PyErr_Clear();
  released.obj = view.obj == nullptr ? Owner::null : view.obj == asked_ ? Owner::exporter : Owner::other;
  if (!slot.owner_is_asked) return;
  held_references_ -= slot.gained;
  const auto after = references_of_asked();
  if (after && references_at_begin_) released.references_kept = *after - *references_at_begin_ - held_references_;
}

void ExporterSubject::release(Slot& slot, StepRecord& record) {
  if (!slot.is_held) return;
  PyErr_Clear();
  Py_buffer& view = slot.held.struct_();
  const auto before = references_of_asked();
  PyBuffer_Release(&view);
  Released& released = record.released.emplace();
  note_release(slot, view, released);
  released.canaries_intact = slot.held.canaries_intact();
  const auto after = references_of_asked();
  if (slot.owner_is_asked && before && after) usual_change_ = *after - *before;
}

void ExporterSubject::release_copy(Slot& slot, StepRecord& record) {
  if (!slot.is_held) return;
  PyErr_Clear();
  // Shape and strides may lie inside the first struct, as PyBuffer_FillInfo makes them; nobody reads them any more.
  HeldView elsewhere;
  Py_buffer& copy = elsewhere.struct_();
  copy = slot.held.struct_();
  slot.held.poison();
  const auto before = references_of_asked();
  PyBuffer_Release(&copy);
  Released& released = record.released.emplace();
  note_release(slot, copy, released);
  // Beside a release through the struct itself: what is wrong with every release has nothing to do with the copy.
  const auto after = references_of_asked();
  if (released.references_kept && before && after) released.references_kept = *after - *before - usual_change_;
  released.canaries_intact = elsewhere.canaries_intact() && slot.held.canaries_intact();
}

}  // namespace bufspec::cpython
