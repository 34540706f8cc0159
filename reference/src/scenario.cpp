// How is a scenario shown, and when are two the same?
// Text for records and messages; nothing here is parsed again.
#include "bufspec/scenario.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "bufspec/errors.hpp"

namespace bufspec {

namespace {

struct NamedFlag {
  int flag;
  std::string_view name;
};

// Flags that contain STRIDES, then the ladder below them; what a listed flag covers is not listed again.
constexpr std::array structural{
    NamedFlag{flag::C_CONTIGUOUS, "C_CONTIGUOUS"},
    NamedFlag{flag::F_CONTIGUOUS, "F_CONTIGUOUS"},
    NamedFlag{flag::ANY_CONTIGUOUS, "ANY_CONTIGUOUS"},
    NamedFlag{flag::INDIRECT, "INDIRECT"},
    NamedFlag{flag::STRIDES, "STRIDES"},
    NamedFlag{flag::ND, "ND"},
};
constexpr std::array modifiers{
    NamedFlag{flag::WRITABLE, "WRITABLE"},
    NamedFlag{flag::FORMAT, "FORMAT"},
};

std::string hexadecimal(unsigned word) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), digits[word % 16]);
    word /= 16;
  } while (word != 0);
  text.insert(0, text.size() < 3 ? 3 - text.size() : 0, '0');
  return "0x" + text;
}

void append_name(std::string& text, std::string_view name) {
  if (!text.empty()) text += '|';
  text += name;
}

// As Python shows a tuple: "()", "(6,)", "(2, 3)".
std::string tuple(const Extents& values, int ndim) {
  std::string text = "(";
  for (int d = 0; d < ndim; ++d) {
    if (d > 0) text += ' ';
    text += std::to_string(values[static_cast<std::size_t>(d)]);
    if (d + 1 < ndim || ndim == 1) text += ',';
  }
  return text + ")";
}

bool values_equal(const Extents& left, const Extents& right, int ndim) noexcept {
  const int count = std::clamp(ndim, 0, max_ndim);
  return std::equal(left.begin(), left.begin() + count, right.begin());
}

std::string describe(const Step& step, const Scenario& scenario) {
  const std::string slot = step.slot == 0 ? "" : " #" + std::to_string(step.slot);
  const std::string request =
      " " + hexadecimal(static_cast<unsigned>(step.flags)) + " (" + flags_name(step.flags) + ")";
  const std::string times = std::to_string(step.count) + " times";
  const bool is_consumer = scenario.target == Target::consumer;
  switch (step.kind) {
    case StepKind::acquire:
      return "acquire" + slot + request;
    case StepKind::acquire_direct:
      return "acquire directly" + slot + request;
    case StepKind::release:
      return (is_consumer ? "give up" : "release") + slot;
    case StepKind::release_copy:
      return "release a copy of" + (slot.empty() ? " #0" : slot);
    case StepKind::release_raising:
      return "release" + slot + " while an exception is set";
    case StepKind::read:
      return (is_consumer ? "look again" : "read") + slot;
    case StepKind::write:
      return "write" + slot;
    case StepKind::mutate:
      return "operation " + std::to_string(step.flags);
    case StepKind::another:
      return "another object, operation " + std::to_string(step.flags);
    case StepKind::collect:
      return "collect garbage";
    case StepKind::drop:
      return is_consumer ? "drop the exporter" : "drop the object";
    case StepKind::reenter:
      return "re-enter with" + request;
    case StepKind::repeat:
      if (is_consumer) return "consume and give up, " + times;
      return "acquire" + request + " and release, " + times;
    case StepKind::hold:
      return "hold" + request + ", " + times;
    case StepKind::threads:
      return "in " + std::to_string(thread_count) + " threads " +
             (is_consumer ? "consume and give up, " : "acquire" + request + ", read and release, ") + times;
    case StepKind::consume:
      return "consume" + (slot.empty() ? slot : " to" + slot);
    case StepKind::call:
      break;
  }
  if (scenario.call) return "call " + scenario.call->name + ' ' + describe(scenario.call->given);
  if (scenario.check) return "check " + std::string(rule_id(*scenario.check));
  const bool is_printable = scenario.order >= ' ' && scenario.order <= '~';
  return "call is_contiguous(" +
         (is_printable ? "'" + std::string(1, scenario.order) + "'"
                       : hexadecimal(static_cast<unsigned char>(scenario.order))) +
         ")";
}

// ", exporter poisoned, withdrawn, refusing request 0, 2": what is not plain about our exporter.
std::string exporter_of(const Scenario& scenario) {
  std::string behaviours;
  for (std::uint32_t bits = scenario.behaviours & behaviour::all; bits != 0; bits &= bits - 1)
    behaviours += (behaviours.empty() ? "" : ", ") + std::string(behaviour_name(bits & (0U - bits)));
  std::string refused;
  for (unsigned k = 0; k < 8; ++k)
    if ((scenario.refused_requests >> k & 1) != 0) refused += (refused.empty() ? "" : ", ") + std::to_string(k);
  std::string text;
  if (!behaviours.empty()) text += ", exporter " + behaviours;
  if (!refused.empty()) text += ", refusing request " + refused;
  return text;
}

}  // namespace

bool operator==(const Layout& left, const Layout& right) noexcept {
  return left.format == right.format && left.itemsize == right.itemsize && left.ndim == right.ndim &&
         values_equal(left.shape, right.shape, left.ndim) && left.has_strides == right.has_strides &&
         (!left.has_strides || values_equal(left.strides, right.strides, left.ndim)) &&
         left.has_suboffsets == right.has_suboffsets &&
         (!left.has_suboffsets || values_equal(left.suboffsets, right.suboffsets, left.ndim)) &&
         left.offset == right.offset && left.block == right.block && left.readonly == right.readonly;
}

bool operator==(const Scenario& left, const Scenario& right) noexcept {
  return left.target == right.target && left.edition == right.edition && left.layout == right.layout &&
         left.function == right.function && left.check == right.check && left.order == right.order &&
         left.behaviours == right.behaviours && left.refused_requests == right.refused_requests &&
         left.steps == right.steps &&
         (left.call == right.call || (left.call && right.call && *left.call == *right.call));
}

bool operator==(const Call& left, const Call& right) {
  return left.rule == right.rule && left.name == right.name && left.given == right.given &&
         left.expect == right.expect && left.rules == right.rules && left.since == right.since;
}

bool says(const Tree& answer, const std::string& key, const Tree& owed) {
  const Tree* const found = answer.find(key);
  if (found == nullptr || *found == owed) return found != nullptr;
  return key == "error" && found->is_string() && owed.is_string() && error_from_name(found->string) != Error::other &&
         is_a(error_from_name(found->string), error_from_name(owed.string));
}

bool says_all(const Tree& answer, const Tree& expect) {
  if (answer.find("error") != nullptr && expect.find("error") == nullptr) return false;
  return std::all_of(expect.map.begin(), expect.map.end(),
                     [&](const auto& entry) { return says(answer, entry.first, entry.second); });
}

std::string flags_name(int word) {
  if (word == flag::SIMPLE) return "SIMPLE";
  std::string text;
  int named = 0;
  for (const NamedFlag& entry : structural) {
    if (!has(word, entry.flag) || (named & entry.flag) == entry.flag) continue;
    append_name(text, entry.name);
    named |= entry.flag;
  }
  for (const NamedFlag& entry : modifiers) {
    if (!has(word, entry.flag)) continue;
    append_name(text, entry.name);
    named |= entry.flag;
  }
  const unsigned rest = static_cast<unsigned>(word) & ~static_cast<unsigned>(named);
  if (rest != 0) append_name(text, hexadecimal(rest));
  return text;
}

std::string describe(const Layout& layout) {
  const int ndim = std::clamp(layout.ndim, 0, max_ndim);
  std::string text = "format " + layout.format + ", itemsize " + std::to_string(layout.itemsize) + ", shape " +
                     tuple(layout.shape, ndim);
  if (ndim != layout.ndim) text += ", ndim " + std::to_string(layout.ndim);
  if (layout.has_strides && ndim > 0) text += ", strides " + tuple(layout.strides, ndim);
  if (layout.has_suboffsets && ndim > 0) text += ", suboffsets " + tuple(layout.suboffsets, ndim);
  if (layout.offset != 0) text += ", offset " + std::to_string(layout.offset);
  if (layout.readonly) text += ", read-only";
  return text;
}

std::string describe(const Scenario& scenario) {
  std::string text;
  if (scenario.layout) text = "on " + describe(*scenario.layout) + exporter_of(scenario) + ": ";
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    if (i > 0) text += "; ";
    text += describe(scenario.steps[i], scenario);
  }
  return scenario.steps.empty() ? text + "no steps" : text;
}

}  // namespace bufspec
