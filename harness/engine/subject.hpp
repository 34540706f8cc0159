// The seam between what is tried and who is tried: the engine drives a Subject through the steps of a
// scenario and gets a trace.  An exporter is asked, a consumer asks us, a function is called: all
// three are subjects, and an adapter is a class behind this interface.  Judging is not done here.
#pragma once

#include <cstdint>

#include "bufspec/scenario.hpp"
#include "bufspec/trace.hpp"

namespace bufspec::engine {

// What repeating a scenario that was judged clean before came to.
enum class Repeat : std::uint8_t {
  unsupported,  // nothing was done: perform the steps
  accepted,     // every answer was exactly the memorised one: it needs no judging
  differs,      // the steps were done and the trace is filled: judge it
};

class Subject {
 public:
  Subject() = default;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  virtual ~Subject() = default;

  // What this subject's adapter can see: observation::* bits.
  [[nodiscard]] virtual unsigned observes() const noexcept = 0;

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
};

}  // namespace bufspec::engine
