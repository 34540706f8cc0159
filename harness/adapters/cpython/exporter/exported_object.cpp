#include "exported_object.hpp"

#include <array>
#include <cstdlib>
#include <new>
#include <utility>

#include "bufspec/scenario.hpp"
#include "harness/adapters/cpython/api/guarded.hpp"
#include "harness/adapters/cpython/api/interpreter_lock.hpp"
#include "object_size.hpp"
#include "own_content.hpp"
#include "unchanging.hpp"
#include "view_of.hpp"

namespace bufspec::cpython {

namespace {

// An index that runs a piece of C++ when it is asked for its value.
struct IndexObject {
  PyObject_HEAD const std::function<void()>* run;
};

PyObject* index_value(PyObject* self) {
  (*reinterpret_cast<IndexObject*>(self)->run)();
  return PyLong_FromLong(0);
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

PyType_Slot index_slots[]{
    {Py_nb_index, guarded_slot<index_value>()},
    {Py_tp_dealloc, guarded_slot<deallocate>()},
    {0, nullptr},
};

PyType_Spec index_spec{"bufspec._engine.Index", sizeof(IndexObject), 0, Py_TPFLAGS_DEFAULT, index_slots};

// An index that runs `what`; the type is made once for each interpreter process.
Ref index_running(const std::function<void()>& what) {
  static PyObject* type = nullptr;
  if (type == nullptr) type = PyType_FromSpec(&index_spec);
  if (type == nullptr) return {};
  Ref index(PyType_GenericAlloc(reinterpret_cast<PyTypeObject*>(type), 0));
  if (index) reinterpret_cast<IndexObject*>(index.get())->run = &what;
  return index;
}

}  // namespace

ExportedObject::ExportedObject(ExporterDeclaration declared)
    : declared_(std::move(declared)), built_(declared_.build.get()), others_(declared_.build.get()) {}

unsigned ExportedObject::observes() const noexcept {
  return observation::structure | observation::canaries | observation::exception | observation::memory |
         observation::result | observation::mutation | (counts_references() ? observation::references : 0U) |
         (declared_.is_volatile ? 0U : observation::content);
}

std::span<const engine::Allocator> ExportedObject::allocators() const noexcept {
  static constexpr std::array all{engine::Allocator{std::malloc, std::free},
                                  engine::Allocator{PyMem_Malloc, PyMem_Free, true},
                                  engine::Allocator{PyObject_Malloc, PyObject_Free, true}};
  return all;
}

bool ExportedObject::make(const Layout* layout) {
  object_.reset();
  asked_ = nullptr;
  layout_.reset();
  PyErr_Clear();
  collector_.freeze_if_slow();  // what earlier cases leaked
  if (layout == nullptr) {
    object_ = made();
  } else {
    if (!built_.can_build()) return false;
    object_ = built_.make(*layout);
    if (object_) {
      layout_ = *layout;
    } else {
      const std::string reason = take_exception_text();
      if (!reason.empty() && build_failure_.empty())
        build_failure_ = "building an object of " + describe(*layout) + " failed: " + reason;
    }
  }
  asked_ = object_.get();
  object_size_ = asked_ == nullptr ? 0 : block_size_of(asked_);
  is_said_twice_ = false;
  releases_in_python_ = asked_ != nullptr && has_release_in_python(Py_TYPE(asked_));
  if (releases_in_python_) unraisable_.install();
  return static_cast<bool>(object_);
}

Ref ExportedObject::made() {
  Ref object(PyObject_CallNoArgs(declared_.factory.get()));
  if (!object) {
    PyObject* type = nullptr;
    PyObject* value = nullptr;
    PyObject* traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    failure_.type.reset(type);
    failure_.value.reset(value);
    failure_.traceback.reset(traceback);
  }
  PyErr_Clear();
  return object;
}

void ExportedObject::raise_failure() {
  PyErr_Restore(failure_.type.release(), failure_.value.release(), failure_.traceback.release());
}

bool ExportedObject::makes_another(bool is_large) {
  if (is_large && references_of(object_.get()) == 1) return true;  // nobody else has it to hand it out again
  const Ref another = made();
  return another && another.get() != object_.get();
}

bool ExportedObject::make_twin() {
  twin_ = layout_ ? built_.make(*layout_) : made();
  PyErr_Clear();
  if (twin_.get() == asked_) twin_.reset();
  return static_cast<bool>(twin_);
}

bool ExportedObject::use_another(const Layout* layout, std::size_t number) {
  const Ref other = layout != nullptr ? others_.make(*layout) : made();
  PyErr_Clear();
  if (!other || other.get() == asked_) return false;
  if (layout == nullptr && number < declared_.operations.size()) {
    const Ref result(PyObject_CallFunctionObjArgs(declared_.operations[number].callable.get(), other.get(), nullptr));
    PyErr_Clear();
  }
  Py_buffer view{};
  const bool is_granted = PyObject_GetBuffer(other.get(), &view, flag::FULL_RO) == 0;
  // PyBuffer_Release would follow whatever stands there.
  if (is_granted && view.obj != nullptr && owner_of(view.obj, other.get()) != Owner::garbage) PyBuffer_Release(&view);
  PyErr_Clear();
  return true;
}

std::optional<std::string_view> ExportedObject::expected() const noexcept {
  if (layout_) return built_.elements();
  PyObject* const expect = declared_.expect.get();
  if (expect == nullptr) return std::nullopt;
  return std::string_view(PyBytes_AsString(expect), static_cast<std::size_t>(PyBytes_Size(expect)));
}

std::optional<std::string> ExportedObject::content() {
  // Of views that a method makes, what the owner says may be said of other memory.
  if (!object_ || layout_ || owner_of_views(asked_) != nullptr) return std::nullopt;
  OwnContent own = own_content(object_.get());
  if (!own.by_method && !own.by_items) return std::nullopt;
  if (!own.by_method) return std::move(own.by_items);
  if (!own.by_items) return std::move(own.by_method);
  // Two ways that agreed before an operation and no longer do: which of them is right nobody knows.
  const bool agree = *own.by_method == *own.by_items;
  if (is_said_twice_ && !agree) return std::nullopt;
  is_said_twice_ = agree;
  return std::move(own.by_method);
}

Unchanging ExportedObject::unchanging(std::uintptr_t first, std::uintptr_t end) {
  return object_ ? unchanging_of(object_.get(), first, end) : Unchanging::no;
}

std::optional<int> ExportedObject::ask(Buffer& view, int flags, engine::Route route) {
  const auto answered = [](int status) {
    if (status != 0 && take_failed_request()) throw std::bad_alloc();
    return status;
  };
  if (route == engine::Route::library) return answered(PyObject_GetBuffer(asked_, &py_buffer(view), flags));
  using GetBuffer = int (*)(PyObject*, Py_buffer*, int);
  const auto get_buffer = reinterpret_cast<GetBuffer>(PyType_GetSlot(Py_TYPE(asked_), Py_bf_getbuffer));
  if (get_buffer == nullptr) {
    PyErr_Clear();
    return std::nullopt;
  }
  return answered(get_buffer(asked_, &py_buffer(view), flags));
}

Raised ExportedObject::exception() {
  PyObject* type = PyErr_Occurred();
  if (type == nullptr) return {};
  last_refusal_ = type;
  return take_exception();
}

bool ExportedObject::raise() {
  if (releases_in_python_) return false;
  raised_.reset(PyObject_CallFunction(PyExc_RuntimeError, "s", "set before the release"));
  if (!raised_) return false;
  PyErr_SetObject(PyExc_RuntimeError, raised_.get());
  return true;
}

bool ExportedObject::takes_back() {
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  const bool is_the_same = value != nullptr && value == raised_.get();
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
  raised_.reset();
  return is_the_same;
}

std::string ExportedObject::unraisable() { return releases_in_python_ ? unraisable_.take(asked_) : std::string(); }

std::optional<long> ExportedObject::references() const noexcept {
  if (!object_) return std::nullopt;
  const std::optional<long> own = references_of(asked_);
  PyObject* const owner = owner_of_views(asked_);
  if (owner == nullptr) return own;
  const std::optional<long> behind = references_of(owner);
  return own && behind ? std::optional(*own + *behind) : std::nullopt;
}

std::string ExportedObject::operation_name(std::size_t number) const { return declared_.operations[number].name; }

Raised ExportedObject::operate(std::size_t number, engine::Which which) {
  PyObject* object = which == engine::Which::twin ? twin_.get() : object_.get();
  PyErr_Clear();
  Raised raised;
  {
    const Ref result(PyObject_CallFunctionObjArgs(declared_.operations[number].callable.get(), object, nullptr));
    if (!result) raised = take_exception();
    raised.is_set = !result;
  }
  PyErr_Clear();
  if (which == engine::Which::twin) twin_.reset();
  return raised;
}

bool ExportedObject::check(Rule rule, Called& called) {
  if (!declared_.check || !object_) return false;
  const Ref id(PyUnicode_FromString(std::string(rule_id(rule)).c_str()));
  const Ref made(id ? PyObject_CallFunctionObjArgs(declared_.check.get(), id.get(),
                                                   reinterpret_cast<PyObject*>(Py_TYPE(object_.get())), nullptr)
                    : nullptr);
  if (made.get() == Py_None) return false;
  const char* owed = nullptr;
  const char* found = nullptr;
  if (made && PyTuple_Check(made.get()) != 0 && PyArg_ParseTuple(made.get(), "ss", &owed, &found) != 0) {
    called.wrong = found;
    if (!called.wrong.empty()) called.owed = value::Text{owed}, called.found = value::Text{found};
  } else {
    const Raised raised = exception();
    called.error = raised.error == Error::none ? Error::system_error : raised.error;
  }
  return true;
}

void ExportedObject::drop() {
  let_go_of_owner(object_.get());
  object_.reset();
  PyErr_Clear();
}

void ExportedObject::collect() {
  collector_.collect();
  PyErr_Clear();
}

void ExportedObject::re_enter(const std::function<void()>& inside) {
  Ref memoryview(PyMemoryView_FromObject(object_.get()));
  PyErr_Clear();
  if (!memoryview && take_failed_request()) throw std::bad_alloc();
  if (!memoryview) return;
  {
    const Ref index = index_running(inside);
    const Ref item(index ? PyObject_GetItem(memoryview.get(), index.get()) : nullptr);
  }
  PyErr_Clear();
  // What the item referred to is gone; the memoryview releases its view, so that none stays behind.
  const Ref released(PyObject_CallMethod(memoryview.get(), "release", nullptr));
  PyErr_Clear();
}

void ExportedObject::in_thread(const std::function<void()>& work) {
  const LockHeld lock;
  work();
}

void ExportedObject::while_others_run(const std::function<void()>& wait) {
  const LockReleased others;
  wait();
}

}  // namespace bufspec::cpython
