#include "behaviour_table.hpp"

#include "harness/adapters/cpython/api/python_api.hpp"

namespace bufspec::mutants {

Error error_from(RowReader& row) {
  const TableValue* value = row.of_kind("error", TableValue::Kind::string, false);
  if (value == nullptr) return Error::buffer_error;
  const Error error = error_from_name(value->string);
  if (error == Error::other) row.problem(*value, "unknown exception " + value->string, "BufferError, ValueError, ...");
  return error;
}

bool raise_problems(const std::vector<TableProblem>& problems) {
  if (problems.empty()) return true;
  std::string text;
  for (const TableProblem& one : problems) text += (text.empty() ? "" : "\n") + one.text();
  PyErr_SetString(PyExc_ValueError, text.c_str());
  return false;
}

}  // namespace bufspec::mutants
