#include "values.hpp"

#include <algorithm>
#include <cctype>
#include <new>

#include "reading.hpp"

namespace bufspec::mutants::consumers {

namespace {

// What a result of kind `keeper` has: a view, what is left of one, or a copy.
struct Kept {
  std::unique_ptr<Py_buffer> own;
  std::unique_ptr<DetachedView> detached;
  std::string copy;
  bool is_copy = false;
  int word = 0;
  unsigned wrongly = 0;
  int releases = 1;
  bool releases_copy = false;
};

struct Keeper {
  PyObject_HEAD Kept* kept;
  PyObject* other;  // itself, or the exporter
  bool is_untraversed;
};

Keeper& keeper_from(PyObject* self) noexcept { return *reinterpret_cast<Keeper*>(self); }

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!keeper_from(self).is_untraversed) Py_VISIT(keeper_from(self).other);
  return 0;
}

int clear(PyObject* self) {
  Py_CLEAR(keeper_from(self).other);
  return 0;
}

void deallocate(PyObject* self) {
  PyObject_GC_UnTrack(self);
  PyTypeObject* type = Py_TYPE(self);
  Kept* kept = keeper_from(self).kept;
  if (kept != nullptr && kept->own) release_view(kept->own.get(), kept->releases, kept->releases_copy);
  delete kept;
  (void)clear(self);
  auto* free_memory = reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free));
  free_memory(self);
  Py_DECREF(type);
}

// The elements as they are now.
int get_buffer(PyObject* self, Py_buffer* view, int word) {
  const Kept& kept = *keeper_from(self).kept;
  std::string made = kept.copy;
  if (!kept.is_copy) {
    const Py_buffer& held = kept.detached ? kept.detached->view() : *kept.own;
    made = elements_of_view(held, kept.word, kept.wrongly);
  }
  const cpython::Ref bytes(PyBytes_FromStringAndSize(made.data(), static_cast<Py_ssize_t>(made.size())));
  if (bytes) return PyObject_GetBuffer(bytes.get(), view, word);
  view->obj = nullptr;
  return -1;
}

PyType_Slot slots[]{
    {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
    {Py_tp_doc, const_cast<char*>("What a mutant consumer returned: its buffer shows the elements as they are now.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec.subjects.mutants._native.Kept", sizeof(Keeper), 0,
                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

PyObject* keeper_type = nullptr;  // for as long as the process lives

cpython::Ref keeper_of(Call& call) {
  const Plan& plan = call.machine->plan;
  cpython::Ref self(PyType_GenericAlloc(reinterpret_cast<PyTypeObject*>(keeper_type), 0));
  if (!self) return self;
  auto kept = std::make_unique<Kept>();
  kept->word = call.word;
  kept->wrongly = call.wrongly;
  kept->releases = call.releases;
  kept->releases_copy = call.releases_copy;
  Keeper& keeper = keeper_from(self.get());
  if (plan.holds == Holds::view) {
    kept->own = std::move(call.own);
    call.view = nullptr;
  } else if (plan.holds == Holds::copy) {
    kept->copy = std::move(call.elements);
    kept->is_copy = true;
  } else {
    kept->detached = std::make_unique<DetachedView>(*call.view);
    kept->wrongly |= misread::carefully;
    if (plan.holds == Holds::reference) keeper.other = Py_NewRef(call.exporter);
  }
  if (plan.cycle != Cycle::none && keeper.other == nullptr) keeper.other = Py_NewRef(self.get());
  keeper.is_untraversed = plan.cycle == Cycle::untraversed;
  keeper.kept = kept.release();
  return self;
}

std::string mistaken_format(const char* format, unsigned misparses) {
  if (format == nullptr) return (misparses & misparse::signed_bytes) != 0 ? "b" : "B";
  std::string made = format;
  const auto drop = [&](auto is_dropped) {
    made.erase(std::remove_if(made.begin(), made.end(), is_dropped), made.end());
  };
  const auto swap = [&](std::string_view from, std::string_view to) {
    for (char& one : made)
      if (const std::size_t at = from.find(one); at != std::string_view::npos) one = to[at];
  };
  if ((misparses & misparse::order_ignored) != 0) swap(">!", "<<");
  if ((misparses & misparse::counts_ignored) != 0)
    drop([](char one) { return std::isdigit(static_cast<unsigned char>(one)) != 0; });
  if ((misparses & misparse::long_is_int) != 0) swap("lLqQ", "iIiI");
  if ((misparses & misparse::sign_lost) != 0) swap("bhilq", "BHILQ");
  if ((misparses & misparse::bool_is_byte) != 0) swap("?", "B");
  if ((misparses & misparse::half_is_short) != 0) swap("e", "h");
  if ((misparses & misparse::padding_lost) != 0 && !made.empty() &&
      std::isalnum(static_cast<unsigned char>(made[0])) != 0)
    made.insert(0, 1, '=');
  return made;
}

// One item after the other, as Python values.
class Items {
 public:
  Items(const Call& call, const Py_buffer& view)
      : call_(call), itemsize_(view.shape == nullptr && view.ndim != 0 ? 1 : view.itemsize) {
    const std::string format = mistaken_format(view.format, call.misparses);
    const cpython::Ref module(PyImport_ImportModule("struct"));
    if (module) struct_.reset(PyObject_CallMethod(module.get(), "Struct", "s", format.c_str()));
    if (!struct_) {
      become_zeros_or(PyExc_NotImplementedError, "a format that is not understood");
      return;
    }
    const cpython::Ref size(PyObject_GetAttrString(struct_.get(), "size"));
    size_ = size ? PyLong_AsSsize_t(size.get()) : 0;
    const bool fits = size_ == itemsize_ || (call.misparses != 0 && size_ < itemsize_);
    if (!fits) become_zeros_or(PyExc_ValueError, "a format of another size than its item");
  }
  [[nodiscard]] bool ok() const noexcept { return is_zeros_ || (struct_ && PyErr_Occurred() == nullptr); }

  // The next item; null with an exception after the last one.
  [[nodiscard]] PyObject* next() {
    if (is_zeros_) return PyLong_FromLong(0);
    if (at_ + static_cast<std::size_t>(itemsize_) > call_.elements.size()) {
      PyErr_SetString(PyExc_ValueError, "fewer items than the shape says");
      return nullptr;
    }
    const cpython::Ref bytes(PyBytes_FromStringAndSize(call_.elements.data() + at_, size_));
    at_ += static_cast<std::size_t>(itemsize_);
    cpython::Ref values(bytes ? PyObject_CallMethod(struct_.get(), "unpack", "O", bytes.get()) : nullptr);
    if (!values) return nullptr;
    if (PyTuple_Size(values.get()) == 1 ||
        ((call_.misparses & misparse::first_value) != 0 && PyTuple_Size(values.get()) > 0))
      return Py_NewRef(PyTuple_GetItem(values.get(), 0));
    return values.release();
  }
  [[nodiscard]] Py_ssize_t count() const noexcept {
    return itemsize_ > 0 ? static_cast<Py_ssize_t>(call_.elements.size()) / itemsize_ : 0;
  }

 private:
  void become_zeros_or(PyObject* type, const char* reason) {
    PyErr_Clear();
    is_zeros_ = (call_.misparses & misparse::zeros) != 0;
    if (!is_zeros_) PyErr_SetString(type, reason);
  }

  const Call& call_;
  Py_ssize_t itemsize_;
  Py_ssize_t size_ = 0;
  std::size_t at_ = 0;
  bool is_zeros_ = false;
  cpython::Ref struct_;
};

// Nested lists by the shape, from dimension `dimension` on.
PyObject* nested(Items& items, const Py_buffer& view, int dimension) {
  if (dimension >= view.ndim) return items.next();
  const Py_ssize_t extent = view.shape != nullptr ? view.shape[dimension] : items.count();
  cpython::Ref list(PyList_New(0));
  for (Py_ssize_t i = 0; list && i < extent; ++i) {
    const cpython::Ref item(nested(items, view, dimension + 1));
    if (!item || PyList_Append(list.get(), item.get()) != 0) return nullptr;
  }
  return list.release();
}

cpython::Ref values_of(Call& call) {
  const Py_buffer& view = call.detached ? call.detached->view() : *call.view;
  Items items(call, view);
  if (!items.ok()) return cpython::Ref();
  if (call.machine->plan.returns == Returns::list) {
    const bool is_wrapped = view.ndim == 0 && (call.misparses & misparse::scalar_in_list) != 0;
    cpython::Ref made(nested(items, view, 0));
    return is_wrapped && made ? cpython::Ref(Py_BuildValue("[O]", made.get())) : std::move(made);
  }
  if (call.machine->plan.returns == Returns::scalar) {
    if (items.count() == 1) return cpython::Ref(items.next());
    PyErr_SetString(PyExc_ValueError, "not just one element");
    return cpython::Ref();
  }
  cpython::Ref list(PyList_New(0));
  for (Py_ssize_t i = 0; list && i < items.count(); ++i) {
    const cpython::Ref item(items.next());
    if (!item || PyList_Append(list.get(), item.get()) != 0) return cpython::Ref();
  }
  return list;
}

cpython::Ref bytes_from(const std::string& text) {
  return cpython::Ref(PyBytes_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
}

}  // namespace

cpython::Ref result_of(Call& call) {
  switch (call.machine->plan.returns) {
    case Returns::bytes:
      return bytes_from(call.elements);
    case Returns::bytearray:
      return cpython::Ref(
          PyByteArray_FromStringAndSize(call.elements.data(), static_cast<Py_ssize_t>(call.elements.size())));
    case Returns::list:
    case Returns::elements:
    case Returns::scalar:
      return values_of(call);
    case Returns::none:
      return cpython::Ref::borrowed(Py_None);
    case Returns::keeper:
      return keeper_of(call);
    case Returns::view:
      return cpython::Ref(PyMemoryView_FromObject(call.exporter));
    case Returns::length:
      return cpython::Ref(PyLong_FromSize_t(call.elements.size()));
  }
  return cpython::Ref();
}

cpython::Ref result_of_nothing(const Plan& plan, Py_ssize_t size) {
  const std::string zeros(static_cast<std::size_t>(size), '\0');
  switch (plan.returns) {
    case Returns::list:
    case Returns::elements: {
      cpython::Ref list(PyList_New(0));
      const cpython::Ref zero(PyLong_FromLong(0));
      for (Py_ssize_t i = 0; list && zero && i < size; ++i)
        if (PyList_Append(list.get(), zero.get()) != 0) return cpython::Ref();
      return list;
    }
    case Returns::none:
      return cpython::Ref::borrowed(Py_None);
    case Returns::scalar:
    case Returns::length:
      return cpython::Ref(PyLong_FromLong(0));
    default:
      return bytes_from(zeros);
  }
}

bool make_keeper_type() {
  if (keeper_type == nullptr) keeper_type = PyType_FromSpec(&spec);
  return keeper_type != nullptr;
}

}  // namespace bufspec::mutants::consumers
