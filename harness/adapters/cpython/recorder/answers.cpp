// What did a request leave in the struct?  Most answers are like one before them; each is written once.
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string>
#include <unordered_map>

#include "bufspec/flags.hpp"
#include "definitions.hpp"
#include "record_file.hpp"

namespace bufspec::recorder {

namespace {

constexpr std::size_t longest_format = 1023;
constexpr int most_dimensions = max_ndim;
constexpr std::size_t largest_answer = sizeof(AnswerHead) + 3 * sizeof(std::int64_t) * most_dimensions + longest_format;
constexpr std::size_t most_answers = 1 << 20;

struct Bytes {
  alignas(8) std::array<unsigned char, largest_answer + 8> data;
  std::size_t size = 0;

  void add(const void* from, std::size_t count) noexcept {
    std::memcpy(data.data() + size, from, count);
    size += count;
  }
};

std::uint64_t hash_of(const Bytes& bytes) noexcept {
  std::uint64_t hash = bytes.size;
  for (std::size_t at = 0; at < bytes.size; at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data.data() + at, sizeof word);  // what is behind the end is zero
    hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 32;
  }
  return hash;
}

struct Known {
  std::string bytes;
  std::uint64_t number;
};
std::unordered_multimap<std::uint64_t, Known>& known() {
  static auto* const all = new std::unordered_multimap<std::uint64_t, Known>;  // lives on while the process ends
  return *all;
}
std::uint64_t count = 0;

// Copies what may not be there.
bool read_safely(const void* from, void* to, std::size_t size) noexcept {
  const iovec local{to, size};
  const iovec remote{const_cast<void*>(from), size};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

// An array that nobody asked for: one byte says whether it can be read, its entries follow.
unsigned char* put_unasked(unsigned char* to, const Py_ssize_t* array, int ndim) noexcept {
  std::array<Py_ssize_t, most_dimensions> entries;
  const auto size = static_cast<std::size_t>(ndim) * sizeof(Py_ssize_t);
  const bool is_readable = read_safely(array, entries.data(), size);
  *to++ = is_readable ? 1 : 0;
  return is_readable ? std::copy_n(reinterpret_cast<const unsigned char*>(entries.data()), size, to) : to;
}

// A format that nobody asked for, byte by byte: where it ends is not known.
unsigned char* put_unasked(unsigned char* to, const char* format) noexcept {
  std::array<char, 64> text;
  std::size_t size = 0;
  while (size < text.size() && read_safely(format + size, &text[size], 1) && text[size] != 0) ++size;
  const bool has_end = size < text.size() && read_safely(format + size, &text[size], 1);
  *to++ = has_end ? 1 : 0;
  return has_end ? put(to, std::string_view(text.data(), size)) : to;
}

// What is to be compared of the answer: of what was not asked for only whether it is there.
void fill(Bytes& bytes, const Py_buffer& view, int word, int status, std::uint8_t owner, std::uint64_t exception,
          bool had_exception) noexcept {
  AnswerHead head{};
  head.word = word;
  head.status = status;
  head.owner = owner;
  head.exception = static_cast<std::uint16_t>(exception);
  if (had_exception) head.set |= answer_bit::exception_before;
  bytes.size = sizeof head;
  if (status == 0) {
    head.readonly = view.readonly;
    head.ndim = view.ndim;
    head.len = view.len;
    head.itemsize = view.itemsize;
    const bool is_bounded = view.ndim >= 0 && view.ndim <= most_dimensions;
    const auto array = [&](const Py_ssize_t* values, std::uint8_t bit, int flag) {
      if (values == nullptr) return;
      head.set |= bit;
      if (!is_bounded || (word & flag) != flag) return;
      head.read |= bit;
      bytes.add(values, static_cast<std::size_t>(view.ndim) * sizeof *values);
    };
    if (view.buf != nullptr) head.set |= answer_bit::buf;
    array(view.shape, answer_bit::shape, flag::ND);
    array(view.strides, answer_bit::strides, flag::STRIDES);
    array(view.suboffsets, answer_bit::suboffsets, flag::INDIRECT);
    if (view.format != nullptr) {
      head.set |= answer_bit::format;
      if ((word & flag::FORMAT) != 0) {
        const std::size_t size = strnlen(view.format, longest_format + 1);
        if (size > longest_format) head.set |= answer_bit::format_cut;
        head.read |= answer_bit::format;
        head.format_size = static_cast<std::uint16_t>(std::min(size, longest_format));
        bytes.add(view.format, head.format_size);
      }
    }
  }
  std::memcpy(bytes.data.data(), &head, sizeof head);
  std::memset(bytes.data.data() + bytes.size, 0, 8);
}

bool define(const Bytes& bytes, const Py_buffer& view) noexcept {
  unsigned char* to = open_event();
  if (to == nullptr) return false;
  AnswerHead head;
  std::memcpy(&head, bytes.data.data(), sizeof head);
  to = put(to, bytes.size);
  to = std::copy_n(bytes.data.data(), bytes.size, to);
  const int ndim = head.ndim >= 0 && head.ndim <= most_dimensions ? head.ndim : 0;
  const auto unasked = static_cast<std::uint8_t>(head.set & ~head.read);
  if ((unasked & answer_bit::shape) != 0) to = put_unasked(to, view.shape, ndim);
  if ((unasked & answer_bit::strides) != 0) to = put_unasked(to, view.strides, ndim);
  if ((unasked & answer_bit::suboffsets) != 0) to = put_unasked(to, view.suboffsets, ndim);
  if ((unasked & answer_bit::format) != 0) to = put_unasked(to, view.format);
  close_event(kind::answer, to);
  return true;
}

}  // namespace

std::uint64_t number_of_answer(const Py_buffer& view, int word, int status, std::uint8_t owner, std::uint64_t exception,
                               bool had_exception) noexcept {
  static Bytes bytes;  // used under the lock
  static Bytes last;
  static std::uint64_t last_number = 0;
  fill(bytes, view, word, status, owner, exception, had_exception);
  if (last_number != 0 && last_number <= count && bytes.size == last.size &&
      std::memcmp(bytes.data.data(), last.data.data(), bytes.size) == 0)
    return last_number;
  const std::uint64_t hash = hash_of(bytes);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data.data()), bytes.size);
  const auto remember = [&](std::uint64_t number) {
    std::memcpy(last.data.data(), bytes.data.data(), bytes.size);
    last.size = bytes.size;
    return last_number = number;
  };
  const auto [first, end] = known().equal_range(hash);
  for (auto one = first; one != end; ++one)
    if (one->second.bytes == text) return remember(one->second.number);
  if (!define(bytes, view)) return 0;
  ++count;
  try {
    if (known().size() < most_answers) known().emplace(hash, Known{std::string(text), count});
  } catch (const std::bad_alloc&) {
    // It is defined again when it comes again.
  }
  return remember(count);
}

void forget_answers() noexcept {
  known().clear();
  count = 0;
}

}  // namespace bufspec::recorder
