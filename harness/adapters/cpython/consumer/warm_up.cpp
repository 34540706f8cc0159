// What a consumer is like before it is judged: what its result is, and whether it reads memory of several segments right.
// Imports and caches of a first call are made here too, so that they are not looked through at each collection.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "subject.hpp"
#include "values.hpp"

namespace bufspec::cpython {

namespace {

// Six numbers of four bytes, in one dimension or in two.
Layout numbers_of(int ndim) {
  Layout layout;
  layout.format = "i";
  layout.itemsize = 4;
  layout.ndim = ndim;
  layout.shape[0] = ndim == 1 ? 6 : 2;
  if (ndim == 2) layout.shape[1] = 3;
  layout.has_strides = false;
  layout.block = 24;
  return layout;
}

// The same elements, each with as much room again behind it.
Layout with_gaps(const Layout& layout) {
  Layout spaced = layout;
  spaced.has_strides = true;
  ssize stride = 2 * layout.itemsize;
  for (int d = layout.ndim - 1; d >= 0; --d) {
    spaced.strides[static_cast<std::size_t>(d)] = stride;
    stride *= layout.shape[static_cast<std::size_t>(d)];
  }
  spaced.offset = 0;
  spaced.block = stride;
  return spaced;
}

constexpr ssize few_items = 3;

// As high_bytes(), but the numbers fall from item to item, and the bytes inside of each: in order they are neither as they lie
// nor as their bytes would be.
void falling_bytes(ssize k, std::span<char> element) noexcept {
  constexpr ssize step = 8;
  high_bytes(step * (few_items - 1 - k), element);
  std::reverse(element.begin(), element.end());
}

bool is_untyped(PyObject* result) {
  return PyBytes_CheckExact(result) != 0 || PyByteArray_CheckExact(result) != 0 || PyUnicode_Check(result) != 0;
}

}  // namespace

void ConsumerSubject::warm_up() {
  if (is_warm_) return;
  is_warm_ = true;
  constexpr std::string_view some = "bufspec warms up";
  const Ref plain(declared_.kind == ConsumerKind::fills
                      ? PyByteArray_FromStringAndSize(some.data(), static_cast<Py_ssize_t>(some.size()))
                      : PyBytes_FromStringAndSize(some.data(), static_cast<Py_ssize_t>(some.size())));
  const Ref result(plain ? PyObject_CallFunctionObjArgs(declared_.callable.get(), plain.get(), nullptr) : nullptr);
  acceptance_.note_plain(result ? std::string() : take_exception_text());
  PyErr_Clear();
  if (declared_.returns == Returns::same_as_bytes && declared_.kind != ConsumerKind::fills)
    comparison_.infer(returns_of_typed());
  collector_.expect_slow();  // what all this left behind is not looked through again
}

const char* ConsumerSubject::inferred() const noexcept {
  if (comparison_.returns() == declared_.returns) return "";
  switch (comparison_.returns()) {
    case Returns::bytes:
      return "bytes";
    case Returns::list:
      return "list";
    case Returns::elements:
      return "elements";
    default:
      return "";
  }
}

// A list in lists is told from a flat one in two dimensions; what refuses these is looked at in one.
Returns ConsumerSubject::returns_of_typed() {
  for (const int ndim : {2, 1}) {
    const Layout layout = numbers_of(ndim);
    const auto plan = engine::PlannedMemory::of(layout);
    const Ref object = plan != nullptr ? plain_exporter_of(layout) : Ref();
    const Ref result(object ? PyObject_CallFunctionObjArgs(declared_.callable.get(), object.get(), nullptr) : nullptr);
    PyErr_Clear();
    if (!result) continue;
    if (is_untyped(result.get())) return Returns::same_as_bytes;
    const auto bytes = bytes_of(result.get());
    if (bytes && *bytes == plan->elements()) return Returns::bytes;
    // What the same bytes without a type give, too, was made of bytes.
    const std::string& elements = plan->elements();
    const Ref untyped(PyBytes_FromStringAndSize(elements.data(), static_cast<Py_ssize_t>(elements.size())));
    const Ref of_bytes(untyped ? PyObject_CallFunctionObjArgs(declared_.callable.get(), untyped.get(), nullptr)
                               : nullptr);
    PyErr_Clear();
    const Ref flat = values_of(elements, layout.format, layout.itemsize);
    const Ref rows = flat ? nested(flat.get(), layout.shape.data(), layout.ndim) : Ref();
    const bool is_list_of_bytes = of_bytes && are_equal(result.get(), of_bytes.get());
    if (rows && !is_list_of_bytes && are_equal(result.get(), rows.get())) return Returns::list;
    const Ref entries(PySequence_List(result.get()));
    PyErr_Clear();
    const Ref entries_of_bytes(of_bytes && entries ? PySequence_List(of_bytes.get()) : nullptr);
    PyErr_Clear();
    const bool is_of_bytes = entries && entries_of_bytes && are_equal(entries.get(), entries_of_bytes.get());
    if (flat && entries && !is_of_bytes && are_equal(entries.get(), flat.get())) return Returns::elements;
    return Returns::same_as_bytes;
  }
  return Returns::same_as_bytes;
}

// Found out with memory of this shape in one piece, since a consumer may take no other, once for each format and number of
// dimensions: with small numbers, large ones, and with the highest bit set in either order, since a function of their values may
// leave some as they are.  Who was not told the format has bytes before it.
bool ConsumerSubject::writes_values() {
  const Layout& described = plan_->described();
  const bool are_plain_bytes = described.itemsize == 1 && (described.format.empty() || described.format == "B");
  if (plan_->count() == 0 || described.itemsize < 1 || are_plain_bytes) return false;
  const auto requests = exporter_->requests();
  if (std::none_of(requests.begin(), requests.end(),
                   [](const Consumed::Request& one) { return one.granted && has(one.flags, flag::FORMAT); }))
    return false;
  const std::string kind = described.format + ' ' + std::to_string(described.ndim);
  if (const auto known = writes_values_.find(kind); known != writes_values_.end()) return known->second;
  bool writes = false;
  for (const ElementBytes contents : {element_bytes, digit_bytes, high_bytes, falling_bytes})
    writes = writes || writes_values_over(contents);
  comparison_.prepare(*plan_, (exporter_->habits().behaviours & behaviour::poisoned) != 0);
  if (plan_->count() >= few_items) writes_values_.emplace(kind, writes);  // of one or two nothing is out of order
  return writes;
}

bool ConsumerSubject::writes_values_over(ElementBytes contents) {
  Layout layout = plan_->described();
  layout.has_strides = layout.has_suboffsets = layout.readonly = false;
  layout.offset = 0;
  layout.block = plan_->count() * layout.itemsize;
  const auto plan = engine::PlannedMemory::of(layout, contents);
  Ref object;
  const auto exporter = plan != nullptr ? Instrumented::make(plan, {}, object) : nullptr;
  PyErr_Clear();
  if (exporter == nullptr) return false;
  const Ref result(PyObject_CallFunctionObjArgs(declared_.callable.get(), object.get(), nullptr));
  PyErr_Clear();
  exporter->watch(false);
  return result && comparison_.writes_values(exporter->elements(), *plan);
}

bool ConsumerSubject::takes_gaps_rightly() {
  if (!takes_gaps_) takes_gaps_ = takes_rightly(engine::PlannedMemory::of(with_gaps(plan_->described())));
  return *takes_gaps_;
}

bool ConsumerSubject::takes_rightly(const std::shared_ptr<engine::PlannedMemory>& plan) {
  Ref object;
  const auto exporter = plan != nullptr ? Instrumented::make(plan, {}, object) : nullptr;
  PyErr_Clear();
  if (exporter == nullptr) return false;
  const Ref result(PyObject_CallFunctionObjArgs(declared_.callable.get(), object.get(), nullptr));
  PyErr_Clear();
  Consumed consumed;
  consumed.requests = exporter->requests();
  exporter->watch(false);
  if (result) {
    comparison_.prepare(*plan, false);
    comparison_.compare(result.get(), *plan, exporter->memory(), consumed);
    if (declared_.kind == ConsumerKind::fills)
      comparison_.compare_filled(exporter->elements(), exporter->segment(), *plan, true, consumed);
    comparison_.prepare(*plan_, (exporter_->habits().behaviours & behaviour::poisoned) != 0);
  }
  return consumed.result != Compared::wrong && consumed.filled != Compared::wrong;
}

}  // namespace bufspec::cpython
