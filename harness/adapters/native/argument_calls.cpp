// The calls whose counterparts are the codes of the parser of arguments: y*, s*, z*, w* and y#, s#, z#.
#include <algorithm>
#include <memory>

#include "calls.hpp"

namespace bufspec::native {

namespace {

std::unique_ptr<Given> argument_of(const bufspec_functions& functions, const TableValue& value) {
  if (const TableValue* const text = value.find("text"); text != nullptr) {
    const bool is_utf8 = text->string.find("\xed\xa0") == std::string::npos;  // no lone surrogate
    return std::make_unique<Given>(functions, text->string, is_utf8);
  }
  if (value.find("none") != nullptr) return std::make_unique<Given>(functions, BUFSPEC_IS_NONE);
  if (value.find("number") != nullptr) return std::make_unique<Given>(functions);
  return std::make_unique<Given>(functions, layout_in(value), !truth_in(value, "without_release", false));
}

TableValue parse_argument(const bufspec_functions& functions, const TableValue& given) {
  const auto argument = argument_of(functions, map_in(given, "object"));
  bufspec_buffer view{};
  if (functions.parse_argument(argument->object(), text_in(given, "code").c_str(), &view) != 0)
    return taken_error(functions);
  TableValue found = parsed_argument(view);
  bufspec_release(&view);
  return found;
}

// Several in a row: what is held after the parser, and after the caller has released what it was given.
TableValue parse_arguments(const bufspec_functions& functions, const TableValue& given) {
  const TableValue* const codes = given.find("codes");
  const TableValue* const described = given.find("objects");
  if (codes == nullptr || described == nullptr || codes->list.size() != described->list.size())
    throw UnusableCase("`codes` and `objects` are lists of one length");
  std::vector<std::unique_ptr<Given>> objects;
  std::vector<bufspec_object*> passed;
  std::vector<const char*> names;
  for (std::size_t i = 0; i < codes->list.size(); ++i) {
    objects.push_back(argument_of(functions, described->list[i]));
    passed.push_back(objects.back()->object());
    names.push_back(codes->list[i].string.c_str());
  }
  const auto held = [&] {
    int views = 0;
    for (const auto& one : objects) views += one->held();
    return views;
  };
  std::vector<bufspec_buffer> views(objects.size());
  const int returned =
      functions.parse_arguments(static_cast<int>(objects.size()), passed.data(), names.data(), views.data());
  Found found;
  if (returned != 0) found.put("error", taken_error(functions).map.front().second);
  found.put("held", held());
  if (returned == 0)
    for (bufspec_buffer& view : views) bufspec_release(&view);
  return found.put("held_after", held()).value();
}

TableValue borrow_argument(const bufspec_functions& functions, const TableValue& given) {
  const auto argument = argument_of(functions, map_in(given, "object"));
  const char* bytes = nullptr;
  bufspec_ssize len = 0;
  if (functions.borrow_argument(argument->object(), text_in(given, "code").c_str(), &bytes, &len) != 0)
    return taken_error(functions);
  return Found().put("len", len).put("buf_null", bytes == nullptr).value();
}

#define HAS(member) [](const bufspec_functions& has) { return has.member != nullptr; }

constexpr NativeCall calls[]{
    {"parse_argument", parse_argument, HAS(parse_argument)},
    {"parse_arguments", parse_arguments, HAS(parse_arguments)},
    {"borrow_argument", borrow_argument, HAS(borrow_argument)},
};

#undef HAS

}  // namespace

std::span<const NativeCall> argument_calls() noexcept { return calls; }

}  // namespace bufspec::native
