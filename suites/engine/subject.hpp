// The seam between what is tried and who is tried: the engine drives a Subject through the steps of a
// scenario and gets a trace.  An exporter is asked, a consumer asks us, a function is called: all
// three are subjects, and an adapter is a class behind this interface.  Judging is not done here.
#pragma once

#include <cstdint>
#include <span>

#include "bufspec/scenario.hpp"
#include "bufspec/trace.hpp"
#include "ledger.hpp"

namespace bufspec::engine {

// What repeating a scenario that was judged clean before came to.
enum class Repeat : std::uint8_t {
  unsupported,  // nothing was done: perform the steps
  accepted,     // every answer was exactly the memorised one: it needs no judging
  differs,      // the steps were done and the trace is filled: judge it
};

// A scenario whose answers were judged clean and memorised: its number, and the counter of the outcome it was
// judged to have.
struct Known {
  std::uint32_t memory = 0;
  const Scenario* scenario = nullptr;
  std::uint64_t* counter = nullptr;
};

// How far a run of known scenarios came: so many were accepted, and if that is not all, what the next came to.
struct Repeated {
  std::size_t accepted = 0;
  Repeat next = Repeat::accepted;
};

class Subject {
 public:
  Subject() = default;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  virtual ~Subject() = default;

  // What this subject's adapter can see: observation::* bits.
  [[nodiscard]] virtual unsigned observes() const noexcept = 0;

  // Where the subject may note what it is doing; it outlives the run.  Called once, before the first begin().
  virtual void attach(Ledger& ledger) { (void)ledger; }

  // Whether no scenario can be run any more: nothing makes objects.  Then the present one came to nothing, too.
  [[nodiscard]] virtual bool is_lost() const noexcept { return false; }

  // The next scenario is to get an object that none was tried on before, where the subject makes such.
  virtual void renew() {}

  // Brings the subject to the start of `scenario` and fills in what the trace says of the whole: what is observed,
  // the runtime, the richest answer.  False if the subject cannot run this scenario (it is then skipped).
  [[nodiscard]] virtual bool begin(const Scenario& scenario, Trace& trace) = 0;

  // Does step number `step` and appends its record to trace.steps.
  virtual void perform(const Scenario& scenario, std::size_t step, Trace& trace) = 0;

  // Gives back whatever the steps have left held.  Called once after each begin() that returned true.
  virtual void end() = 0;

  // Keeps the answers of the last run of `scenario`, which was judged clean, as number `memory`.  Returns whether
  // repeat() can use it.  Called after end().
  virtual bool memorise(const Scenario& scenario, std::size_t memory) {
    (void)scenario;
    (void)memory;
    return false;
  }

  // Does all of `scenario` again, comparing each answer in place with number `memory`.
  virtual Repeat repeat(const Scenario& scenario, std::size_t memory, Trace& trace) {
    (void)scenario;
    (void)memory;
    (void)trace;
    return Repeat::unsupported;
  }

  // Repeats one after another, leaving the breadcrumb before each and counting each that is accepted, up to the first
  // that is not.
  virtual Repeated repeat_run(std::span<const Known> known, Breadcrumb& place, Trace& trace) {
    Repeated done;
    for (const Known& one : known) {
      place.leave(one.memory, 0);
      done.next = repeat(*one.scenario, one.memory, trace);
      if (done.next != Repeat::accepted) return done;
      ++*one.counter;
      ++done.accepted;
    }
    return done;
  }
};

}  // namespace bufspec::engine
