// The calls that write through a memoryview: to an item, and to a slice.
#include "views.hpp"

namespace bufspec::cpython {

namespace {

// What the memory holds afterwards, or what was raised.
TableValue held_after(bool is_done, PyObject* view, ssize itemsize) {
  if (!is_done) return raised_error();
  const Ref bytes(PyObject_CallMethod(view, "tobytes", nullptr));
  if (!bytes) return raised_error();
  return Found().put("elements", elements_of_bytes(bytes.get(), itemsize)).value();
}

TableValue assign_item(const TableValue& given) {
  const Layout layout = layout_in(given);
  const Ref view = memoryview_of(given);
  const Ref key = index_of(numbers_in(given, "index"));
  if (!view || !key) return raised_error();
  if (given.find("value") == nullptr) {
    Ref value = ElementValues(layout.format, layout.itemsize).value(static_cast<ssize>(number_in(given, "number")));
    if (!value) {  // of a format that no item is taken of, whatever the value
      PyErr_Clear();
      value = Ref(PyLong_FromLong(0));
    }
    return held_after(PyObject_SetItem(view.get(), key.get(), value.get()) == 0, view.get(), layout.itemsize);
  }
  const std::string& what = text_in(given, "value");
  if (what == "deleted") return held_after(PyObject_DelItem(view.get(), key.get()) == 0, view.get(), layout.itemsize);
  const Ref value = what == "text" ? Ref(PyUnicode_FromString("text"))
                                   : Ref(PyLong_FromString("1000000000000000000000", nullptr, 10));
  return held_after(PyObject_SetItem(view.get(), key.get(), value.get()) == 0, view.get(), layout.itemsize);
}

TableValue assign_slice(const TableValue& given) {
  const Layout layout = layout_in(given);
  const Ref view = memoryview_of(given);
  Ref source;
  if (const TableValue* other = given.find("source"); view && other != nullptr) {
    source = memoryview_of(*other);
    const Layout described = layout_in(*other);
    // What is copied is told from what was there by its numbers.
    Py_buffer whole{};
    const std::string bytes = elements_from(first_of_source, count_of(described), described.itemsize);
    if (!source || PyObject_GetBuffer(source.get(), &whole, PyBUF_FULL_RO) != 0) return raised_error();
    const int filled = PyBuffer_FromContiguous(&whole, bytes.data(), whole.len, 'C');
    PyBuffer_Release(&whole);
    if (filled != 0) return raised_error();
  } else if (view) {
    source = Ref(PyObject_GetItem(view.get(), slice_in(map_in(given, "source_slice")).get()));
  }
  if (!source) return raised_error();
  const bool is_done = PyObject_SetItem(view.get(), slice_in(given).get(), source.get()) == 0;
  return held_after(is_done, view.get(), layout.itemsize);
}

constexpr CaseCall calls[]{{"memoryview_assign_item", assign_item}, {"memoryview_assign_slice", assign_slice}};

}  // namespace

std::span<const CaseCall> assignment_calls() noexcept { return calls; }

}  // namespace bufspec::cpython
