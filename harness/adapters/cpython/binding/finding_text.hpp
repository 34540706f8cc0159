// What was expected, and what was found, in words: the two sentences that Python gets of a broken rule.
// They are made here until reports make them from the values themselves; nothing else in C++ puts a finding into sentences.
#pragma once

#include <string>

#include "bufspec/judge.hpp"

namespace bufspec::cpython {

struct Sentences {
  std::string expected;
  std::string found;
};

// Of a violation that `scenario` showed.
[[nodiscard]] Sentences sentences_of(const Violation& violation, const Scenario& scenario);

// Of a wrong result, or a memory that was filled wrongly, in `scenario`; both empty where nothing is wrong.
[[nodiscard]] Sentences sentences_of(const Difference& difference, const Scenario& scenario);

}  // namespace bufspec::cpython
