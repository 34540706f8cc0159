// Traces of the reference in which one thing is broken by hand, one or more for each rule: what the judge has to see.
// Data and the means to make it; what is expected of the judge is in the tests.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bufspec/judge.hpp"
#include "suites/engine/reference/trace.hpp"

namespace bufspec::engine {

// What a judge is shown.
struct Shown {
  Scenario scenario;
  Trace trace;
};

// The trace of the reference subject for the scenario's target.  `own` is the layout of a ready-made object.
[[nodiscard]] Shown shown_by_reference(const Scenario& scenario, const std::optional<Layout>& own = std::nullopt,
                                       std::uint32_t runtime = 0xffffffff);

struct Break {
  Rule rule;
  std::string name;
  Layout layout;
  Scenario scenario;  // with the layout declared
  std::function<void(Trace&)> apply;  // breaks one thing
  std::vector<Rule> companions;  // rules that cannot but break with it
  bool declared_only = false;  // a ready-made object may do this
};

[[nodiscard]] const std::vector<Break>& judge_breaks();

// Those of views that are held, operations and repeats; part of judge_breaks().
[[nodiscard]] std::vector<Break> held_breaks();

// Those of consumers; part of judge_breaks().
[[nodiscard]] std::vector<Break> consumer_breaks();

// A consumer is called with our exporter of `layout`, its result looked at again and given up, and garbage collected.
[[nodiscard]] Scenario consuming(const Layout& layout, std::uint32_t behaviours = 0);

// The same trace as consumers leave it that ask for other words, are refused, or fill the memory.
[[nodiscard]] std::vector<Trace> traces_of_other_habits(const Trace& reader);

// Memories to break answers of.
[[nodiscard]] Layout matrix();  // int (2, 3) in C order
[[nodiscard]] Layout fortran_matrix();  // the same in Fortran order
[[nodiscard]] Layout readonly_matrix();
[[nodiscard]] Layout strided_line();  // int (3,), every second item
[[nodiscard]] Layout scalar();  // int without dimensions
[[nodiscard]] Layout pointer_rows();  // int (2, 3), each row behind a pointer
[[nodiscard]] Layout empty_strided();  // int (0,) with a stride of two items

}  // namespace bufspec::engine
