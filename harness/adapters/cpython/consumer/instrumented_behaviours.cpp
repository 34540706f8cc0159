#include "instrumented_behaviours.hpp"
#include "harness/adapters/cpython/api/interpreter_lock.hpp"

#include <chrono>
#include <thread>

namespace bufspec::cpython {

namespace {

thread_local int hooks_entered = 0;

constexpr auto a_while = std::chrono::microseconds(50);

// Answers.

// As PyBuffer_FillInfo does: where the struct already holds the number, the array is the struct.
void refer_to_itself(int, HandedArrays& arrays, Py_buffer& view) noexcept {
  if (view.ndim != 1) return;
  if (view.shape != nullptr && arrays.shape[0] == view.len) view.shape = &view.len;
  if (view.strides != nullptr && arrays.strides[0] == view.itemsize) view.strides = &view.itemsize;
}

void point_nowhere(int, HandedArrays&, Py_buffer& view) noexcept {
  if (view.len == 0 && view.suboffsets == nullptr) view.buf = nullptr;
}

void claim_one_more(int, HandedArrays&, Py_buffer& view) noexcept {
  if (view.shape == &view.len) return;  // the shape would lie as well, and nothing would show
  view.len += view.itemsize;
}

void claim_readonly(int flags, HandedArrays&, Py_buffer& view) noexcept {
  if (has(flags, flag::WRITABLE)) view.readonly = 1;
}

void show_idle_suboffsets(int flags, HandedArrays& arrays, Py_buffer& view) noexcept {
  if (has(flags, flag::INDIRECT) && view.suboffsets == nullptr && view.ndim > 0)
    view.suboffsets = arrays.suboffsets.data();
}

struct Change {
  std::uint32_t bit;
  void (*apply)(int flags, HandedArrays& arrays, Py_buffer& view) noexcept;
};

// What lie_format says is in the arrays from the start.
constexpr Change changes[]{
    {behaviour::lie_len, claim_one_more},      {behaviour::self_referential, refer_to_itself},
    {behaviour::lie_readonly, claim_readonly}, {behaviour::lie_suboffsets, show_idle_suboffsets},
    {behaviour::null_if_empty, point_nowhere},
};

// What happens inside requests and releases.

void ask_itself(const Instrumented&, PyObject* object, bool) {
  Py_buffer view;
  if (PyObject_GetBuffer(object, &view, PyBUF_FULL_RO) == 0) PyBuffer_Release(&view);
}

void call_consumer(const Instrumented& exporter, PyObject*, bool at_release) {
  PyObject* const consumer = exporter.habits().consumer.get();
  if (at_release || consumer == nullptr) return;
  const std::string& elements = exporter.plan().elements();
  const Ref plain(PyByteArray_FromStringAndSize(elements.data(), static_cast<Py_ssize_t>(elements.size())));
  const Ref result(plain ? PyObject_CallFunctionObjArgs(consumer, plain.get(), nullptr) : nullptr);
}

void collect(const Instrumented&, PyObject*, bool) { PyGC_Collect(); }

void let_others_run(const Instrumented&, PyObject*, bool) {
  const LockReleased others;
  std::this_thread::sleep_for(a_while);
}

// The interpreter tells of it through sys.unraisablehook, which would print it each time.
void raise_unraisable(const Instrumented&, PyObject* object, bool at_release) {
  if (!at_release) return;
  constexpr const char* hook_name = "unraisablehook";
  const Ref hook = Ref::borrowed(PySys_GetObject(hook_name));
  const Ref builtins(PyImport_ImportModule("builtins"));
  const Ref quiet(builtins ? PyObject_GetAttrString(builtins.get(), "id") : nullptr);  // takes one object, does nothing
  const bool is_quiet = quiet && PySys_SetObject(hook_name, quiet.get()) == 0;
  PyErr_Clear();
  PyErr_SetString(PyExc_RuntimeError, "raised inside the release of a view");
  if (is_quiet) {
    PyErr_WriteUnraisable(object);
    PySys_SetObject(hook_name, hook.get());
  }
}

struct Action {
  std::uint32_t bit;
  void (*act)(const Instrumented& exporter, PyObject* object, bool at_release);
};

constexpr Action actions[]{
    {behaviour::reenters, ask_itself}, {behaviour::reenters_consumer, call_consumer},    {behaviour::collects, collect},
    {behaviour::slow, let_others_run}, {behaviour::raises_at_release, raise_unraisable},
};

}  // namespace

void shape_answer(std::uint32_t behaviours, int flags, HandedArrays& arrays, Py_buffer& view) noexcept {
  for (const Change& one : changes)
    if ((behaviours & one.bit) != 0) one.apply(flags, arrays, view);
}

void act_inside(const Instrumented& exporter, PyObject* object, bool at_release) {
  if (hooks_entered > 0) return;
  ++hooks_entered;
  for (const Action& one : actions) {
    if ((exporter.habits().behaviours & one.bit) == 0) continue;
    one.act(exporter, object, at_release);
    PyErr_Clear();
  }
  --hooks_entered;
}

bool is_inside_hook() noexcept { return hooks_entered > 0; }

}  // namespace bufspec::cpython
