#include "names.hpp"

#include <algorithm>
#include <optional>

#include "bufspec/flags.hpp"
#include "reading.hpp"
#include "values.hpp"

namespace bufspec::mutants::consumers {

namespace {

template <typename Value>
struct Named {
  std::string_view name;
  Value value;
};

constexpr Named<unsigned> misreadings[]{
    {"linear", misread::linear},
    {"no_suboffsets", misread::no_suboffsets},
    {"absolute_strides", misread::absolute_strides},
    {"zero_stride_as_item", misread::zero_stride_as_item},
    {"strides_in_items", misread::strides_in_items},
    {"fortran", misread::fortran},
    {"fortran_without_strides", misread::fortran_without_strides},
    {"extent_one", misread::extent_one},
    {"rounded_down", misread::rounded_down},
    {"of_itemsize", misread::of_itemsize},
    {"count_as_bytes", misread::count_as_bytes},
    {"first_extent", misread::first_extent},
    {"eight_dimensions", misread::eight_dimensions},
    {"reads_nothing", misread::reads_nothing},
    {"negative_followed", misread::negative_followed},
    {"swapped", misread::swapped},
    {"trusts_len", misread::trusts_len},
    {"one_short", misread::one_short},
    {"strides_16", misread::strides_16},
    {"halved", misread::halved},
    {"low_half", misread::low_half},
};

constexpr Named<unsigned> misparses[]{
    {"order_ignored", misparse::order_ignored},
    {"signed_bytes", misparse::signed_bytes},
    {"counts_ignored", misparse::counts_ignored},
    {"long_is_int", misparse::long_is_int},
    {"sign_lost", misparse::sign_lost},
    {"padding_lost", misparse::padding_lost},
    {"bool_is_byte", misparse::bool_is_byte},
    {"half_is_short", misparse::half_is_short},
    {"first_value", misparse::first_value},
    {"scalar_in_list", misparse::scalar_in_list},
    {"zeros", misparse::zeros},
};

template <typename Value, std::size_t size>
std::optional<Value> find(const Named<Value> (&names)[size], std::string_view name) {
  for (const auto& one : names)
    if (one.name == name) return one.value;
  return std::nullopt;
}

template <std::size_t size>
unsigned bits_from(RowReader& row, const Named<unsigned> (&names)[size]) {
  unsigned bits = 0;
  for (const std::string& name : row.texts("how")) {
    const std::optional<unsigned> one = find(names, name);
    if (!one)
      row.problem(*row.row().find("how"), "unknown way '" + name + "'", "a way such as " + std::string(names[0].name));
    bits |= one.value_or(0);
  }
  return bits;
}

// Whether the smallest and the largest stride have the signs, among the dimensions that are walked.
bool has_stride(const Call& call, bool (*is_so)(Py_ssize_t stride, Py_ssize_t itemsize)) {
  const Py_buffer& view = *call.view;
  if (view.strides == nullptr || view.shape == nullptr) return false;
  for (int i = 0; i < view.ndim; ++i)
    if (view.shape[i] > 1 && is_so(view.strides[i], view.itemsize)) return true;
  return false;
}

bool has_all_negative_suboffsets(const Py_buffer& view) {
  return view.suboffsets != nullptr &&
         std::all_of(view.suboffsets, view.suboffsets + view.ndim, [](Py_ssize_t one) { return one < 0; });
}

bool is_of_formats(const Behaviour& behaviour, const Call& call) {
  const char* format = call.view->format;
  const std::string text = format == nullptr ? "" : format;
  return std::find(behaviour.formats.begin(), behaviour.formats.end(), text) != behaviour.formats.end();
}

// Whether a format begins with a byte order that is not this machine's, or has one inside.
bool is_of_foreign_order(const Call& call) {
  const char* format = call.view->format;
  return format != nullptr && std::string_view(format).find_first_of(">!") != std::string_view::npos;
}

constexpr Named<IsSo> conditions[]{
    {"granted", [](const Behaviour&, const Call& call) { return call.granted; }},
    {"contiguous", [](const Behaviour&, const Call& call) { return is_in_c_order(*call.view); }},
    {"one_dimensional", [](const Behaviour&, const Call& call) { return call.view->ndim == 1; }},
    {"zero_dimensional", [](const Behaviour&, const Call& call) { return call.view->ndim == 0; }},
    {"empty", [](const Behaviour&, const Call& call) { return elements_in(*call.view) == 0; }},
    {"readonly", [](const Behaviour&, const Call& call) { return call.view->readonly != 0; }},
    {"indirect", [](const Behaviour&, const Call& call) { return call.view->suboffsets != nullptr; }},
    {"all_suboffsets_negative",
     [](const Behaviour&, const Call& call) { return has_all_negative_suboffsets(*call.view); }},
    {"bytes", [](const Behaviour&, const Call& call) { return call.view->itemsize == 1; }},
    {"large_items", [](const Behaviour&, const Call& call) { return call.view->itemsize > 8; }},
    {"buf_null", [](const Behaviour&, const Call& call) { return call.view->buf == nullptr; }},
    {"negative_stride",
     [](const Behaviour&, const Call& call) {
       return has_stride(call, [](Py_ssize_t stride, Py_ssize_t) { return stride < 0; });
     }},
    {"zero_stride",
     [](const Behaviour&, const Call& call) {
       return has_stride(call, [](Py_ssize_t stride, Py_ssize_t) { return stride == 0; });
     }},
    {"odd_stride",
     [](const Behaviour&, const Call& call) {
       return has_stride(call,
                         [](Py_ssize_t stride, Py_ssize_t itemsize) { return itemsize > 0 && stride % itemsize != 0; });
     }},
    {"stride_of_extent_one",
     [](const Behaviour&, const Call& call) {
       const Py_buffer& view = *call.view;
       Py_ssize_t wanted = view.itemsize;
       for (int i = view.ndim - 1; i >= 0 && view.strides != nullptr && view.shape != nullptr; --i) {
         if (view.shape[i] == 1 && view.strides[i] != wanted) return true;
         wanted *= view.shape[i];
       }
       return false;
     }},
    {"foreign_order", [](const Behaviour&, const Call& call) { return is_of_foreign_order(call); }},
    {"format_null", [](const Behaviour&, const Call& call) { return call.view->format == nullptr; }},
    {"writable_but_readonly",
     [](const Behaviour&, const Call& call) { return has(call.word, flag::WRITABLE) && call.view->readonly != 0; }},
    {"len_lies",
     [](const Behaviour&, const Call& call) {
       return call.view->shape != nullptr && call.view->len != elements_in(*call.view) * call.view->itemsize;
     }},
    {"redirected", [](const Behaviour&, const Call& call) { return call.view->obj != call.exporter; }},
    {"zero_byte", [](const Behaviour&, const Call& call) { return has_zero_byte(*call.view); }},
    {"plain", [](const Behaviour&, const Call& call) { return PyBytes_CheckExact(call.exporter) != 0; }},
};

}  // namespace

int word_from(RowReader& row, const std::string& text) {
  int word = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    const std::optional<int> one = flag_from(std::string_view(text).substr(at, end - at));
    if (!one) row.problem(row.row(), "unknown flag in '" + text + "'", "flags such as STRIDES|FORMAT");
    word |= one.value_or(0);
    at = end + 1;
  }
  return word;
}

unsigned misread_from(RowReader& row) { return bits_from(row, misreadings); }
unsigned misparse_from(RowReader& row) { return bits_from(row, misparses); }

ReadAs read_as_from(RowReader& row) {
  const TableValue* value = row.of_kind("as", TableValue::Kind::string, true);
  if (value == nullptr) return ReadAs::elements;
  return enumerator_from<ReadAs>(row, *value, "way to read",
                                 {{"elements", ReadAs::elements},
                                  {"block", ReadAs::block},
                                  {"library", ReadAs::library},
                                  {"memoryview", ReadAs::memoryview}},
                                 ReadAs::elements);
}

Returns returns_from(RowReader& row) {
  const TableValue* value = row.of_kind("what", TableValue::Kind::string, true);
  if (value == nullptr) return Returns::bytes;
  return enumerator_from<Returns>(row, *value, "result",
                                  {{"bytes", Returns::bytes},
                                   {"bytearray", Returns::bytearray},
                                   {"list", Returns::list},
                                   {"elements", Returns::elements},
                                   {"scalar", Returns::scalar},
                                   {"none", Returns::none},
                                   {"keeper", Returns::keeper},
                                   {"view", Returns::view},
                                   {"length", Returns::length}},
                                  Returns::bytes);
}

Holds holds_from(RowReader& row) {
  const TableValue* value = row.of_kind("holds", TableValue::Kind::string, false);
  if (value == nullptr) return Holds::view;
  return enumerator_from<Holds>(
      row, *value, "way to hold",
      {{"view", Holds::view}, {"copy", Holds::copy}, {"pointer", Holds::pointer}, {"reference", Holds::reference}},
      Holds::view);
}

Cycle cycle_from(RowReader& row) {
  const TableValue* value = row.of_kind("cycle", TableValue::Kind::string, false);
  if (value == nullptr) return Cycle::none;
  return enumerator_from<Cycle>(
      row, *value, "cycle",
      {{"none", Cycle::none}, {"traversed", Cycle::traversed}, {"untraversed", Cycle::untraversed}}, Cycle::none);
}

void read_conditions(RowReader& row, Behaviour& behaviour) {
  const TableValue* value = row.of_kind("when", TableValue::Kind::map, false);
  if (value == nullptr) return;
  RowReader reader(*value, row.file() + ".when", row.problems());
  const auto add = [&](IsSo is_so, bool wanted) { behaviour.when.emplace_back(is_so, wanted); };
  for (const auto& [name, is_so] : conditions)
    if (value->find(name) != nullptr) add(is_so, reader.flag(name));
  if (value->find("formats") != nullptr || value->find("other_formats") != nullptr) {
    const bool wanted = value->find("formats") != nullptr;
    behaviour.formats = reader.texts(wanted ? "formats" : "other_formats");
    add(is_of_formats, wanted);
  }
  if (value->find("calls") != nullptr) {
    behaviour.calls = reader.numbers("calls");
    add([](const Behaviour& of,
           const Call& call) { return std::find(of.calls.begin(), of.calls.end(), call.number) != of.calls.end(); },
        true);
  }
  if (value->find("dimensions_from") != nullptr) {
    behaviour.least = static_cast<Py_ssize_t>(reader.number("dimensions_from"));
    add([](const Behaviour& of, const Call& call) { return call.view->ndim >= of.least; }, true);
  }
  reader.refuse_unknown_keys();
}

}  // namespace bufspec::mutants::consumers
