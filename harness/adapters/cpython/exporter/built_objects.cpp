#include "built_objects.hpp"

#include "bufspec/functions.hpp"

namespace bufspec::cpython {

namespace {

Ref tuple_of(const Extents& values, int ndim) {
  Ref tuple(PyTuple_New(ndim));
  for (Py_ssize_t d = 0; tuple && d < ndim; ++d) {
    PyObject* value = PyLong_FromSsize_t(values[static_cast<std::size_t>(d)]);
    if (value == nullptr || PyTuple_SetItem(tuple.get(), d, value) != 0) return {};
  }
  return tuple;
}

}  // namespace

Ref BuiltObjects::description_of(const Layout& layout) {
  if (!layout_type_) {
    const Ref module(PyImport_ImportModule("bufspec.declare"));
    if (module) layout_type_.reset(PyObject_GetAttrString(module.get(), "Layout"));
    if (!layout_type_) return {};
  }
  const bool is_indirect = memory_.layout().has_suboffsets;  // false where all suboffsets are negative
  const auto block = is_indirect ? std::span<char>{} : memory_.block();
  const Ref shape = tuple_of(layout.shape, layout.ndim);
  const Ref strides = layout.has_strides ? tuple_of(layout.strides, layout.ndim) : Ref::borrowed(Py_None);
  const Ref suboffsets = is_indirect ? tuple_of(layout.suboffsets, layout.ndim) : Ref::borrowed(Py_None);
  if (!shape || !strides || !suboffsets) return {};
  return Ref(PyObject_CallFunction(
      layout_type_.get(), "snOOOnOy#y#", layout.format.c_str(), layout.itemsize, shape.get(), strides.get(),
      suboffsets.get(), is_indirect ? ssize{0} : layout.offset, layout.readonly ? Py_True : Py_False, block.data(),
      static_cast<Py_ssize_t>(block.size()), elements_.data(), static_cast<Py_ssize_t>(elements_.size())));
}

Ref BuiltObjects::make(const Layout& layout) {
  // The reference's memory says how the bytes lie; a layout that it cannot make is no layout for anybody.
  if (!build_ || layout.ndim > max_ndim || !memory_.build(layout).ok()) return {};
  Buffer view{};
  if (!get_buffer(memory_, view, flag::FULL_RO).ok()) return {};
  elements_.resize(static_cast<std::size_t>(memory_.length()));
  const bool is_known = to_contiguous(elements_, view, 'C').ok();
  bufspec::release(view);
  if (!is_known) return {};
  const Ref described = description_of(layout);
  if (!described) return {};
  Ref object(PyObject_CallFunctionObjArgs(build_.get(), described.get(), nullptr));
  if (!object || object.get() == Py_NotImplemented) return object ? Ref() : std::move(object);
  if (PyObject_CheckBuffer(object.get()) != 0) return object;
  PyErr_Format(PyExc_TypeError, "build() gave an object of type %R, which exports no buffer",
               reinterpret_cast<PyObject*>(Py_TYPE(object.get())));
  return {};
}

}  // namespace bufspec::cpython
