// The run loop: takes cases one after another, drives the subject, judges, counts.
// It knows no test framework and no Python; failures leave through a function, totals through the ledger.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "bufspec/judge.hpp"
#include "case_list.hpp"
#include "ledger.hpp"
#include "subject.hpp"

namespace bufspec::engine {

// Cases from number `first` up to, but not with, number `end`.
struct CaseRange {
  std::size_t first = 0;
  std::size_t end = 0;
};

struct RunOptions {
  RuleSet rules = RuleSet{}.set();  // judged and reported; the others are passed over
  std::size_t first_case = 0;       // cases before it are not run: a worker restarts behind a death
  bool stop_on_failure = false;
  std::vector<CaseRange> ranges = {{0, std::numeric_limits<std::size_t>::max()}};  // only these, in this order
};

// A broken rule, as it happens.  The references are valid during the call only.
struct Failure {
  const Case& failed_case;
  std::size_t case_index;
  const Violation& violation;
  const Trace& trace;
};

// Runs `cases` against `subject`, each made when its turn comes.  `on_failure` is called for each violation of a rule in
// options.rules, at once; it returns false to end the run; a subject that is lost ends it too, and so does a ledger that was
// overwritten.
void run(Subject& subject, const CaseList& cases, Ledger& ledger, const RunOptions& options,
         const std::function<bool(const Failure&)>& on_failure);

// Empties `trace`, and keeps the room of its steps for the next ones.
void empty(Trace& trace);

// Drives the steps, leaving the breadcrumb before each, and calls `after`, where there is one, with the number of each that is
// done.  False if the subject cannot run the scenario.
[[nodiscard]] bool drive(Subject& subject, const Scenario& scenario, std::uint32_t case_index, Ledger* ledger,
                         Trace& trace, const std::function<void(std::size_t)>& after = {});

// Runs one scenario and gives its trace: what replay shows.  An empty trace if the subject cannot run it.
[[nodiscard]] Trace trace_of(Subject& subject, const Scenario& scenario, Ledger* ledger = nullptr);

// Runs cases over and over with memorised answers: what a judged request costs once it is known.
// The subject, the cases and the ledger outlive it.
class Repeater {
 public:
  Repeater(Subject& subject, std::span<const Case> cases, Ledger& ledger);

  // Runs every case `rounds` times; returns how many took the fast way.  A case is judged in full the first time, and
  // whenever its answer is not the memorised one.
  std::uint64_t run(std::uint64_t rounds);

 private:
  void judge_in_full(std::size_t index, Repeat came_to);

  Subject& subject_;
  Ledger& ledger_;
  std::vector<Known> known_;  // in the order of the cases; one without a counter is not known yet
  std::size_t unknown_;
  Trace trace_;
};

}  // namespace bufspec::engine
