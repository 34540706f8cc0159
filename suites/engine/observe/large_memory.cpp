#include "large_memory.hpp"

#include <algorithm>
#include <span>

#include "probe.hpp"

namespace bufspec::engine {

namespace {

// Of memory that is larger than what is kept: so many bytes at both ends, and some at places between.
constexpr std::size_t sampled_places = 62;
constexpr std::size_t sampled_bytes = 16;

// A stretch of the bytes of all elements in C order.
struct Sampled {
  std::size_t at;
  std::size_t size;
};

// Where memory of so many bytes is compared; the same for every view of it.  Requires more than largest_kept_memory.
template <typename Visit>
void visit_samples(std::size_t bytes, Visit visit) {
  visit(Sampled{0, sampled_edge});
  const std::size_t between = bytes - 2 * sampled_edge - sampled_bytes;
  for (std::size_t n = 0; n < sampled_places; ++n)
    visit(Sampled{sampled_edge + between / (sampled_places - 1) * n, sampled_bytes});
  visit(Sampled{bytes - sampled_edge, sampled_edge});
}

// Reads a stretch of the bytes of all elements in C order; false at the first that cannot be read.
bool read_stretch(const Places& places, std::uintptr_t buf, std::size_t from, std::span<char> into) {
  const auto itemsize = static_cast<std::size_t>(places.itemsize);
  Extents index{};
  while (!into.empty()) {
    const std::size_t inside = from % itemsize;
    const std::span<char> part = into.first(std::min(into.size(), itemsize - inside));
    index_of_element(places, static_cast<ssize>(from / itemsize), index);
    const std::uintptr_t at = place_of(places, buf, index);
    if (at == 0 || read_safely(reinterpret_cast<const void*>(at + inside), part) != part.size()) return false;
    from += part.size();
    into = into.subspan(part.size());
  }
  return true;
}

}  // namespace

std::string sample_of(std::string_view all_elements) {
  std::string sample;
  visit_samples(all_elements.size(), [&](Sampled one) { sample.append(all_elements.substr(one.at, one.size)); });
  return sample;
}

bool read_sample(const Places& places, std::uintptr_t buf, std::string& elements) {
  bool is_readable = true;
  const bool is_one_stretch = lie_in_c_order(places);
  visit_samples(static_cast<std::size_t>(places.bytes), [&](Sampled one) {
    if (!is_readable) return;
    const std::size_t at = elements.size();
    elements.resize(at + one.size);
    const std::span<char> into(elements.data() + at, one.size);
    if (is_one_stretch)
      is_readable = read_safely(reinterpret_cast<const void*>(buf + one.at), into) == into.size();
    else
      is_readable = read_stretch(places, buf, one.at, into);
  });
  return is_readable;
}

}  // namespace bufspec::engine
