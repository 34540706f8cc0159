#include "large_memory.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "probe.hpp"

namespace bufspec::engine {

namespace {

// Of memory that is larger than what is kept: so many bytes at both ends, and some at places between.
constexpr std::size_t sampled_edge = 1024;
constexpr std::size_t sampled_places = 62;
constexpr std::size_t sampled_bytes = 16;
constexpr std::size_t read_at_once = std::size_t{1} << 17;  // stays in the cache

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

// The digest of what came before and then these bytes.
std::uint64_t continued(std::uint64_t before, std::string_view bytes) noexcept {
  // Four words at a time, so that the multiplications overlap: memory is read as fast as it comes.
  constexpr std::uint64_t factor = 0x9e3779b97f4a7c15ULL;
  std::array<std::uint64_t, 4> lanes{before, before + 1, before + 2, before + 3};
  std::size_t at = 0;
  for (; at + sizeof lanes <= bytes.size(); at += sizeof lanes)
    for (std::size_t n = 0; n < lanes.size(); ++n) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at + n * sizeof word, sizeof word);
      lanes[n] = (lanes[n] ^ word) * factor;
      lanes[n] ^= lanes[n] >> 32;
    }
  std::uint64_t digest = bytes.size();
  for (const std::uint64_t lane : lanes) digest = (digest ^ lane) * factor ^ (digest >> 29);
  for (; at < bytes.size(); ++at) digest = (digest ^ static_cast<unsigned char>(bytes[at])) * factor;
  return digest ^ (digest >> 32);
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

std::optional<std::uint64_t> read_digest(std::uintptr_t at, std::size_t size) {
  std::vector<char> chunk(std::min(size, read_at_once));
  std::uint64_t digest = 0;
  while (size > 0) {
    const std::span<char> into(chunk.data(), std::min(size, chunk.size()));
    if (read_safely(reinterpret_cast<const void*>(at), into) != into.size()) return std::nullopt;
    digest = continued(digest, {into.data(), into.size()});
    at += into.size();
    size -= into.size();
  }
  return digest;
}

bool probe_pages(std::uintptr_t at, std::size_t size) {
  constexpr std::size_t page = 4096;
  char read = 0;
  for (std::size_t from = 0; from < size; from += page - (at + from) % page)
    if (read_safely(reinterpret_cast<const void*>(at + from), {&read, 1}) != 1) return false;
  return true;
}

std::uint64_t digest_of(std::string_view all_elements) noexcept {
  std::uint64_t digest = 0;
  for (; !all_elements.empty(); all_elements.remove_prefix(std::min(all_elements.size(), read_at_once)))
    digest = continued(digest, all_elements.substr(0, read_at_once));
  return digest;
}

}  // namespace bufspec::engine
