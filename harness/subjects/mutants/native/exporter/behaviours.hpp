// Behaviours: what a mutant does otherwise than the reference, and when.  Plain data that came as {do: NAME, ...}.
// The table of names is in behaviours.cpp; a new behaviour is one row and one function there.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "machine.hpp"
#include "suites/support/row_reader.hpp"

namespace bufspec::mutants::exporters {

// The calls that a behaviour is for; without a condition it is for all of its moment.
struct When {
  std::vector<int> asks;      // flags that are asked for, all bits of each
  std::vector<int> lacks;     // flags that are not
  std::vector<int> words;     // exactly one of these words
  int bits = 0;               // any of these bits
  std::vector<ssize> calls;   // requests by number, from 1 on
  long from_call = 0;
  long every = 0;             // each request whose number is a multiple of this
  long held = 0;              // at least so many views are held, this call's included
  long held_at_most = 0;
  long after_operations = 0;  // at least so many operations have changed the object

  [[nodiscard]] bool holds(const Occasion& now) const noexcept;
};

// What a pointer field is set to.
enum class PointerTo : std::uint8_t { null, values, dangling, untouched, unterminated };

struct PointerEdit {
  PointerTo to = PointerTo::null;
  Storage values;  // of `values` and `unterminated`
};

enum class OwnerEdit : std::uint8_t { null, other, self_unowned, garbage, untouched };

// What is written into the struct once it was filled; absent fields are left alone.
struct Edits {
  std::optional<PointerEdit> buf;
  std::optional<ssize> buf_by;
  std::optional<OwnerEdit> obj;
  std::optional<ssize> len, len_by, itemsize, itemsize_by, readonly, ndim, ndim_by;
  std::array<std::optional<PointerEdit>, 4> pointers;  // by Shared: format, shape, strides, suboffsets
  std::optional<PointerEdit> internal;
  bool earlier = false;  // in the struct of the view acquired before this one
};

struct Behaviour {
  void (*act)(const Behaviour&, Occasion&) = nullptr;
  Moment moment = Moment::granted;
  When when;
  // What the rows of the table read; each of them what it needs.
  Error error = Error::buffer_error;
  std::string word;   // a name among several: how, what, policy
  ssize number = 0;
  int added = 0;      // bits
  int dropped = 0;
  Shared what = Shared::memory;
  Edits edits;
  unsigned fields = 0;  // field_bit::*
  std::shared_ptr<cpython::Ref> object;
};

// The behaviours that `list` describes.  What is wrong with it goes to `problems`; behaviours that act when an object is
// made have acted on `machine`.
[[nodiscard]] std::vector<Behaviour> behaviours_from(const TableValue& list, Machine& machine,
                                                     std::vector<TableProblem>& problems);

}  // namespace bufspec::mutants::exporters
