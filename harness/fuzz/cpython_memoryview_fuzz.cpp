// Sequences of operations on memoryviews that nobody thought of: does the interpreter in this process do what the reference
// does, step by step, on the very same memory?
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bufspec/memoryview.hpp"
#include "fuzz/memory.hpp"
#include "fuzz/view_steps.hpp"
#include "interpreter.hpp"

namespace {

using bufspec::Buffer;
using bufspec::Error;
using bufspec::MemoryViewPointer;
using bufspec::ssize;
using bufspec::fuzz::must_hold;
using bufspec::fuzz::Reference;
using bufspec::fuzz::take_error;
using bufspec::fuzz::ViewOperation;
using bufspec::fuzz::ViewStep;

Reference number_or_none(const std::optional<ssize>& number) {
  if (number) return Reference(PyLong_FromSsize_t(*number));
  return Reference(Py_NewRef(Py_None));
}

Reference tuple_of(const std::vector<ssize>& values) {
  Reference made(PyTuple_New(static_cast<Py_ssize_t>(values.size())));
  for (std::size_t i = 0; i < values.size(); ++i)
    PyTuple_SET_ITEM(made.get(), static_cast<Py_ssize_t>(i), PyLong_FromSsize_t(values[i]));
  return made;
}

Reference sliced(PyObject* view, const bufspec::Slice& slice) {
  const Reference start = number_or_none(slice.start);
  const Reference stop = number_or_none(slice.stop);
  const Reference step(PyLong_FromSsize_t(slice.step));
  const Reference key(PySlice_New(start.get(), stop.get(), step.get()));
  return Reference(PyObject_GetItem(view, key.get()));
}

Reference cast(PyObject* view, const ViewOperation& operation, bool is_shaped) {
  const std::string format(operation.format);
  if (!is_shaped) return Reference(PyObject_CallMethod(view, "cast", "s", format.c_str()));
  const Reference shape = tuple_of(operation.shape);
  return Reference(PyObject_CallMethod(view, "cast", "sO", format.c_str(), shape.get()));
}

bool same_array(const ssize* owed, const ssize* found, int ndim) {
  return (owed == nullptr) == (found == nullptr) && (owed == nullptr || std::equal(owed, owed + ndim, found));
}

// Whether both say the same of one memory.  Where an empty one lies, and by which suboffset, is nobody's rule: a slice that counts
// down from the end of nothing moves the interpreter's buf by one stride, and that of the reference by none.
bool is_same(const Buffer& owed, const Py_buffer& found) {
  const bool is_empty = owed.len == 0;
  return (found.buf == owed.buf || is_empty) && found.len == owed.len && found.itemsize == owed.itemsize &&
         found.readonly == owed.readonly && found.ndim == owed.ndim && same_array(owed.shape, found.shape, owed.ndim) &&
         same_array(owed.strides, found.strides, owed.ndim) &&
         (is_empty || same_array(owed.suboffsets, found.suboffsets, owed.ndim));
}

void check_view(const bufspec::MemoryView& owed, PyObject* object) {
  Py_buffer found = *PyMemoryView_GET_BUFFER(object);
  Buffer own = owed.buffer();
  if (own.ndim == 0) {  // of arrays without entries nothing is said
    found.shape = found.strides = found.suboffsets = nullptr;
    own.shape = own.strides = own.suboffsets = nullptr;
  }
  must_hold(is_same(own, found), "both views are alike");
  must_hold(std::string(found.format) == owed.format(), "both views have one format");
}

// Where a pointer leads to no elements it may be NULL.  The interpreter follows it all the same: to read an item fails without
// an exception, and to compare or copy what lies behind two such pointers crashes.
bool may_point_to_nothing(const bufspec::MemoryView& view) {
  return view.buffer().len == 0 && !view.suboffsets().empty();
}

// The interpreter takes a len of 0 for an extent of 0, but in one dimension: so it calls items of no byte contiguous whatever their
// strides.
bool is_order_open(const bufspec::Layout& layout) {
  const auto strides = std::span(layout.strides).first(static_cast<std::size_t>(layout.ndim));
  return layout.itemsize == 0 && layout.has_strides &&
         std::any_of(strides.begin(), strides.end(), [](ssize stride) { return stride != 0; });
}

class Pair {
 public:
  Pair(MemoryViewPointer ours, Reference theirs) { add(std::move(ours), std::move(theirs)); }

  [[nodiscard]] bool is_full() const { return ours_.size() >= bufspec::fuzz::most_views; }

  void perform(std::span<const std::uint8_t> record) {
    const ViewOperation operation =
        bufspec::fuzz::operation_from(record, ours_.size(), [&](std::size_t k) { return ours_[k]->ndim(); });
    bufspec::MemoryView& view = *ours_[operation.view];
    PyObject* const object = theirs_[operation.view].get();
    switch (operation.step) {
      case ViewStep::slice:
        return compare(view.slice(operation.slice), sliced(object, operation.slice), true);
      case ViewStep::cast:
        return compare(view.cast(operation.format), cast(object, operation, false), true);
      case ViewStep::cast_shaped:
        return compare(view.cast(operation.format, operation.shape), cast(object, operation, true), false);
      case ViewStep::toreadonly:
        return compare(view.to_readonly(), Reference(PyObject_CallMethod(object, "toreadonly", nullptr)), true);
      case ViewStep::again:
        return compare(bufspec::MemoryView::from_object(view), Reference(PyMemoryView_FromObject(object)), true);
      case ViewStep::item:
        return item(view, object, operation);
      case ViewStep::tobytes:
        return tobytes(view, object, operation.order);
      case ViewStep::equals: {
        if (may_point_to_nothing(view) || may_point_to_nothing(*ours_[operation.other])) return;
        const int found = PyObject_RichCompareBool(object, theirs_[operation.other].get(), Py_EQ);
        must_hold(take_error() == Error::none, "views can be compared");
        // RichCompareBool takes an object for equal to itself.
        const bool owed =
            operation.view == operation.other || view.equals(*ours_[operation.other], bufspec::fuzz::runtime());
        return must_hold((found != 0) == owed, "both call the same views equal");
      }
      case ViewStep::request:
        return request(view, object, operation.flags);
      case ViewStep::release: {
        const Reference done(PyObject_CallMethod(object, "release", nullptr));
        must_hold(take_error() == view.release().error, "both release a view alike");
      }
    }
  }

 private:
  void add(MemoryViewPointer ours, Reference theirs) {
    check_view(*ours, theirs.get());
    ours_.push_back(std::move(ours));
    theirs_.push_back(std::move(theirs));
  }

  // Which of two errors comes first, where a cast has several reasons to be refused, is nobody's rule.
  void compare(bufspec::Result<MemoryViewPointer> owed, Reference found, bool is_error_owed) {
    const Error error = take_error();
    must_hold(owed.ok() == (found != nullptr), "both make a view, or neither does");
    if (owed.ok())
      add(std::move(owed.value), std::move(found));
    else
      must_hold(!is_error_owed || error == owed.error || error == Error::type_error || error == Error::value_error,
                "both refuse to make a view");
  }

  static void item(const bufspec::MemoryView& view, PyObject* object, const ViewOperation& operation) {
    const auto owed = view.item(operation.index, bufspec::fuzz::runtime());
    if (operation.index.size() != static_cast<std::size_t>(view.ndim())) return;  // a part, which is no element
    if (may_point_to_nothing(view)) return;
    const Reference key = tuple_of(operation.index);
    const Reference found(PyObject_GetItem(object, key.get()));
    const Error error = take_error();
    must_hold(owed.ok() == (error == Error::none), "both read an element, or neither does");
    // Which comes first, an index out of range or a format that is not read, is nobody's rule.
    const bool is_either = error == Error::index_error && owed.error == Error::not_implemented_error;
    must_hold(error == owed.error || is_either, "both fail alike to read an element");
  }

  static void tobytes(const bufspec::MemoryView& view, PyObject* object, char order) {
    if (may_point_to_nothing(view)) return;
    const auto owed = view.tobytes(order);
    const std::string letter(1, order);
    const Reference found(PyObject_CallMethod(object, "tobytes", "s", letter.c_str()));
    const Error error = take_error();
    must_hold(error == owed.error, "both copy the elements, or fail alike");
    if (!owed.ok()) return;
    must_hold(PyBytes_GET_SIZE(found.get()) == static_cast<Py_ssize_t>(owed.value.size()) &&
                  std::equal(owed.value.begin(), owed.value.end(), PyBytes_AS_STRING(found.get())),
              "both copy the same elements");
  }

  static void request(bufspec::MemoryView& view, PyObject* object, int flags) {
    Buffer owed{};
    Py_buffer found{};
    const auto status = bufspec::get_buffer(view, owed, flags, bufspec::Edition::current, bufspec::fuzz::runtime());
    const int returned = PyObject_GetBuffer(object, &found, flags);
    must_hold(take_error() == status.error && (returned == 0) == status.ok(), "both answer a request alike");
    if (!status.ok()) return;
    must_hold(is_same(owed, found), "both grant the same memory");
    must_hold((owed.format == nullptr) == (found.format == nullptr), "both grant a format, or neither does");
    bufspec::release(owed);
    PyBuffer_Release(&found);
  }

  std::vector<MemoryViewPointer> ours_;
  std::vector<Reference> theirs_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bufspec::fuzz::Drawn drawn({data, size});
  const bufspec::Layout layout = drawn.layout();
  if (is_order_open(layout)) return 0;
  bufspec::fuzz::start_interpreter();
  bufspec::Exporter exporter;
  if (!bufspec::fuzz::build_small(exporter, layout)) return 0;
  const Py_buffer view = bufspec::fuzz::struct_of(exporter, layout);
  auto ours = bufspec::MemoryView::from_buffer(bufspec::fuzz::buffer_of(view));
  Reference theirs(PyMemoryView_FromBuffer(&view));
  must_hold(take_error() == ours.error, "both make a view of a memory");
  if (!ours.ok()) return 0;
  Pair pair(std::move(ours.value), std::move(theirs));
  std::span<const std::uint8_t> record;
  for (int n = 0; n < bufspec::fuzz::most_operations && !pair.is_full() && drawn.record(record); ++n)
    pair.perform(record);
  return 0;
}
