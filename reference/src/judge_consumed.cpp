// Judging a consumer by what our exporter saw of it and what it returned.
#include <optional>

#include "bufspec/exporter.hpp"
#include "judge_parts.hpp"

namespace bufspec::judging {

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
  if (!scenario.layout || consumed.result == Compared::not_compared) return;
  notes.check(
      Rule::consumer_data_elements_right, consumed.result == Compared::right, [&] { return consumed.expected; },
      [&] { return consumed.found; });
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
