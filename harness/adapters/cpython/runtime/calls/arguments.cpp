// The calls whose counterparts are the codes of the parser of arguments: y*, s*, z*, w* and y#, s#, z#.
#include <array>

#include "calls.hpp"
#include "harness/adapters/cpython/consumer/instrumented_exporter.hpp"

namespace bufspec::cpython {

namespace {

// The object that an argument case hands over.
Ref argument_of(const TableValue& value) {
  if (const TableValue* text = value.find("text"); text != nullptr)
    return Ref(PyUnicode_FromStringAndSize(text->string.data(), static_cast<Py_ssize_t>(text->string.size())));
  if (value.find("none") != nullptr) return Ref::borrowed(Py_None);
  if (value.find("number") != nullptr) return Ref(PyLong_FromLong(1));
  const Ref exporter = plain_exporter_of(layout_in(value));
  return exporter ? Ref(PyMemoryView_FromObject(exporter.get())) : Ref();
}

TableValue parse_argument(const TableValue& given) {
  const Ref argument = argument_of(map_in(given, "object"));
  const Ref arguments(argument ? PyTuple_Pack(1, argument.get()) : nullptr);
  if (!arguments) return raised_error();
  Py_buffer view{};
  if (PyArg_ParseTuple(arguments.get(), text_in(given, "code").c_str(), &view) == 0) return raised_error();
  TableValue found = parsed_argument(view);
  PyBuffer_Release(&view);
  return found;
}

// The object itself, not a view of it, so that its log says what is held.
Ref logged_argument_of(const TableValue& value) {
  return value.find("shape") != nullptr ? plain_exporter_of(layout_in(value)) : argument_of(value);
}

ssize held_of(const std::vector<Ref>& objects) {
  ssize held = 0;
  for (const Ref& one : objects) {
    if (PyUnicode_Check(one.get()) || one.get() == Py_None || PyLong_Check(one.get())) continue;
    for (const Consumed::Request& request : requests_of(one.get())) held += request.granted ? 1 - request.releases : 0;
  }
  return held;
}

TableValue parse_arguments(const TableValue& given) {
  const TableValue* const codes = given.find("codes");
  const TableValue* const described = given.find("objects");
  constexpr std::size_t most = 3;
  if (codes == nullptr || described == nullptr || codes->list.size() != described->list.size() ||
      codes->list.size() > most)
    throw UnusableCase("`codes` and `objects` are lists of one length, at most 3");
  std::string format;
  std::vector<Ref> objects;
  const Ref arguments(PyTuple_New(static_cast<Py_ssize_t>(codes->list.size())));
  for (std::size_t i = 0; arguments && i < codes->list.size(); ++i) {
    format += codes->list[i].string;
    objects.push_back(logged_argument_of(described->list[i]));
    if (!objects.back() ||
        PyTuple_SetItem(arguments.get(), static_cast<Py_ssize_t>(i), Py_NewRef(objects.back().get())) != 0)
      return raised_error();
  }
  std::array<Py_buffer, most> views{};
  const bool is_parsed = PyArg_ParseTuple(arguments.get(), format.c_str(), &views[0], &views[1], &views[2]) != 0;
  TableValue found = is_parsed ? TableValue::empty_map() : raised_error();
  const auto put = [&](const char* key, ssize value) {
    found.map.emplace_back(key, TableValue::of(std::int64_t{value}));
  };
  put("held", held_of(objects));
  if (is_parsed)
    for (Py_buffer& view : views) PyBuffer_Release(&view);
  put("held_after", held_of(objects));
  return found;
}

TableValue borrow_argument(const TableValue& given) {
  const TableValue& described = map_in(given, "object");
  const bool is_bytes = truth_in(described, "without_release", false);
  const Ref object = is_bytes ? Ref(PyBytes_FromStringAndSize("borrowed bytes", count_of(layout_in(described))))
                              : argument_of(described);
  const Ref arguments(object ? PyTuple_Pack(1, object.get()) : nullptr);
  if (!arguments) return raised_error();
  const char* borrowed = nullptr;
  Py_ssize_t size = 0;
  if (PyArg_ParseTuple(arguments.get(), text_in(given, "code").c_str(), &borrowed, &size) == 0) return raised_error();
  return Found().put("len", ssize{size}).put("buf_null", borrowed == nullptr).value();
}

constexpr CaseCall calls[]{
    {"parse_argument", parse_argument},
    {"parse_arguments", parse_arguments},
    {"borrow_argument", borrow_argument},
};

}  // namespace

std::span<const CaseCall> argument_calls() noexcept { return calls; }

}  // namespace bufspec::cpython
