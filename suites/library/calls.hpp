// The calls that the reference answers, one function each.
// A call takes `given` and returns a map with what it found; which of its keys count is said by `expect`.  Private to this folder.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bufspec/errors.hpp"
#include "bufspec/exporter.hpp"
#include "bufspec/functions.hpp"
#include "suites/support/case_values.hpp"

namespace bufspec::library {

// By which documents, and as which interpreter, a call is answered.
struct Terms {
  Edition edition = Edition::current;
  std::uint32_t runtime = latest_runtime;
};

using AnsweredCall = std::function<Tree(const Tree& given, const Terms& terms)>;
using Calls = std::map<std::string, AnsweredCall, std::less<>>;

void add_value_calls(Calls& calls);  // flags, layouts, formats
void add_function_calls(Calls& calls);  // the library's functions
void add_memoryview_calls(Calls& calls);
void add_argument_calls(Calls& calls);
void add_sequence_calls(Calls& calls);

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

}  // namespace bufspec::library
