// Steps that do one thing many times: what stays behind of a request, and what several threads do to each other.
#include <system_error>
#include <thread>

#include "subject.hpp"
#include "suites/engine/forked_child.hpp"
#include "suites/engine/observe/process_bytes.hpp"

namespace bufspec::cpython {

namespace {

constexpr std::uint64_t warm_up_pairs = 1000;       // caches fill: not measured
constexpr std::uint64_t pairs_a_beat = 1024;
constexpr std::int64_t suspicious_bytes_a_pair = 8;
constexpr int rounds_with_the_lock = 4;

// What one thread came to.
struct Share {
  std::uint64_t granted = 0;
  std::uint64_t refused = 0;
  bool elements_same = true;
};

}  // namespace

// Asks and gives back.  Requires: a view of such a request can be given back.
void ExporterSubject::ask_often(int flags, std::uint64_t pairs, bufspec::Repeated& repeated) {
  HeldView held;
  PyObject* asked = asked_;
  for (std::uint64_t pair = 0; pair < pairs; ++pair) {
    held.poison_struct();
    if (PyObject_GetBuffer(asked, &held.struct_(), flags) == 0) {
      ++repeated.granted;
      PyBuffer_Release(&held.struct_());
    } else {
      ++repeated.refused;
      PyErr_Clear();
    }
    if (pair % pairs_a_beat != 0) continue;
    engine::end_if_forked();
    if (ledger_ != nullptr) ledger_->beat();
  }
}

void ExporterSubject::repeat_request(const Step& what, StepRecord& record) {
  if (!object_ || is_changed_ || what.count < 1) return;
  {
    Slot once;
    Answer answer;
    acquire(what.flags, once, answer);
    if (answer.granted && !once.is_held) return;  // it could not be given back
    StepRecord ignored;
    release(once, ignored);
  }
  bufspec::Repeated& repeated = record.repeated.emplace();
  const auto pairs = static_cast<std::uint64_t>(what.count);
  const std::uint64_t half = pairs / 2;
  bufspec::Repeated warm_up;
  ask_often(what.flags, std::min(warm_up_pairs, pairs), warm_up);

  const auto before = references_of(asked_);
  engine::ProcessBytes start = engine::process_bytes();
  ask_often(what.flags, half, repeated);
  engine::ProcessBytes middle = engine::process_bytes();
  ask_often(what.flags, pairs - half, repeated);
  engine::ProcessBytes end = engine::process_bytes();
  const auto after = references_of(asked_);
  if (before && after) repeated.references_kept = *after - *before;
  if (!engine::can_measure_process()) return;

  const auto suspicious = static_cast<std::int64_t>(half) * suspicious_bytes_a_pair;
  if (half > 0 && engine::growth(start, middle) >= suspicious && engine::growth(middle, end) >= suspicious) {
    // What only waits for the collector is no leak: once more, with the garbage collected wherever it is measured.
    bufspec::Repeated again;
    PyGC_Collect();
    start = engine::process_bytes();
    ask_often(what.flags, half, again);
    PyGC_Collect();
    middle = engine::process_bytes();
    ask_often(what.flags, pairs - half, again);
    PyGC_Collect();
    end = engine::process_bytes();
    PyErr_Clear();
  }
  repeated.first_half_bytes = engine::growth(start, middle);
  repeated.second_half_bytes = engine::growth(middle, end);
}

void ExporterSubject::ask_in_threads(const Step& what, std::size_t step, StepRecord& record) {
  if (!object_ || is_changed_) return;
  PyErr_Clear();
  Slot once;  // what one view shows alone, the others have to show beside each other
  {
    Answer answer;
    StepRecord ignored;
    acquire(what.flags, once, answer);
    if (answer.granted && !once.is_held) return;  // it could not be given back
    release(once, ignored);
  }
  bufspec::Repeated& repeated = record.repeated.emplace();
  const auto before = references_of(asked_);
  const bool compares = !declared_.is_volatile && once.was_granted && once.seen.complete && once.seen.readable == true;
  std::array<Share, thread_count> shares;

  const auto ask = [&](std::size_t number) {
    Share& share = shares[number];
    const PyGILState_STATE state = PyGILState_Ensure();
    HeldView held;
    engine::SeenMemory seen;
    for (int round = 0; round < what.count; ++round) {
      held.poison();
      Py_buffer& view = held.struct_();
      if (PyObject_GetBuffer(asked_, &view, what.flags) != 0) {
        PyErr_Clear();
        ++share.refused;
      } else {
        ++share.granted;
        View copy;
        copy_view(view, asked_, nullptr, true, copy);
        const auto look = [&] {
          if (!compares) return;
          engine::look_at_memory(copy, view.buf, seen);
          share.elements_same = share.elements_same && seen.complete && seen.elements == once.seen.elements;
        };
        look();
        if (round % rounds_with_the_lock == 0) {
          // While the view is held the others have their turn.
          PyThreadState* saved = PyEval_SaveThread();
          std::this_thread::yield();
          PyEval_RestoreThread(saved);
          look();
        }
        if (copy.obj != Owner::untouched && copy.obj != Owner::garbage) PyBuffer_Release(&view);
        PyErr_Clear();
      }
      if (ledger_ != nullptr && round % rounds_with_the_lock == 0) ledger_->beat();
    }
    PyGILState_Release(state);
  };

  if (ledger_ != nullptr)
    for (std::size_t number = 0; number < shares.size(); ++number)
      ledger_->step(ledger_->breadcrumb().case_index(), static_cast<std::uint32_t>(step), number + 1);
  PyThreadState* saved = PyEval_SaveThread();
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < shares.size(); ++number) {
    try {
      threads.emplace_back(ask, number);
    } catch (const std::system_error&) {
      break;  // a limit of the system: fewer threads then
    }
  }
  for (std::thread& thread : threads) thread.join();
  PyEval_RestoreThread(saved);

  for (const Share& share : shares) {
    repeated.granted += share.granted;
    repeated.refused += share.refused;
    repeated.elements_same = repeated.elements_same && share.elements_same;
  }
  const auto after = references_of(asked_);
  if (before && after) repeated.references_kept = *after - *before;
}

}  // namespace bufspec::cpython
