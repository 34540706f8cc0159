#include "table_cases.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "bufspec/layout.hpp"
#include "comparison.hpp"
#include "harness/adapters/cpython/binding/loaded_tables.hpp"
#include "harness/adapters/cpython/binding/runs.hpp"
#include "report.hpp"

namespace bufspec::cpython {

namespace {

constexpr char mark = static_cast<char>(0xee);

const CaseCall* call_named(std::string_view name) noexcept {
  for (const auto calls : {function_calls(), memoryview_calls()})
    for (const CaseCall& call : calls)
      if (call.name == name) return &call;
  return nullptr;
}

// Whether `found` says all that `expect` says, and no error that `expect` does not name.
bool says(const TableValue& found, const TableValue& expect) {
  if (found.find("error") != nullptr && expect.find("error") == nullptr) return false;
  return std::all_of(expect.map.begin(), expect.map.end(), [&](const auto& entry) {
    const TableValue* value = found.find(entry.first);
    return value != nullptr && *value == entry.second;
  });
}

// The first interpreter for which a rule holds: rows of reserved words name one.
std::uint32_t first_runtime_of(const RuleRow& rule) noexcept {
  for (const ReservedRow& row : tables().reserved)
    if (row.rule == rule.id) return row.since;
  return 0;
}

}  // namespace

std::int64_t number_in(const TableValue& given, std::string_view key, std::int64_t otherwise) {
  const TableValue* value = given.find(key);
  return value != nullptr && value->is_integer() ? value->integer : otherwise;
}

bool truth_in(const TableValue& given, std::string_view key) {
  const TableValue* value = given.find(key);
  return value != nullptr && value->boolean;
}

std::string text_in(const TableValue& given, std::string_view key) {
  const TableValue* value = given.find(key);
  return value != nullptr ? value->string : std::string();
}

char order_in(const TableValue& given) {
  const std::string order = text_in(given, "order");
  return order.empty() ? 'C' : order[0];
}

std::vector<ssize> numbers_in(const TableValue& given, std::string_view key) {
  std::vector<ssize> numbers;
  if (const TableValue* value = given.find(key); value != nullptr)
    for (const TableValue& entry : value->list) numbers.push_back(static_cast<ssize>(entry.integer));
  return numbers;
}

Layout layout_in(const TableValue& given) {
  std::vector<TableProblem> problems;  // `given` was read when the tables were loaded or is checked by `spec check`
  return layout_from_value(given, "", problems);
}

FoundAnswer& FoundAnswer::put(const char* key, TableValue value) {
  map_.map.emplace_back(key, std::move(value));
  return *this;
}

FoundAnswer& FoundAnswer::text_or_null(const char* key, const char* value) {
  return put(key, value == nullptr ? TableValue::of_null() : TableValue::of(std::string(value)));
}

FoundAnswer& FoundAnswer::numbers(const char* key, const std::vector<ssize>& values) {
  TableValue list = TableValue::empty_list();
  for (const ssize value : values) list.list.push_back(TableValue::of(static_cast<std::int64_t>(value)));
  return put(key, std::move(list));
}

TableValue raised_error() {
  const Raised raised = take_exception();
  const std::string name = raised.error == Error::other ? raised.name : std::string(error_name(raised.error));
  return FoundAnswer().put("error", TableValue::of(name)).take();
}

TableValue failed(const Status& status) {
  return FoundAnswer().put("error", TableValue::of("no memory: " + std::string(status.reason))).take();
}

std::vector<ssize> elements_of(std::span<const char> bytes, ssize itemsize, ssize count) {
  std::vector<ssize> numbers;
  const auto size = static_cast<std::size_t>(itemsize);
  std::vector<char> element(size);
  for (std::size_t at = 0; size > 0 && at + size <= bytes.size(); at += size) {
    ssize number = -1;
    for (ssize k = 0; k < count && number < 0; ++k) {
      element_bytes(k, element);
      if (std::memcmp(bytes.data() + at, element.data(), size) == 0) number = k;
    }
    numbers.push_back(number);
  }
  return numbers;
}

std::vector<char> consecutive_elements(ssize count, ssize itemsize) {
  std::vector<char> bytes(static_cast<std::size_t>(count * itemsize));
  for (ssize k = 0; k < count; ++k)
    element_bytes(k,
                  std::span(bytes).subspan(static_cast<std::size_t>(k * itemsize), static_cast<std::size_t>(itemsize)));
  return bytes;
}

char* element_at(const Exporter& exporter, ssize k) {
  const Layout& layout = exporter.layout();
  Extents index{};
  for (auto i = static_cast<std::size_t>(layout.ndim); i-- > 0;) {
    index[i] = k % layout.shape[i];
    k /= layout.shape[i];
  }
  return element_pointer(exporter.buf(), geometry_of(layout), {index.data(), static_cast<std::size_t>(layout.ndim)});
}

void mark_elements(const Exporter& exporter) {
  const Layout& layout = exporter.layout();
  for (ssize k = 0; k < count_of(layout); ++k)
    std::memset(element_at(exporter, k), mark, static_cast<std::size_t>(layout.itemsize));
}

std::vector<ssize> elements_in(const Exporter& exporter, ssize count) {
  const Layout& layout = exporter.layout();
  std::vector<ssize> numbers;
  for (ssize k = 0; k < count_of(layout); ++k) {
    const auto one =
        elements_of({element_at(exporter, k), static_cast<std::size_t>(layout.itemsize)}, layout.itemsize, count);
    numbers.insert(numbers.end(), one.begin(), one.end());
  }
  return numbers;
}

ssize count_of(const Layout& layout) {
  return element_count({layout.shape.data(), static_cast<std::size_t>(layout.ndim)}).value;
}

PyObject* run_table_cases(PyObject*, PyObject*) {
  if (!require_tables()) return nullptr;
  Py_ssize_t run = 0;
  Py_ssize_t only_2010 = 0;
  Py_ssize_t later_runtime = 0;
  std::vector<std::string> failures;
  std::set<std::string> without_counterpart;
  for (const RuleRow& rule : tables().rules) {
    for (const CaseRow& one : rule.cases) {
      if (!rule.editions.holds_in(Edition::current)) {
        ++only_2010;
        continue;
      }
      if (first_runtime_of(rule) > this_runtime()) {
        ++later_runtime;
        continue;
      }
      const CaseCall* call = call_named(one.call);
      if (call == nullptr) {
        without_counterpart.insert(one.call);
        continue;
      }
      const TableValue found = call->answer(one.given);
      if (PyErr_Occurred() != nullptr) return nullptr;
      if (found.is_null()) {  // a name that the limited headers leave out
        without_counterpart.insert(one.call + ' ' + one.id);
        continue;
      }
      ++run;
      if (!says(found, one.expect))
        failures.push_back(rule.id + ' ' + one.id + ": " + one.call + " of " + describe(one.given) + ": expected " +
                           describe(one.expect) + ", found " + describe(found));
    }
  }
  const Ref failed_list = list_of_texts(failures);
  const Ref calls = list_of_texts({without_counterpart.begin(), without_counterpart.end()});
  if (!failed_list || !calls) return nullptr;
  return Py_BuildValue("{s:n,s:O,s:O,s:n,s:n}", "run", run, "failed", failed_list.get(), "no_counterpart", calls.get(),
                       "only_2010", only_2010, "later_runtime", later_runtime);
}

}  // namespace bufspec::cpython
