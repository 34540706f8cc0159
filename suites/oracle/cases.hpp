// Runs the data cases of the tables against the reference: one function for each call of the vocabulary.
// A call takes `given` and returns a map with what it found; which of its keys count is said by `expect`.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bufspec/errors.hpp"
#include "bufspec/exporter.hpp"
#include "bufspec/functions.hpp"
#include "case_values.hpp"

namespace bufspec::oracle {

using CaseCall = std::function<TableValue(const TableValue& given, Edition edition)>;
using CaseCalls = std::map<std::string, CaseCall, std::less<>>;

void add_value_calls(CaseCalls& calls);       // flags, layouts, formats
void add_function_calls(CaseCalls& calls);    // the library's functions
void add_memoryview_calls(CaseCalls& calls);
void add_argument_calls(CaseCalls& calls);

[[nodiscard]] std::vector<ssize> values_of(const ssize* values, int count);

// A view of everything; released at the end of its life.
class FullView {
 public:
  explicit FullView(Object& object, bool writable = true);
  ~FullView() { release(view); }
  FullView(const FullView&) = delete;
  FullView& operator=(const FullView&) = delete;
  Buffer view{};
};

}  // namespace bufspec::oracle
