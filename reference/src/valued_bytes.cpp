// Which bytes of an item have a value?  Those between members, and behind the last one, have none: who copies member by
// member leaves them as they were.
#include <algorithm>

#include "bufspec/format.hpp"
#include "bufspec/misreadings.hpp"

namespace bufspec {

namespace {

// A few letters can describe more members than can be visited.
constexpr long most_members = 100'000;

ssize bytes_of(const FormatItem& item) noexcept {
  return item.kind == FormatKind::bits ? (item.bit + item.size + 7) / 8 : item.size;
}

// Marks the members from `first` to `end`; false if there are too many.
bool mark(const Format& format, std::size_t first, std::size_t end, ssize base, std::string& valued, long& left) {
  const auto size = static_cast<ssize>(valued.size());
  for (std::size_t at = first; at < end; at = format.items[at].end) {
    const FormatItem& member = format.items[at];
    if (member.kind == FormatKind::pad) continue;
    for (ssize k = 0; k < member.count; ++k) {
      if (--left < 0) return false;
      const ssize place = base + member.offset + k * member.stride;
      if (member.kind == FormatKind::structure) {
        if (!mark(format, at + 1, member.end, place, valued, left)) return false;
        continue;
      }
      const ssize past = std::min(place + bytes_of(member), size);
      if (place >= 0 && place < past) std::fill(valued.begin() + place, valued.begin() + past, '\1');
    }
  }
  return true;
}

}  // namespace

std::string valued_bytes(std::string_view format, ssize itemsize) {
  const auto parsed = parse_format(format);
  if (!parsed.ok() || parsed.value.whole.size != itemsize || itemsize < 1) return {};
  std::string valued(static_cast<std::size_t>(itemsize), '\0');
  long left = most_members;
  if (!mark(parsed.value, 0, parsed.value.items.size(), 0, valued, left)) return {};
  return valued.find('\0') == std::string::npos ? std::string() : valued;
}

bool agree_in_values(std::string_view left, std::string_view right, std::string_view valued) noexcept {
  if (valued.empty() || left.size() != right.size()) return left == right;
  for (std::size_t at = 0; at < left.size(); ++at)
    if (left[at] != right[at] && valued[at % valued.size()] != 0) return false;
  return true;
}

std::string bytes_owed(const Consumed& consumed, const Layout& layout) {
  const bool knows_format = std::any_of(consumed.requests.begin(), consumed.requests.end(),
                                        [](const auto& one) { return one.granted && has(one.flags, flag::FORMAT); });
  return knows_format ? valued_bytes(layout.format, layout.itemsize) : std::string();
}

}  // namespace bufspec
