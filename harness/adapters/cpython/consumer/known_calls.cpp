// The fast way for calls that were judged clean before: the same memory is handed over again, and whatever the consumer
// did is compared in place with what it did then.  And the loops that the benchmark compares.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <memory>

#include "harness/adapters/cpython/binding/consumer_arguments.hpp"
#include "harness/adapters/cpython/binding/loaded_tables.hpp"
#include "harness/adapters/cpython/binding/runs.hpp"
#include "subject.hpp"
#include "suites/engine/memory/guarded_memory.hpp"
#include "suites/engine/run.hpp"

namespace bufspec::cpython {

namespace {

bool is_one_call(const Scenario& scenario) noexcept {
  return scenario.steps.size() == 2 && scenario.steps[0].kind == StepKind::consume &&
         scenario.steps[1].kind == StepKind::release && scenario.steps[0].slot == scenario.steps[1].slot &&
         (scenario.behaviours & behaviour::other_thread) == 0;
}

}  // namespace

bool ConsumerSubject::memorise(const Scenario& scenario, std::size_t memory) {
  const Returns returns = comparison_.returns();
  const bool shows_bytes = returns == Returns::bytes || returns == Returns::same_as_bytes;
  if (!is_one_call(scenario) || !shows_bytes || declared_.kind != ConsumerKind::reads) return false;
  Trace trace;
  if (!begin(scenario, trace)) return false;
  Memory kept;
  kept.plan = plan_;
  kept.exporter = exporter_;
  kept.object = Ref::borrowed(object_.get());
  PyErr_Clear();
  const Ref result(PyObject_CallFunctionObjArgs(declared_.callable.get(), object_.get(), nullptr));
  kept.raised = !result;
  kept.exception = PyErr_Occurred();
  PyErr_Clear();
  for (const Consumed::Request& one : exporter_->requests()) kept.requests.emplace_back(one.flags, one.granted);
  object_.reset();
  exporter_.reset();
  if (!is_as_memorised(kept, result.get()) || !kept.exporter->restart()) return false;
  if (memories_.size() <= memory) memories_.resize(memory + 1);
  memories_[memory] = std::move(kept);
  return true;
}

bool ConsumerSubject::is_as_memorised(const Memory& kept, PyObject* result) {
  if ((result == nullptr) != kept.raised) return false;
  if (result != nullptr) {
    const std::string& elements = kept.plan->elements();
    if (PyBytes_CheckExact(result) == 0 || static_cast<std::size_t>(PyBytes_Size(result)) != elements.size() ||
        std::memcmp(PyBytes_AsString(result), elements.data(), elements.size()) != 0)
      return false;
  }
  std::size_t asked = 0;
  for (const auto& one : kept.exporter->log().all()) {
    if (!one->is_watched) continue;
    if (asked == kept.requests.size() || one->request.flags != kept.requests[asked].first ||
        one->request.granted != kept.requests[asked].second || !came_to_a_good_end(*one))
      return false;
    ++asked;
  }
  if (asked != kept.requests.size() || kept.exporter->references_kept(true).value_or(0) != 0) return false;
  const engine::MemoryChange change = kept.exporter->change();
  return !change.elements && !change.gaps;
}

engine::Repeat ConsumerSubject::repeat(const Scenario& scenario, std::size_t memory, Trace& trace) {
  if (memories_.size() <= memory || memories_[memory].exporter == nullptr) return engine::Repeat::unsupported;
  Memory& kept = memories_[memory];
  Ref result(PyObject_CallFunctionObjArgs(declared_.callable.get(), kept.object.get(), nullptr));
  const bool same_exception = PyErr_Occurred() == kept.exception;
  if (same_exception && kept.exception != nullptr) PyErr_Clear();
  if (same_exception && is_as_memorised(kept, result.get()) && kept.exporter->restart())
    return engine::Repeat::accepted;
  // It is told as the first time; the memory is not used again.
  plan_ = kept.plan;
  comparison_.prepare(*plan_, (scenario.behaviours & behaviour::poisoned) != 0);
  exporter_ = std::move(kept.exporter);
  object_ = std::move(kept.object);
  kept = {};
  trace = Trace{};
  fill_in(trace);
  Call made;
  made.raised = !result;
  made.result = std::move(result);
  Raised raised = take_exception();
  made.error = raised.error;
  made.exception_name = std::move(raised.name);
  results_[scenario.steps[0].slot].reset();
  Consumed& first = trace.steps.emplace_back().consumed.emplace();
  note(made, first);
  results_[scenario.steps[0].slot] = std::move(made.result);
  look(first);
  perform(scenario, 1, trace);
  end();
  return engine::Repeat::differs;
}

namespace {

double nanoseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
}

// The callable on plain bytes of the same sizes, as a program calls it.
double time_plain(PyObject* callable, const std::vector<Ref>& plain, std::uint64_t rounds) {
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (const Ref& one : plain) {
      const Ref result(PyObject_CallFunctionObjArgs(callable, one.get(), nullptr));
      if (!result) PyErr_Clear();
    }
  }
  return nanoseconds_since(start);
}

// The pages of a view that is withdrawn: made inaccessible, and accessible again.
double time_system_calls(std::uint64_t pairs) {
  constexpr std::size_t bytes = 64;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t pair = 0; pair < pairs; ++pair) {
    engine::GuardedBlock block(bytes, engine::Placement::ends_at_page);
    block.withdraw();
  }
  return nanoseconds_since(start);
}

}  // namespace

PyObject* bench_consumer(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"callable", "rounds", "withdrawn", nullptr};
  PyObject* callable = nullptr;
  Py_ssize_t rounds = 0;
  int withdrawn = 0;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "On|$p:bench_consumer", const_cast<char**>(names), &callable,
                                  &rounds, &withdrawn) == 0 ||
      !require_tables())
    return nullptr;
  ConsumerDeclaration declared;
  if (!consumer_from(callable, {}, declared)) return nullptr;
  if (rounds < 1) {
    PyErr_SetString(PyExc_ValueError, "rounds must be at least 1");
    return nullptr;
  }
  std::vector<engine::Case> cases;
  std::vector<Ref> plain;
  for (const LayoutRow& row : tables().layouts) {
    Scenario scenario;
    scenario.target = Target::consumer;
    scenario.layout = row.layout;
    if (withdrawn != 0) scenario.behaviours = behaviour::ends_at_page | behaviour::fresh_block | behaviour::withdrawn;
    scenario.steps = {{StepKind::consume, 0, 0}, {StepKind::release, 0, 0}};
    const auto plan = engine::PlannedMemory::of(row.layout);
    if (plan == nullptr) continue;
    cases.push_back({row.name, std::move(scenario)});
    plain.emplace_back(
        PyBytes_FromStringAndSize(plan->elements().data(), static_cast<Py_ssize_t>(plan->elements().size())));
    if (!plain.back()) return nullptr;
  }
  auto memory = std::make_unique<engine::LedgerData>();
  engine::Ledger ledger(memory.get(), true);
  ConsumerSubject subject(std::move(declared));
  engine::Repeater repeater(subject, cases, ledger);
  repeater.run(2);  // warm, and memorised
  constexpr std::uint64_t turns = 20;
  const std::uint64_t rounds_a_turn = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rounds) / turns);
  double judged = std::numeric_limits<double>::max();
  double alone = judged;
  double system = judged;
  std::uint64_t calls = 0;
  std::uint64_t fast = 0;
  for (std::uint64_t turn = 0; turn < turns; ++turn) {
    alone = std::min(alone, time_plain(callable, plain, rounds_a_turn));
    const std::uint64_t before = engine::protection_calls();
    const auto start = std::chrono::steady_clock::now();
    fast += repeater.run(rounds_a_turn);
    judged = std::min(judged, nanoseconds_since(start));
    calls += engine::protection_calls() - before;
    // A pair of them for each view that was withdrawn.
    if (withdrawn != 0) system = std::min(system, time_system_calls((engine::protection_calls() - before) / 2));
  }
  if (PyErr_Occurred() != nullptr) return nullptr;
  const double made = static_cast<double>(rounds_a_turn) * static_cast<double>(cases.size());
  return Py_BuildValue("{s:d,s:d,s:d,s:d,s:n,s:K}", "plain_ns", alone / made, "judged_ns", judged / made, "system_ns",
                       withdrawn != 0 ? system / made : 0.0, "system_calls",
                       static_cast<double>(calls) / (made * static_cast<double>(turns)), "layouts",
                       static_cast<Py_ssize_t>(cases.size()), "fast", static_cast<unsigned long long>(fast));
}

}  // namespace bufspec::cpython
