#include "machine.hpp"

#include <algorithm>
#include <thread>

#include "behaviours.hpp"
#include "bufspec/flags.hpp"
#include "harness/subjects/mutants/native/behaviour_table.hpp"
#include "reading.hpp"
#include "values.hpp"

namespace bufspec::mutants::consumers {

namespace {

// The exception that is set, put aside while behaviours act.
class PutAside {
 public:
  PutAside() noexcept { PyErr_Fetch(&type_, &value_, &traceback_); }
  PutAside(const PutAside&) = delete;
  PutAside& operator=(const PutAside&) = delete;
  // One that was set since then stays in its place.
  ~PutAside() {
    if (!is_dropped && PyErr_Occurred() == nullptr) {
      PyErr_Restore(type_, value_, traceback_);
      return;
    }
    Py_XDECREF(type_);
    Py_XDECREF(value_);
    Py_XDECREF(traceback_);
  }

  bool is_dropped = false;

 private:
  PyObject* type_ = nullptr;
  PyObject* value_ = nullptr;
  PyObject* traceback_ = nullptr;
};

std::string copied_by_library(const Py_buffer& view) {
  std::string made(static_cast<std::size_t>(view.len), '\0');
  Py_buffer copy = view;
  if (PyBuffer_ToContiguous(made.data(), &copy, view.len, 'C') != 0) made.clear();
  return made;
}

// By an object that asks itself; the view that was granted only stands by.
std::string copied_by_memoryview(PyObject* exporter) {
  const cpython::Ref view(PyMemoryView_FromObject(exporter));
  const cpython::Ref bytes(view ? PyObject_CallMethod(view.get(), "tobytes", nullptr) : nullptr);
  if (!bytes) return {};
  return {PyBytes_AsString(bytes.get()), static_cast<std::size_t>(PyBytes_Size(bytes.get()))};
}

}  // namespace

void release_view(Py_buffer* view, int times, bool through_copy) {
  if (times <= 0 || view->obj == nullptr) return;
  const PutAside aside;
  // Once too often ends the process where nobody watches the references of the owner.
  const bool is_plain = PyBytes_CheckExact(view->obj) != 0 || PyByteArray_CheckExact(view->obj) != 0;
  for (int i = 1; i < times && !is_plain; ++i) {
    Py_buffer copy = *view;
    PyBuffer_Release(&copy);
  }
  if (!through_copy) {
    PyBuffer_Release(view);
    return;
  }
  Py_buffer copy = *view;
  PyBuffer_Release(&copy);
  view->obj = nullptr;
}

Machine::Machine() { plan.words = {flag::FULL_RO}; }
Machine::~Machine() = default;

bool Machine::take_behaviours(const TableValue& behaviours) {
  std::vector<TableProblem> problems;
  behaviours_ = behaviours_from(behaviours, *this, problems);
  return raise_problems(problems);
}

void Machine::run(Call& call, Moment moment) {
  call.moment = moment;
  for (const Behaviour& behaviour : behaviours_)
    if (behaviour.moment == moment && behaviour.holds_for(call)) behaviour.act(behaviour, call);
}

PyObject* Machine::call(PyObject* exporter) {
  if (!plan.in_a_thread) return call_here(exporter);
  PyObject* made = nullptr;
  cpython::Raised raised;
  Py_BEGIN_ALLOW_THREADS;
  std::thread([&] {
    const PyGILState_STATE state = PyGILState_Ensure();
    made = call_here(exporter);
    if (made == nullptr) raised = cpython::take_exception();
    PyGILState_Release(state);
  }).join();
  Py_END_ALLOW_THREADS;
  if (made == nullptr)
    cpython::raise_error(raised.error == Error::other ? Error::system_error : raised.error, "in a thread");
  return made;
}

PyObject* Machine::call_here(PyObject* exporter) {
  Call call;
  call.machine = this;
  call.exporter = exporter;
  call.number = ++calls_;
  call.own = std::make_unique<Py_buffer>();
  call.view = plan.has_static_view ? &static_view : call.own.get();
  if (plan.has_static_result) static_result.clear();
  run(call, Moment::begun);
  if (!acquire(call)) {
    PutAside aside;
    run(call, Moment::refused);
    aside.is_dropped = call.has_result;
    return call.result.release();
  }
  run(call, Moment::granted);
  if (call.releases_first) {
    call.detached = std::make_unique<DetachedView>(*call.view);
    call.wrongly |= misread::carefully;
    release_view(call.view, 1, false);
  }
  if (PyErr_Occurred() == nullptr) read(call);
  call.failing = PyErr_Occurred() != nullptr;
  return end(call);
}

bool Machine::acquire(Call& call) {
  for (const int word : plan.words) {
    PyErr_Clear();
    call.word = word;
    run(call, Moment::asking);
    *call.view = Py_buffer{};
    call.granted = PyObject_GetBuffer(call.exporter, call.view, call.word) == 0;
    if (call.granted) return true;
    if (!plan.asks_on && PyErr_ExceptionMatches(PyExc_BufferError) == 0) return false;
  }
  return false;
}

void Machine::read(Call& call) {
  const Py_buffer& view = call.detached ? call.detached->view() : *call.view;
  if (plan.fills) {
    fill_view(view, call.word, call.wrongly);
  } else if (plan.read_as == ReadAs::memoryview) {
    call.elements = copied_by_memoryview(call.exporter);
  } else if (plan.read_as == ReadAs::library) {
    call.elements = copied_by_library(view);
  } else if (plan.read_as == ReadAs::block && call.wrongly == 0 && is_in_c_order(view)) {
    call.elements.assign(static_cast<const char*>(view.buf), static_cast<std::size_t>(view.len));
  } else {
    call.elements = elements_of_view(view, call.word, call.wrongly);
  }
  if (plan.has_static_result) {
    static_result += call.elements;
    call.elements = static_result;
  }
  if (PyErr_Occurred() == nullptr) run(call, Moment::read);
}

PyObject* Machine::end(Call& call) {
  if (!call.failing && !call.has_result) {
    call.result = result_of(call);
    call.failing = !call.result;
  }
  if (call.failing) {
    const PutAside aside;
    run(call, Moment::ending);
  } else {
    run(call, Moment::ending);
  }
  // A keeper took the view over.
  if (call.view != nullptr && !call.releases_first) release_view(call.view, call.releases, call.releases_copy);
  if (call.releases == 0 && call.own) lost = call.own.release();  // nobody knows of it any more
  if (call.has_result || !call.failing) {
    if (!call.keeps_exception) PyErr_Clear();
    return call.result.release();
  }
  return nullptr;
}

}  // namespace bufspec::mutants::consumers
