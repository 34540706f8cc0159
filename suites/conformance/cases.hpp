// What is tried against subjects: each function yields (case id, scenario) for one kind of subject.
// No test framework here; GoogleTest and the worker loop are two front ends over these lists.
// A case id is `area.topic_detail`, lower case, without '-' and ':' (GoogleTest's filter takes both).
#pragma once

#include <string>
#include <vector>

#include "bufspec/scenario.hpp"
#include "suites/support/tables.hpp"

namespace bufspec::suites {

struct Case {
  std::string id;
  Scenario scenario;
};

// Every case for an exporter that is handed over as a ready-made object.
[[nodiscard]] std::vector<Case> exporter_cases(Edition edition);

// The 1,024 words of the low ten bits, each acquired and released: `request.word_0x018`.
[[nodiscard]] std::vector<Case> request_cases(Edition edition);

// The canonical requests of the flags table, each acquired and released, in the table's order.
[[nodiscard]] std::vector<Case> canonical_request_cases(const Tables& tables, Edition edition);

// Words with bits that belong to no flag, each beside the same word without them.
[[nodiscard]] std::vector<Case> unassigned_bits_cases(Edition edition);

// Words with the own bit of a flag that is not complete, each behind the two words that it may be read as.
[[nodiscard]] std::vector<Case> stray_bits_cases(Edition edition);

// Several views at once, released in both orders.
[[nodiscard]] std::vector<Case> lifetime_cases(Edition edition);

// For a consumer: our exporter of every named layout is handed over once.
[[nodiscard]] std::vector<Case> consumer_cases(const Tables& tables, Edition edition);

// For a function of the runtime: every named layout, every order.
[[nodiscard]] std::vector<Case> function_cases(const Tables& tables, Edition edition);

}  // namespace bufspec::suites
