#include "collector.hpp"

#include <chrono>

namespace bufspec::cpython {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto slow_collection = std::chrono::milliseconds(4);
constexpr int most_freezes = 64;  // a case that leaks needs one: there are some ten of them

int frozen_objects = 0;

void call_collector(const char* function) {
  const Ref collector(PyImport_ImportModule("gc"));
  const Ref result(collector ? PyObject_CallMethod(collector.get(), function, nullptr) : nullptr);
  PyErr_Clear();  // an interpreter without this is slower, nothing else
}

}  // namespace

FrozenObjects::FrozenObjects() {
  PyErr_Clear();
  call_collector("freeze");
  ++frozen_objects;
}

FrozenObjects::~FrozenObjects() {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);  // what the run ended with is still to be said
  call_collector("unfreeze");
  PyErr_Restore(type, value, traceback);
  --frozen_objects;
}

bool FrozenObjects::are_there() noexcept { return frozen_objects > 0; }

void Collector::collect() {
  const auto start = Clock::now();
  PyGC_Collect();
  is_slow_ = Clock::now() - start > slow_collection;
}

void Collector::freeze_if_slow() {
  if (!is_slow_ || frozen_ == most_freezes || !FrozenObjects::are_there()) return;
  is_slow_ = false;
  ++frozen_;
  PyGC_Collect();
  call_collector("freeze");
}

}  // namespace bufspec::cpython
