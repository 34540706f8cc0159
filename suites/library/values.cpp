// Cases about plain values: flags, layouts, formats.
#include "bufspec/format.hpp"
#include "bufspec/layout.hpp"
#include "calls.hpp"

namespace bufspec::library {

namespace {

int flag_named(const std::string& name) {
  const auto value = flag_from(name);
  if (!value) throw UnusableCase("no flag " + name);
  return *value;
}

// Of the reference, not of the tables: that is what the case is about.
int constant_named(const std::string& name) {
  static const std::map<std::string, int, std::less<>> known{
      {"WRITEABLE", flag::WRITABLE}, {"CONTIG", flag::CONTIG},         {"CONTIG_RO", flag::CONTIG_RO},
      {"STRIDED", flag::STRIDED},    {"STRIDED_RO", flag::STRIDED_RO}, {"RECORDS", flag::RECORDS},
      {"FULL", flag::FULL},          {"FULL_RO", flag::FULL_RO},       {"RECORDS_RO", flag::RECORDS_RO},
      {"READ", flag::READ},          {"WRITE", flag::WRITE},           {"MAX_NDIM", max_ndim}};
  const auto found = known.find(name);
  if (found == known.end()) throw UnusableCase("no compound " + name);
  return found->second;
}

Tree has_flag(const Tree& given, const Terms&) {
  const int word = static_cast<int>(number_in(given, "flags"));
  return Found().put("result", has(word, flag_named(text_in(given, "flag"))) ? 1 : 0).value();
}

Tree compound_value(const Tree& given, const Terms&) {
  return Found().put("result", constant_named(text_in(given, "name"))).value();
}

// In the words of the library's function: over the struct that describes the layout.
Tree contiguity(const Tree& given, const Terms&) {
  Layout layout = layout_in(given);
  const std::string& order = text_in(given, "order");
  const char letter = order.empty() ? '\0' : order[0];
  Buffer view{};
  ssize elements = 1;
  for (int i = 0; i < layout.ndim; ++i) elements *= layout.shape[static_cast<std::size_t>(i)];
  char memory = 0;
  view.buf = &memory;
  view.len = elements * layout.itemsize;
  view.itemsize = layout.itemsize;
  view.ndim = layout.ndim;
  view.shape = layout.shape.data();
  view.strides = layout.has_strides ? layout.strides.data() : nullptr;
  view.suboffsets = layout.has_suboffsets ? layout.suboffsets.data() : nullptr;
  const bool found = is_contiguous(view, letter);
  if (found != is_contiguous(geometry_of(layout), letter)) throw UnusableCase("the struct and its geometry differ");
  return Found().put("result", found ? 1 : 0).value();
}

Tree contiguous_strides(const Tree& given, const Terms&) {
  const Layout layout = layout_in(given);
  const auto n = static_cast<std::size_t>(layout.ndim);
  std::vector<ssize> strides(n);
  const Status filled = fill_contiguous_strides({layout.shape.data(), n}, layout.itemsize, order_in(given), strides);
  if (!filled.ok()) return found_error(filled.error);
  return Found().put("strides", strides).value();
}

Tree size_of_format(const Tree& given, const Terms& terms) {
  const Result<ssize> size = size_from_format(text_in(given, "format"), terms.runtime);
  if (!size.ok()) return found_error(size.error);
  return Found().put("result", size.value).put("as_struct", true).value();
}

Tree size_of_pep_format(const Tree& given, const Terms&) {
  const Result<FormatSize> size = format_size(text_in(given, "format"));
  if (!size.ok()) return found_error(size.error);
  return Found().put("result", size.value.size).put("alignment", size.value.alignment).value();
}

Tree equal_formats(const Tree& given, const Terms&) {
  return Found().put("result", formats_equal(text_in(given, "left"), text_in(given, "right")) ? 1 : 0).value();
}

}  // namespace

void add_value_calls(Calls& calls) {
  calls["has_flag"] = has_flag;
  calls["compound_value"] = compound_value;
  calls["is_contiguous"] = contiguity;
  calls["fill_contiguous_strides"] = contiguous_strides;
  calls["size_from_format"] = size_of_format;
  calls["format_size_pep3118"] = size_of_pep_format;
  calls["formats_equal"] = equal_formats;
}

}  // namespace bufspec::library
