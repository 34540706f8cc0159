#include "subject.hpp"
#include "harness/adapters/cpython/api/guarded.hpp"
#include "harness/adapters/cpython/api/interpreter_lock.hpp"
#include "suites/engine/seconds_spent.hpp"
#include "suites/engine/threads.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace bufspec::cpython {

namespace {

constexpr int calls_a_beat = 256;
// Calls may take long, as those do that read large memory: then they are repeated for so long, but this often at least.
constexpr double seconds_of_repeating = 0.25;
constexpr double seconds_of_waiting = 2;
constexpr int fewest_calls = 32;
constexpr int fewest_rounds = 4;

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// What the interpreter says of a function whose result and exception do not fit together.
bool is_complaint_of_interpreter(const std::string& text) {
  return ends_with(text, "returned NULL without setting an exception") ||
         ends_with(text, "returned a result with an exception set") ||
         ends_with(text, "error return without exception set");  // by a call that it has specialised
}

// Whether calls were repeated for long enough: by the time that this thread works, since a machine may be busy, or by the clock
// where a call does nothing but wait.
bool is_enough(const engine::TimeTaken& taken) noexcept {
  return taken.of_processor() > seconds_of_repeating || taken.by_clock() > seconds_of_waiting;
}

// Whether whoever waits for calls that are counted may take them for one that hangs.
bool is_slow(const engine::TimeTaken& taken) noexcept { return taken.by_clock() > seconds_of_repeating; }

// Our exporter is not watched while this lives.
class LookAside {
 public:
  explicit LookAside(Instrumented& exporter) noexcept : exporter_(exporter) { exporter_.watch(false); }
  ~LookAside() { exporter_.watch(true); }
  LookAside(const LookAside&) = delete;
  LookAside& operator=(const LookAside&) = delete;

 private:
  Instrumented& exporter_;
};

// Runs `work` in `count` threads of their own, which hold the interpreter's lock where there is one; waits for them.
// As many as the system allows.
template <typename Work>
int in_threads(int count, Work&& work) {
  const LockReleased others;
  engine::Threads threads(count);
  while (threads.count() < count) {
    const int number = threads.count();
    const bool is_started = threads.start([&work, number] {
      const LockHeld lock;
      work(number);
    });
    if (!is_started) break;
  }
  threads.join();
  return threads.count();
}

bool uses_threads(const Scenario& scenario) noexcept {
  return (scenario.behaviours & behaviour::other_thread) != 0 ||
         std::any_of(scenario.steps.begin(), scenario.steps.end(),
                     [](const Step& step) { return step.kind == StepKind::threads; });
}

}  // namespace

ConsumerSubject::ConsumerSubject(ConsumerDeclaration declared)
    : declared_(std::move(declared)), comparison_(declared_) {}

ConsumerSubject::~ConsumerSubject() { end(); }

unsigned ConsumerSubject::observes() const noexcept {
  return observation::structure | observation::exception | observation::memory | observation::requests |
         observation::result | (counts_references() ? observation::references : 0U);
}

bool ConsumerSubject::begin(const Scenario& scenario, Trace& trace) {
  if (!can_run(scenario)) return false;
  PyErr_Clear();
  warm_up();
  collector_.freeze_if_slow();  // what is there between two cases is not our doing, and lives on
  plan_ = engine::PlannedMemory::of(*scenario.layout, bytes_of_elements(scenario.behaviours, scenario.layout->format));
  if (plan_ == nullptr) return false;
  // Before there is anything to watch: what a consumer keeps of its last call goes now.
  comparison_.prepare(*plan_, (scenario.behaviours & behaviour::poisoned) != 0);
  acceptance_.begin(scenario, declared_.kind);
  InstrumentedHabits habits{scenario.behaviours, scenario.refused_requests, {}};
  if ((scenario.behaviours & behaviour::reenters_consumer) != 0)
    habits.consumer = Ref::borrowed(declared_.callable.get());
  exporter_ = Instrumented::make(plan_, std::move(habits), object_);
  PyErr_Clear();
  fill_in(trace);
  return exporter_ != nullptr;
}

bool ConsumerSubject::can_run(const Scenario& scenario) const noexcept {
  if (scenario.target != Target::consumer || !scenario.layout) return false;
  if (!declared_.is_reentrant && (scenario.behaviours & behaviour::reenters_consumer) != 0) return false;
  return declared_.has_threads || !uses_threads(scenario);
}

void ConsumerSubject::fill_in(Trace& trace) const {
  trace.observes = observes();
  trace.runtime = static_cast<std::uint32_t>(Py_Version);
  trace.consumer = declared_.kind;
  trace.accepts = declared_.accepts;
  trace.has_fallback = declared_.has_fallback;
}

void ConsumerSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  const Step& what = scenario.steps[step];
  Consumed& consumed = trace.steps.emplace_back().consumed.emplace();
  PyErr_Clear();
  switch (what.kind) {
    case StepKind::consume:
      consume(scenario, what.slot, consumed);
      break;
    case StepKind::read:
      read(what.slot, consumed);
      break;
    case StepKind::release:
      results_[what.slot].reset();
      break;
    case StepKind::collect:
      collector_.collect();
      break;
    case StepKind::drop:
      object_.reset();
      break;
    case StepKind::repeat:
      consume_often(scenario, what.count, consumed);
      break;
    case StepKind::threads:
      consume_in_threads(scenario, step, consumed);
      break;
    default:
      break;  // not for consumers: only what was seen so far is recorded
  }
  PyErr_Clear();
  look(consumed);
}

void ConsumerSubject::end() {
  for (Ref& result : results_) result.reset();
  if (exporter_ != nullptr) exporter_->watch(false);
  object_.reset();
  exporter_.reset();
  PyErr_Clear();
}

ConsumerSubject::Call ConsumerSubject::call_here() {
  Call made;
  made.result.reset(PyObject_CallFunctionObjArgs(declared_.callable.get(), object_.get(), nullptr));
  // What comes one by one may be requested, or refused, only then.
  if (made.result && declared_.kind != ConsumerKind::keeps && comparison_.returns() == Returns::elements &&
      PyIter_Check(made.result.get()) != 0)
    made.result.reset(PySequence_List(made.result.get()));
  if (take_failed_request()) throw std::bad_alloc();
  made.disagrees = static_cast<bool>(made.result) == (PyErr_Occurred() != nullptr);
  if (made.result) {
    PyErr_Clear();
    return made;
  }
  made.raised = true;
  made.exception.reset(Py_XNewRef(PyErr_Occurred()));
  made.is_declared_refusal = made.exception && declared_.refuses &&
                             PyErr_GivenExceptionMatches(made.exception.get(), declared_.refuses.get()) != 0;
  acceptance_.note_exception();
  if (PyErr_Occurred() != nullptr && PyErr_ExceptionMatches(PyExc_SystemError) != 0) {
    made.error = Error::system_error;
    made.exception_name = "SystemError";
    made.disagrees = is_complaint_of_interpreter(take_exception_text());
    return made;
  }
  Raised raised = take_exception();
  made.error = raised.error;
  made.exception_name = std::move(raised.name);
  return made;
}

ConsumerSubject::Call ConsumerSubject::call(const Scenario& scenario) {
  if ((scenario.behaviours & behaviour::other_thread) == 0) return call_here();
  Call made;
  if (in_threads(1, [&](int) { made = call_here(); }) == 0) made = call_here();
  return made;
}

// Whether it was told of format and shape, and nothing but the truth, and was refused nothing.
bool ConsumerSubject::was_told_all(const Consumed& consumed) const {
  constexpr int items = flag::FORMAT | flag::ND;
  const auto& requests = consumed.requests;
  return (exporter_->habits().behaviours & behaviour::lies) == 0 &&
         std::all_of(requests.begin(), requests.end(), [](const Consumed::Request& one) { return one.granted; }) &&
         std::any_of(requests.begin(), requests.end(),
                     [](const Consumed::Request& one) { return (one.flags & items) == items; });
}

// What is told of a call; of several the first that went wrong.
void ConsumerSubject::note(const Call& made, Consumed& consumed) {
  consumed.called = true;
  consumed.raised = made.raised;
  consumed.error = made.error;
  consumed.exception_name = made.exception_name;
  consumed.is_declared_refusal = made.is_declared_refusal;
  consumed.returned_none = made.result.get() == Py_None;
  consumed.result_and_exception_disagree = consumed.result_and_exception_disagree || made.disagrees;
  consumed.requests = exporter_->requests();
  const LookAside aside(*exporter_);
  const bool was_granted = std::any_of(consumed.requests.begin(), consumed.requests.end(),
                                       [](const Consumed::Request& one) { return one.granted; });
  if (made.exception && was_granted)
    consumed.is_raised_by_bytes = comparison_.do_bytes_raise(*plan_, made.exception.get());
  // A call may make another result of what an earlier one wrote; and who writes values makes others of bytes.
  const bool fills = declared_.kind == ConsumerKind::fills;
  const bool is_once = calls_on_memory_ == 1 && (exporter_->habits().behaviours & behaviour::reenters_consumer) == 0;
  const bool is_as_of_bytes = !fills || made.raised || !writes_values();
  if (made.result && consumed.result != Compared::wrong && (!fills || (is_once && is_as_of_bytes)))
    comparison_.compare(made.result.get(), *plan_, exporter_->memory(), consumed);
  if (fills && !made.raised && is_as_of_bytes && consumed.filled != Compared::wrong)
    comparison_.compare_filled(exporter_->elements(), exporter_->segment(), *plan_, is_once, consumed);
  if (fills && !made.raised && is_once && consumed.filled == Compared::not_compared && was_told_all(consumed))
    comparison_.compare_filled_items(exporter_->elements(), exporter_->segment(), *plan_, consumed);
  if (consumed.is_in_memory_order) consumed.is_in_memory_order = takes_gaps_rightly();
  // What was written over a released memory is also found elsewhere, by who reads outside of his own.
  if (consumed.misreading == Misreading::released && !takes_rightly(plan_)) consumed.misreading = Misreading::unknown;
}

void ConsumerSubject::renew_memory() {
  if (exporter_->views_held() != 0) return;
  exporter_->renew_memory();
  calls_on_memory_ = 0;
}

void ConsumerSubject::consume(const Scenario& scenario, std::size_t slot, Consumed& consumed) {
  results_[slot].reset();
  if (!object_) return;
  renew_memory();
  ++calls_on_memory_;
  Call made = call(scenario);
  note(made, consumed);
  acceptance_.note_call(consumed, ledger_);
  results_[slot] = std::move(made.result);
}

void ConsumerSubject::read(std::size_t slot, Consumed& consumed) {
  // An iterator that was looked at is at its end.
  if (!results_[slot] || PyIter_Check(results_[slot].get()) != 0) return;
  consumed.requests = exporter_->requests();
  const LookAside aside(*exporter_);
  // A result that shows the memory shows what a later call wrote there.
  if (declared_.kind == ConsumerKind::fills && (calls_on_memory_ != 1 || writes_values())) return;
  comparison_.compare(results_[slot].get(), *plan_, exporter_->memory(), consumed);
}

void ConsumerSubject::consume_often(const Scenario& scenario, int count, Consumed& consumed) {
  const engine::TimeTaken taken;
  for (int number = 0; number < count && object_; ++number) {
    if (number >= fewest_calls && is_enough(taken)) break;
    renew_memory();
    ++calls_on_memory_;
    note(call(scenario), consumed);
    if (number % calls_a_beat != 0 && !is_slow(taken)) continue;
    engine::end_if_forked();
    if (ledger_ != nullptr) ledger_->beat();
  }
}

void ConsumerSubject::consume_in_threads(const Scenario& scenario, std::size_t step, Consumed& consumed) {
  if (!object_) return;
  const int count = scenario.steps[step].count;
  renew_memory();
  calls_on_memory_ += long{count} * thread_count;
  if (ledger_ != nullptr)
    for (int number = 0; number < thread_count; ++number)
      ledger_->step(ledger_->breadcrumb().case_index(), static_cast<std::uint32_t>(step),
                    static_cast<std::size_t>(number) + 1);
  // Results are looked at when the threads are done: what is compared meanwhile would not be watched.
  std::array<Call, thread_count> last;
  const int threads = in_threads(thread_count, [&](int number) {
    const engine::TimeTaken taken;
    for (int round = 0; round < count; ++round) {
      if (round >= fewest_rounds && is_enough(taken)) break;
      last[static_cast<std::size_t>(number)] = call_here();
      if (ledger_ != nullptr && (round % calls_a_beat == 0 || is_slow(taken))) ledger_->beat();
    }
  });
  for (int number = 0; number < threads && count > 0; ++number) {
    Call& made = last[static_cast<std::size_t>(number)];
    note(made, consumed);
    made.result.reset();
  }
}

void ConsumerSubject::look(Consumed& consumed) const {
  consumed.requests = exporter_->requests();
  consumed.stray_releases = exporter_->stray_releases();
  for (const Ref& result : results_) consumed.results_held += result ? 1 : 0;
  const engine::MemoryChange change = exporter_->change();
  consumed.elements_changed = change.elements;
  consumed.gaps_changed = change.gaps;
  if (consumed.results_held == 0) consumed.references_kept = exporter_->references_kept(static_cast<bool>(object_));
}

}  // namespace bufspec::cpython
