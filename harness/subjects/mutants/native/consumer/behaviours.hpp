// Behaviours of mutant consumers: what they do otherwise, and in which calls.  Plain data that came as {do: NAME, ...}.
// The tables of names are in behaviours.cpp; a new behaviour or condition is one row and one function there.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bufspec/errors.hpp"
#include "machine.hpp"
#include "suites/support/row_reader.hpp"

namespace bufspec::mutants::consumers {

struct Behaviour;

// Something that is so of a call, or not: of its view, its exporter, its number.
using IsSo = bool (*)(const Behaviour& behaviour, const Call& call);

struct Behaviour {
  void (*act)(const Behaviour& behaviour, Call& call) = nullptr;
  Moment moment = Moment::granted;
  std::vector<std::pair<IsSo, bool>> when;  // all of them
  std::vector<std::string> formats;  // of the conditions on formats
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

// The behaviours that `list` describes.  What is wrong with it goes to `problems`; what is so of every call is written into
// the plan of `machine`.
[[nodiscard]] std::vector<Behaviour> behaviours_from(const TableValue& list, Machine& machine,
                                                     std::vector<TableProblem>& problems);

}  // namespace bufspec::mutants::consumers
