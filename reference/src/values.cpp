// How is a finding shown in the output of a test?  One plain form for all of them; nothing parses it.
#include "bufspec/values.hpp"

#include <type_traits>

#include "bufspec/scenario.hpp"
#include "bufspec/trace.hpp"

namespace bufspec {

namespace {

constexpr std::array<std::string_view, 4> pointers{"NULL", "not NULL", "untouched", "unreadable"};
constexpr std::array<std::string_view, 5> owners{"NULL", "the exporter", "another object", "untouched", "garbage"};

template <typename Entries, typename Shown>
std::string joined(const Entries& entries, Shown shown) {
  std::string text;
  for (const auto& entry : entries) text += (text.empty() ? "" : ", ") + std::string(shown(entry));
  return text;
}

template <typename NameOf>
std::string names_of(unsigned bits, NameOf name_of) {
  std::string text;
  for (; bits != 0; bits &= bits - 1) text += (text.empty() ? "" : ", ") + std::string(name_of(bits & (0U - bits)));
  return text;
}

std::string_view field_name(unsigned bit) {
  for (std::size_t i = 0; i < field_names.size(); ++i)
    if (bit == 1U << i) return field_names[i];
  return {};
}

struct Shower {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(ssize number) const { return std::to_string(number); }
  std::string operator()(Pointer pointer) const { return std::string(pointers[static_cast<std::size_t>(pointer)]); }
  std::string operator()(Owner owner) const { return std::string(owners[static_cast<std::size_t>(owner)]); }
  std::string operator()(const value::Text& text) const { return '"' + text.text + '"'; }
  std::string operator()(const value::Exception& one) const { return one.name.empty() ? "no exception" : one.name; }
  std::string operator()(const value::Texts& one) const {
    return joined(one.texts, [](const std::string& text) { return '"' + text + '"'; });
  }
  std::string operator()(const value::Integers& one) const {
    return '(' + joined(one.values, [](ssize value) { return std::to_string(value); }) + ')';
  }
  std::string operator()(const value::Requests& one) const {
    return joined(one.words, [](int word) { return flags_name(word); });
  }
  std::string operator()(value::Fields set) const { return names_of(set.bits, field_name); }
  std::string operator()(value::Capabilities set) const { return names_of(set.bits, capability_name); }
  std::string operator()(const value::Bytes& one) const {
    return joined(one.bytes, [](char byte) { return std::to_string(static_cast<unsigned char>(byte)); });
  }
  std::string operator()(const value::Map& one) const { return describe(one.tree); }
  std::string operator()(Misreading misreading) const { return std::string(misreading_name(misreading)); }
};

}  // namespace

std::string describe(const Finding& finding) {
  std::string text(aspect_names[static_cast<std::size_t>(finding.aspect)]);
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += ", " + std::string(name) + ' ' + value;
  };
  add("field", names_of(finding.fields, field_name));
  add("owed", std::visit(Shower{}, finding.owed));
  add("found", std::visit(Shower{}, finding.found));
  add("given", std::visit(Shower{}, finding.given));
  add("for", finding.flags < 0 ? std::string() : flags_name(finding.flags));
  add("order", finding.order == '\0' ? std::string() : std::string(1, finding.order));
  add("index", finding.index < 0 ? std::string() : std::to_string(finding.index));
  add("times", finding.times == 0 ? std::string() : std::to_string(finding.times));
  return text;
}

}  // namespace bufspec
