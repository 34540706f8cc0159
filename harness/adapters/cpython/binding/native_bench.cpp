// What does a judged request cost on a subject of a shared library, compared with the same request through its functions alone?
#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <vector>

#include "harness/adapters/native/library.hpp"
#include "harness/adapters/native/subjects.hpp"
#include "loaded_tables.hpp"
#include "runs.hpp"
#include "suites/conformance/cases.hpp"
#include "suites/engine/run.hpp"

namespace bufspec::cpython {

namespace {

double nanoseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
}

// The requests as a program makes them, with nothing looked at but the status.
double time_raw(const bufspec_exporter& calls, void* object, const std::vector<int>& words, std::uint64_t rounds) {
  bufspec_buffer view;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t round = 0; round < rounds; ++round)
    for (const int word : words)
      if (calls.get_buffer(object, &view, word) == 0)
        calls.release(&view);
      else if (calls.exception != nullptr)
        static_cast<void>(calls.exception());
  return nanoseconds_since(start);
}

}  // namespace

PyObject* bench_native(PyObject*, PyObject* arguments) {
  const char* path = nullptr;
  const char* name = nullptr;
  Py_ssize_t rounds = 0;
  if (PyArg_ParseTuple(arguments, "ssn:bench_native", &path, &name, &rounds) == 0 || !require_tables()) return nullptr;
  const native::Described* const described = native::load(path).find(name);
  if (described == nullptr || described->target != Target::exporter || rounds < 1) {
    PyErr_Format(PyExc_ValueError, "%s has no exporter %s, or rounds is below 1", path, name);
    return nullptr;
  }
  const auto cases = suites::canonical_request_cases(tables(), Edition::current);
  const auto words = tables().canonical_words();
  const auto memory = std::make_unique<engine::LedgerData>();
  engine::Ledger ledger(memory.get(), true);
  const auto subject = native::subject_of(*described);
  void* const object = described->exporter.make();
  if (object == nullptr) return PyErr_NoMemory();
  engine::Repeater repeater(*subject, cases, ledger);
  repeater.run(2);  // warm, and memorised
  // Both in turn, many times, and the best of each: what else the machine does then slows neither in particular.
  constexpr std::uint64_t turns = 20;
  const std::uint64_t rounds_a_turn = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rounds) / turns);
  std::uint64_t fast = 0;
  double judged = std::numeric_limits<double>::max();
  double raw = std::numeric_limits<double>::max();
  for (std::uint64_t turn = 0; turn < turns; ++turn) {
    raw = std::min(raw, time_raw(described->exporter, object, words, rounds_a_turn));
    const auto start = std::chrono::steady_clock::now();
    fast += repeater.run(rounds_a_turn);
    judged = std::min(judged, nanoseconds_since(start));
  }
  described->exporter.drop(object);
  const double requests = static_cast<double>(rounds_a_turn) * static_cast<double>(cases.size());
  return Py_BuildValue("{s:d,s:d,s:n,s:K}", "raw_ns", raw / requests, "judged_ns", judged / requests, "words",
                       static_cast<Py_ssize_t>(cases.size()), "fast", static_cast<unsigned long long>(fast));
}

}  // namespace bufspec::cpython
