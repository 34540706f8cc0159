#include "digest.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "probe.hpp"

namespace bufspec::engine {

namespace {

constexpr std::size_t read_at_once = std::size_t{1} << 17;  // stays in the cache
// Up to this distance every page between two elements holds one, so what lies between them is there, too.
constexpr ssize closest_steps = 2048;
// Of memory that is found by pointers: so many stretches are followed at most.
constexpr ssize most_stretches = ssize{1} << 20;
constexpr ssize most_bytes = ssize{1} << 32;  // of more, where each is shown many times, a sample has to do

// The digest of what came before and then these bytes.
std::uint64_t continued(std::uint64_t before, std::string_view bytes) noexcept {
  // Many words at a time, so that the multiplications overlap: memory is read as fast as it comes.
  constexpr std::uint64_t factor = 0x9e3779b97f4a7c15ULL;
  std::array<std::uint64_t, 8> lanes{};
  for (std::size_t n = 0; n < lanes.size(); ++n) lanes[n] = before + n;
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

// Takes the elements as they come, and digests them by chunks: how they came leaves no trace.
class Digest {
 public:
  // Where the next bytes are to be put, at least one and at most `wanted`.
  std::span<char> room(std::size_t wanted) {
    return std::span<char>(chunk_).subspan(used_).first(std::min(wanted, chunk_.size() - used_));
  }
  void filled(std::size_t bytes) {
    used_ += bytes;
    if (used_ == chunk_.size()) flush();
  }
  // Takes a whole chunk where it lies, if none has been begun; false, and nothing taken, where one has, or it is no chunk.
  bool take_in_place(std::span<const char> chunk) {
    if (used_ > 0 || chunk.size() != chunk_.size()) return false;
    digest_ = continued(digest_, {chunk.data(), chunk.size()});
    return true;
  }
  std::uint64_t end() {
    if (used_ > 0) flush();
    return digest_;
  }

 private:
  void flush() {
    digest_ = continued(digest_, {chunk_.data(), used_});
    used_ = 0;
  }

  std::vector<char> chunk_ = std::vector<char>(read_at_once);
  std::size_t used_ = 0;
  std::uint64_t digest_ = 0;
};

// How bytes are come by: from memory that may not be there, or from our own.
bool read_guarded(std::uintptr_t at, std::span<char> into) noexcept {
  return read_safely(reinterpret_cast<const void*>(at), into) == into.size();
}
bool read_own(std::uintptr_t at, std::span<char> into) noexcept {
  std::memcpy(into.data(), reinterpret_cast<const void*>(at), into.size());
  return true;
}
using Read = bool (*)(std::uintptr_t at, std::span<char> into) noexcept;

// Whether a byte of every page can be read.
bool probe_pages(std::uintptr_t at, std::size_t size) noexcept {
  constexpr std::size_t page = 4096;
  char read = 0;
  for (std::size_t from = 0; from < size; from += page - (at + from) % page)
    if (!read_guarded(at + from, {&read, 1})) return false;
  return true;
}

// AddressSanitizer takes each look at freed memory for a mistake of ours, but where the guarded copy looks.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool may_read_in_place = false;
#elif defined(__has_feature)
constexpr bool may_read_in_place = !__has_feature(address_sanitizer);
#else
constexpr bool may_read_in_place = true;
#endif

template <Read read>
bool read_stretch(std::uintptr_t at, std::size_t size, Digest& digest) {
  while (size > 0) {
    // What can be read is not copied first: nobody unmaps it while we look.
    const std::span<const char> chunk(reinterpret_cast<const char*>(at), std::min(size, read_at_once));
    if (chunk.size() == read_at_once && (read == read_own || (may_read_in_place && probe_pages(at, chunk.size()))) &&
        digest.take_in_place(chunk)) {
      at += chunk.size();
      size -= chunk.size();
      continue;
    }
    const std::span<char> into = digest.room(size);
    if (!read(at, into)) return false;
    digest.filled(into.size());
    at += into.size();
    size -= into.size();
  }
  return true;
}

// A dimension: its steps in the memory, and among the elements in C order.
struct Dimension {
  ssize extent;
  ssize stride;
  ssize owed;
};

// The dimensions of memory without pointers, turned and sorted so that a walk through them goes by ascending addresses.
struct Ordered {
  std::array<Dimension, max_ndim> dimensions;  // the fastest first
  std::size_t count = 0;
  ssize start = 0;  // from buf to the first element
  ssize owed_start = 0;  // from the first element in C order to that one
};

Ordered order_of(const Places& places) {
  Ordered ordered;
  ssize owed = places.itemsize;
  for (std::size_t d = static_cast<std::size_t>(places.ndim); d-- > 0; owed *= places.shape[d]) {
    if (places.shape[d] == 1) continue;
    Dimension one{places.shape[d], places.strides[d], owed};
    if (one.stride < 0) {
      ordered.start += one.stride * (one.extent - 1);
      ordered.owed_start += one.owed * (one.extent - 1);
      one.stride = -one.stride;
      one.owed = -one.owed;
    }
    ordered.dimensions[ordered.count++] = one;
  }
  const auto begin = ordered.dimensions.begin();
  std::sort(begin, begin + static_cast<std::ptrdiff_t>(ordered.count),
            [](const Dimension& one, const Dimension& other) {
              if (one.stride != other.stride) return one.stride < other.stride;
              return std::abs(one.owed) < std::abs(other.owed);  // of two that overlap, the last one first
            });
  return ordered;
}

// A way through the elements: pieces of `item` bytes each, the last step the fastest.
struct Walk {
  struct Step {
    ssize extent;
    ssize stride;
  };
  std::array<Step, max_ndim> steps;
  std::size_t count = 0;
  ssize start = 0;
  ssize item = 0;
};

// What goes on where the dimension before it ends is one with it.
Walk walk_of(const Ordered& ordered, ssize itemsize, ssize Dimension::* stride, ssize start) {
  Walk walk;
  walk.start = start;
  walk.item = itemsize;
  for (std::size_t d = 0; d < ordered.count; ++d) {
    const Walk::Step next{ordered.dimensions[d].extent, ordered.dimensions[d].*stride};
    Walk::Step* const last = walk.count > 0 ? &walk.steps[walk.count - 1] : nullptr;
    if (last == nullptr && next.stride == walk.item)
      walk.item *= next.extent;
    else if (last != nullptr && next.stride == last->stride * last->extent)
      last->extent *= next.extent;
    else
      walk.steps[walk.count++] = next;
  }
  std::reverse(walk.steps.begin(), walk.steps.begin() + static_cast<std::ptrdiff_t>(walk.count));
  return walk;
}

Walk walk_through(const Places& places) {
  const Ordered ordered = order_of(places);
  return walk_of(ordered, places.itemsize, &Dimension::stride, ordered.start);
}

// The same through elements that lie in C order.
Walk walk_owed(const Places& places) {
  if (places.suboffsets != nullptr) {
    Walk walk;
    walk.item = places.bytes;
    return walk;
  }
  const Ordered ordered = order_of(places);
  return walk_of(ordered, places.itemsize, &Dimension::owed, ordered.owed_start);
}

template <std::size_t size>
void pick(char* to, const char* from, std::size_t count, std::size_t step) noexcept {
  for (std::size_t n = 0; n < count; ++n) std::memcpy(to + n * size, from + n * step, size);
}

void pick_items(char* to, const char* from, std::size_t count, std::size_t size, std::size_t step) noexcept {
  switch (size) {
    case 1:
      return pick<1>(to, from, count, step);
    case 2:
      return pick<2>(to, from, count, step);
    case 4:
      return pick<4>(to, from, count, step);
    case 8:
      return pick<8>(to, from, count, step);
    default:
      for (std::size_t n = 0; n < count; ++n) std::memcpy(to + n * size, from + n * step, size);
  }
}

// One row of items with gaps between them, or that lie over each other.
class Row {
 public:
  [[nodiscard]] static bool can_read(ssize stride, ssize size) noexcept {
    return stride >= 0 && stride <= closest_steps && size <= closest_steps;
  }

  template <Read read_bytes>
  bool read(std::uintptr_t at, ssize count, ssize stride, std::size_t size, Digest& digest) {
    const auto step = static_cast<std::size_t>(stride);
    const std::size_t most = step == 0 ? read_at_once : (read_at_once - size) / step;
    for (auto left = static_cast<std::size_t>(count); left > 0;) {
      const std::size_t fit = digest.room(read_at_once).size() / size;
      const std::size_t now = std::min({left, most, std::max<std::size_t>(1, fit)});
      const std::span<char> span(span_.data(), (now - 1) * step + size);
      if (!read_bytes(at, span)) return false;
      if (fit == 0) {  // an item over the end of a chunk
        read_stretch<read_own>(reinterpret_cast<std::uintptr_t>(span_.data()), size, digest);
      } else {
        pick_items(digest.room(now * size).data(), span_.data(), now, size, step);
        digest.filled(now * size);
      }
      left -= now;
      at += now * step;
    }
    return true;
  }

 private:
  std::vector<char> span_ = std::vector<char>(read_at_once);
};

// Takes the elements, `from` being where the walk starts; false at the first that cannot be read.
template <Read read>
bool take(const Walk& walk, std::uintptr_t from, Digest& digest) {
  Row row;
  Extents index{};
  const bool has_rows = walk.count > 0 && Row::can_read(walk.steps[walk.count - 1].stride, walk.item);
  const std::size_t outer = has_rows ? walk.count - 1 : walk.count;
  const auto item = static_cast<std::size_t>(walk.item);
  std::uintptr_t at = moved(from, walk.start);
  for (;;) {
    const bool is_read = has_rows ? row.read<read>(at, walk.steps[outer].extent, walk.steps[outer].stride, item, digest)
                                  : read_stretch<read>(at, item, digest);
    if (!is_read) return false;
    std::size_t d = outer;
    while (d > 0 && index[d - 1] == walk.steps[d - 1].extent - 1) {
      --d;
      at = moved(at, -walk.steps[d].stride * index[d]);
      index[d] = 0;
    }
    if (d == 0) return true;
    ++index[d - 1];
    at = moved(at, walk.steps[d - 1].stride);
  }
}

// Takes the elements in C order, pointers followed; `bytes` lie in one piece.
bool follow(const Places& places, std::uintptr_t buf, ssize bytes, Digest& digest) {
  const ssize items = bytes / places.itemsize;
  Extents index{};
  for (ssize k = 0; k < places.count; k += items) {
    index_of_element(places, k, index);
    const std::uintptr_t at = place_of(places, buf, index);
    if (at == 0 || !read_stretch<read_guarded>(at, static_cast<std::size_t>(bytes), digest)) return false;
  }
  return true;
}

// How many bytes lie in one piece wherever the pointers lead.
ssize bytes_after_pointers(const Places& places) noexcept {
  ssize bytes = places.itemsize;
  for (std::size_t d = static_cast<std::size_t>(places.ndim); d-- > 0;) {
    if (places.suboffsets[d] >= 0 || (places.shape[d] > 1 && places.strides[d] != bytes)) break;
    bytes *= places.shape[d];
  }
  return bytes;
}

}  // namespace

std::optional<std::uint64_t> read_digest(const Places& places, std::uintptr_t buf, bool& is_readable) {
  Digest digest;
  is_readable = true;
  if (places.bytes > most_bytes) return std::nullopt;
  if (places.suboffsets != nullptr) {
    const ssize bytes = bytes_after_pointers(places);
    if (places.bytes / bytes > most_stretches) return std::nullopt;
    is_readable = follow(places, buf, bytes, digest);
  } else {
    is_readable = take<read_guarded>(walk_through(places), buf, digest);
  }
  return is_readable ? std::optional(digest.end()) : std::nullopt;
}

std::uint64_t digest_owed(const Places& places, std::string_view all_elements) {
  Digest digest;
  take<read_own>(walk_owed(places), reinterpret_cast<std::uintptr_t>(all_elements.data()), digest);
  return digest.end();
}

std::vector<ssize> digested_order(const Places& places) {
  const Walk walk = walk_owed(places);
  std::vector<ssize> order{walk.start, walk.item};
  for (std::size_t d = 0; d < walk.count; ++d) order.insert(order.end(), {walk.steps[d].extent, walk.steps[d].stride});
  return order;
}

}  // namespace bufspec::engine
