// Judging a consumer by what our exporter saw of it and what it returned.
#include <optional>

#include "bufspec/exporter.hpp"
#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

// The elements of `layout` in C order, read from the memory that the reference exporter makes of it: where
// elements share memory, what one holds depends on the others.  Nothing if it cannot make one.
std::optional<std::string> elements_of(const Layout& layout) {
  Exporter exporter;
  std::string bytes;
  if (!exporter.build(layout).ok()) return std::nullopt;
  const std::span<const ssize> shape{exporter.layout().shape.data(), static_cast<std::size_t>(layout.ndim)};
  const auto count = element_count(shape);
  if (!count.ok() || count.value == 0) return bytes;
  const auto itemsize = static_cast<std::size_t>(layout.itemsize);
  bytes.reserve(static_cast<std::size_t>(count.value) * itemsize);
  Extents index{};
  const std::span<ssize> position{index.data(), shape.size()};
  do {
    bytes.append(element_pointer(exporter.buf(), geometry_of(exporter.layout()), position), itemsize);
  } while (advance_index(position, shape, false));
  return bytes;
}

std::string first_difference(const std::string& expected, const std::string& found) {
  if (expected.size() != found.size()) return std::to_string(found.size()) + " bytes";
  std::size_t at = 0;
  while (at < found.size() && found[at] == expected[at]) ++at;
  return "byte " + std::to_string(at) + " is " + std::to_string(static_cast<unsigned char>(found[at])) + ", expected " +
         std::to_string(static_cast<unsigned char>(expected[at]));
}

}  // namespace

void judge_consumed(const Scenario& scenario, const Consumed& consumed, Notes& notes) {
  bool exactly_once = true;
  bool was_granted = false;
  std::string found;
  for (const auto& request : consumed.requests) {
    const int owed = request.granted ? 1 : 0;
    was_granted = was_granted || request.granted;
    if (request.releases == owed) continue;
    exactly_once = false;
    found = std::to_string(request.releases) + " releases of the view granted for " + flags_name(request.flags);
  }
  // A consumer that was granted nothing has nothing to release, and shows nothing.
  if (was_granted || !exactly_once)
    notes.check(
        Rule::consumer_release_exactly_once, exactly_once, [] { return "each view released exactly once"; },
        [&] { return found; });
  if (!scenario.layout || consumed.raised || !consumed.bytes) return;
  const auto expected = elements_of(*scenario.layout);
  if (!expected) return;
  notes.check(
      Rule::consumer_data_elements_right, *consumed.bytes == *expected,
      [&] { return std::to_string(expected->size()) + " bytes: the elements in C order"; },
      [&] { return first_difference(*expected, *consumed.bytes); });
}

std::string text_of(Pointer pointer, std::string_view field) {
  switch (pointer) {
    case Pointer::null:
      return std::string(field) + " NULL";
    case Pointer::readable:
      return std::string(field) + " not NULL";
    case Pointer::untouched:
      return std::string(field) + " was not written";
    case Pointer::unreadable:
      return std::string(field) + " points at memory that cannot be read";
  }
  return {};
}

std::string text_of(const ssize* values, int ndim) {
  std::string text = "(";
  for (int i = 0; i < ndim && i < max_ndim; ++i) text += (i > 0 ? ", " : "") + std::to_string(values[i]);
  return text + (ndim == 1 ? ",)" : ")");
}

}  // namespace bufspec::judging
