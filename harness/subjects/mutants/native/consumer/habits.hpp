// Habits of mutant consumers: what they do otherwise, and in which calls.  Plain data that came as {do: NAME, ...}.
// The tables of names are in consumer_mutant_habits.cpp; a new habit or condition is one row and one function there.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bufspec/errors.hpp"
#include "machine.hpp"
#include "suites/support/row_reader.hpp"

namespace bufspec::cpython {

struct CallHabit;

// Something that is so of a call, or not: of its view, its exporter, its number.
using IsSo = bool (*)(const CallHabit& habit, const Call& call);

struct CallHabit {
  void (*act)(const CallHabit& habit, Call& call) = nullptr;
  CallMoment moment = CallMoment::granted;
  std::vector<std::pair<IsSo, bool>> when;  // all of them
  std::vector<std::string> formats;         // of the conditions on formats
  std::vector<std::int64_t> calls;
  Py_ssize_t least = 0;  // of conditions that count
  // What the rows of the table read; each of them what it needs.
  Error error = Error::buffer_error;
  std::string word;
  Py_ssize_t number = 0;
  unsigned bits = 0;
  int added = 0;
  int dropped = 0;

  [[nodiscard]] bool holds_for(const Call& call) const;
};

// The habits that `list` describes.  What is wrong with it goes to `problems`; what is so of every call is written into
// the plan of `machine`.
[[nodiscard]] std::vector<CallHabit> call_habits_from(const TableValue& list, ConsumerMachine& machine,
                                                      std::vector<TableProblem>& problems);

}  // namespace bufspec::cpython
