// The behaviour `set`: fields of a struct that was filled are given other values.
#include <cstring>

#include "behaviours.hpp"
#include "effects.hpp"

namespace bufspec::mutants::exporters {

namespace {

constexpr std::uintptr_t garbage_address = 0x10;  // aligned, and never mapped

template <typename Field>
void point(Field*& field, Field* before, const std::optional<PointerEdit>& edit) noexcept {
  if (!edit) return;
  switch (edit->to) {
    case PointerTo::null:
      field = nullptr;
      return;
    case PointerTo::values:
    case PointerTo::unterminated:
      field = reinterpret_cast<Field*>(edit->values.data());
      return;
    case PointerTo::dangling:
      field = reinterpret_cast<Field*>(unreadable_address());
      return;
    case PointerTo::untouched:
      field = before;
      return;
  }
}

template <typename Number>
void put(Number& field, const std::optional<ssize>& value, const std::optional<ssize>& by = std::nullopt) noexcept {
  if (value) field = static_cast<Number>(*value);
  if (by) field = static_cast<Number>(field + *by);
}

void own(OwnerEdit edit, Occasion& now) {
  Py_buffer& view = *now.view;
  if (view.obj != now.self) return;
  switch (edit) {
    case OwnerEdit::self_unowned:
      Py_DECREF(now.self);
      return;
    case OwnerEdit::other:
      view.obj = Py_NewRef(Py_NotImplemented);
      break;
    case OwnerEdit::null:
      view.obj = nullptr;
      break;
    case OwnerEdit::garbage:
      view.obj = reinterpret_cast<PyObject*>(garbage_address);
      break;
    case OwnerEdit::untouched:
      view.obj = now.before.obj;
      break;
  }
  // No release of this view will come to us.
  now.machine.forget(now.kept);
  now.kept = nullptr;
  Py_DECREF(now.self);
}

}  // namespace

void set_fields(const Behaviour& behaviour, Occasion& now) {
  const Edits& edits = behaviour.edits;
  Py_buffer* view = now.view;
  if (edits.earlier) {
    Export* earlier = now.machine.earlier();
    if (earlier == nullptr) return;
    view = earlier->made_for;
  }
  point(view->buf, now.before.buf, edits.buf);
  if (edits.buf_by) view->buf = static_cast<char*>(view->buf) + *edits.buf_by;
  put(view->len, edits.len, edits.len_by);
  put(view->itemsize, edits.itemsize, edits.itemsize_by);
  put(view->readonly, edits.readonly);
  put(view->ndim, edits.ndim, edits.ndim_by);
  point(view->format, now.before.format, edits.pointers[0]);
  point(view->shape, now.before.shape, edits.pointers[1]);
  point(view->strides, now.before.strides, edits.pointers[2]);
  point(view->suboffsets, now.before.suboffsets, edits.pointers[3]);
  point(view->internal, now.before.internal, edits.internal);
  if (edits.obj && !edits.earlier) own(*edits.obj, now);
}

}  // namespace bufspec::mutants::exporters
