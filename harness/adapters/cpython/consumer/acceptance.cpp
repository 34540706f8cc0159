#include "acceptance.hpp"

#include <algorithm>

namespace bufspec::cpython {

namespace {

constexpr std::size_t most_kinds = 64;

}  // namespace

void Acceptance::begin(const Scenario& scenario, ConsumerKind kind) {
  is_counted_ = scenario.layout && scenario.refused_requests == 0 &&
                (scenario.behaviours & behaviour::reasons_to_refuse) == 0 &&
                (kind != ConsumerKind::fills || !scenario.layout->readonly);
  needed_ = is_counted_ ? capabilities_needed(*scenario.layout) : 0;
}

void Acceptance::note_exception() {
  if (!is_counted_ || PyErr_Occurred() == nullptr) return;
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  const Ref owned_type(type), owned_value(value), owned_traceback(traceback);
  const Ref name(PyObject_GetAttrString(type, "__name__"));
  const std::string kind = name ? beginning_of(name.get(), longest_name) : std::string("an exception");
  PyErr_Clear();
  if (raised_.size() < most_kinds || raised_.contains(kind)) {
    Raised& one = raised_[kind];
    if (++one.times == 1) {
      PyErr_Restore(Py_XNewRef(type), Py_XNewRef(value), Py_XNewRef(traceback));
      one.first = take_exception_text();
    }
  }
  PyErr_Restore(Py_XNewRef(type), Py_XNewRef(value), Py_XNewRef(traceback));
}

void Acceptance::note_call(const Consumed& consumed, engine::Ledger* ledger) {
  if (!is_counted_) return;
  is_counted_ = false;
  const bool was_granted =
      std::any_of(consumed.requests.begin(), consumed.requests.end(), [](const auto& one) { return one.granted; });
  if (ledger != nullptr) ledger->add_memory(needed_, !consumed.raised && was_granted);
}

}  // namespace bufspec::cpython
