// Steps with the object: an operation that changes it, its last reference given up, a request from inside its use.
#include "subject.hpp"

namespace bufspec::cpython {

namespace {

// An index that runs a piece of C++ when it is asked for its value.
struct IndexObject {
  PyObject_HEAD void (*run)(void*);
  void* what;
};

PyObject* index_value(PyObject* self) {
  auto* index = reinterpret_cast<IndexObject*>(self);
  index->run(index->what);
  return PyLong_FromLong(0);
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

PyType_Slot index_slots[]{
    {Py_nb_index, reinterpret_cast<void*>(index_value)},
    {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
    {0, nullptr},
};

PyType_Spec index_spec{"bufspec._engine.Index", sizeof(IndexObject), 0, Py_TPFLAGS_DEFAULT, index_slots};

// An index that runs `what`; the type is made once for each interpreter process.
template <typename What>
Ref index_running(What& what) {
  static PyObject* type = nullptr;
  if (type == nullptr) type = PyType_FromSpec(&index_spec);
  if (type == nullptr) return {};
  Ref index(PyType_GenericAlloc(reinterpret_cast<PyTypeObject*>(type), 0));
  if (!index) return {};
  auto* object = reinterpret_cast<IndexObject*>(index.get());
  object->run = [](void* called) { (*static_cast<What*>(called))(); };
  object->what = &what;
  return index;
}

}  // namespace

void ExporterSubject::mutate(std::size_t operation, StepRecord& record) {
  if (!object_ || operation >= declared_.operations.size()) return;
  const Operation& chosen = declared_.operations[operation];
  Mutated& mutated = record.mutated.emplace();
  mutated.operation = chosen.name;
  for (const Slot& slot : slots_) mutated.views_held += slot.is_held ? 1 : 0;
  is_spoilt_ = true;

  PyErr_Clear();
  Ref twin;
  if (mutated.views_held == 0) {
    twin = built_layout_ ? built_.make(*built_layout_) : Ref(PyObject_CallNoArgs(declared_.factory.get()));
    PyErr_Clear();
    if (twin.get() == asked_) twin.reset();
  }
  {
    const Ref result(PyObject_CallFunctionObjArgs(chosen.callable.get(), object_.get(), nullptr));
    mutated.raised = !result;
  }
  if (mutated.raised) {
    Raised raised = take_exception();
    mutated.error = raised.error;
    mutated.exception_name = std::move(raised.name);
  } else {
    is_changed_ = true;
    references_at_begin_.reset();  // it may have been handed to somebody
  }
  PyErr_Clear();
  if (!twin) return;
  mutated.twin_tried = true;
  const Ref result(PyObject_CallFunctionObjArgs(chosen.callable.get(), twin.get(), nullptr));
  mutated.twin_raised = !result;
  if (mutated.twin_raised) mutated.twin_exception_name = take_exception().name;
}

void ExporterSubject::drop() {
  // Nothing else of ours refers to it: answers are value copies.
  object_.reset();
  PyErr_Clear();
}

void ExporterSubject::reenter(int flags, StepRecord& record) {
  if (!object_ || is_changed_) return;
  // A memoryview reads the format to its end, wherever that is.
  if (richest_ && richest_->view.format != Pointer::null && !richest_->view.format_terminated) return;
  PyErr_Clear();
  Ref memoryview(PyMemoryView_FromObject(object_.get()));
  PyErr_Clear();
  if (!memoryview) return;
  Slot inner;
  auto ask = [&] {
    const auto before = references_of(asked_);
    acquire(flags, inner, record.answer.emplace());
    if (!inner.is_held) return;
    release(inner, record);
    const auto after = references_of(asked_);
    record.released->references_kept.reset();
    if (before && after) record.released->references_kept = *after - *before;
  };
  {
    const Ref index = index_running(ask);
    const Ref item(index ? PyObject_GetItem(memoryview.get(), index.get()) : nullptr);
  }
  PyErr_Clear();
  // What the item referred to is gone; so that no view stays behind, the memoryview is told to let go.
  const Ref released(PyObject_CallMethod(memoryview.get(), "release", nullptr));
  PyErr_Clear();
}

}  // namespace bufspec::cpython
