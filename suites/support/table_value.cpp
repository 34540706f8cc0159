#include "table_value.hpp"

namespace bufspec {

std::string_view kind_name(TableValue::Kind kind) noexcept {
  switch (kind) {
    case TableValue::Kind::null:
      return "nothing";
    case TableValue::Kind::boolean:
      return "true or false";
    case TableValue::Kind::integer:
      return "an integer";
    case TableValue::Kind::string:
      return "a text";
    case TableValue::Kind::list:
      return "a list";
    case TableValue::Kind::map:
      return "a map";
  }
  return "";
}

std::string TableProblem::text() const {
  std::string made = file;
  if (line > 0) made += ':' + std::to_string(line) + ':' + std::to_string(column);
  made += ": " + message;
  if (!hint.empty()) made += "; " + hint;
  return made;
}

}  // namespace bufspec
