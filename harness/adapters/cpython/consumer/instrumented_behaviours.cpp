#include "instrumented_behaviours.hpp"
#include "harness/adapters/cpython/api/interpreter_lock.hpp"

#include <chrono>
#include <thread>

namespace bufspec::cpython {

namespace {

thread_local int hooks_entered = 0;

constexpr auto a_while = std::chrono::microseconds(50);

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
