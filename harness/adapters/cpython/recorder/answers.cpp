// What did a request leave in the struct?  Most answers are like one before them; each is written once.
#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bufspec/flags.hpp"
#include "definitions.hpp"
#include "readable.hpp"
#include "record_file.hpp"

namespace bufspec::recorder {

namespace {

constexpr std::size_t longest_format = 1023;
constexpr int most_dimensions = max_ndim;
constexpr std::size_t largest_answer = sizeof(AnswerHead) + 3 * sizeof(std::int64_t) * most_dimensions + longest_format;
constexpr std::size_t most_answers = 1 << 20;

// An answer as it is compared, word by word: AnswerHead, then what follows it, filled up with zeros.
struct Words {
  std::array<std::uint64_t, largest_answer / sizeof(std::uint64_t) + 1> data;
  std::size_t count = 0;
  std::size_t size = 0;  // in bytes
  std::uint64_t hash = 0;

  void add(std::uint64_t word) noexcept {
    data[count++] = word;
    hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 32;
  }
  void add(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      const std::size_t end = std::min(at + sizeof word, text.size());
      for (std::size_t i = end; i-- > at;) word = word << 8 | static_cast<unsigned char>(text[i]);
      add(word);
    }
  }
  [[nodiscard]] bool is(const std::vector<std::uint64_t>& other) const noexcept {
    return other.size() == count && std::equal(other.begin(), other.end(), data.begin());
  }
};

struct Known {
  std::vector<std::uint64_t> words;
  std::uint64_t number;
};
std::unordered_multimap<std::uint64_t, Known>& known() {
  static auto* const all = new std::unordered_multimap<std::uint64_t, Known>;  // lives on while the process ends
  return *all;
}
std::uint64_t count = 0;

// The answers that came last, each where its hash leads.
constexpr std::size_t recent_count = 4096;
std::array<const Known*, recent_count> recent;

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

// What is to be compared of the answer: of what was not asked for only whether it is there.  Returns answer_bit::* of what was read.
std::uint8_t fill(Words& words, const Py_buffer& view, const AnswerHead& said) noexcept {
  AnswerHead head = said;
  const bool is_granted = head.status == 0;
  const bool is_bounded = is_granted && view.ndim >= 0 && view.ndim <= most_dimensions;
  std::string_view format;
  const auto look = [&](const void* value, std::uint8_t bit, bool is_asked) {
    if (value == nullptr) return;
    head.set |= bit;
    if (is_asked) head.read |= bit;
  };
  if (is_granted) {
    const auto asks = [&](int flag) { return (head.word & flag) == flag; };
    const auto array = [&](const Py_ssize_t* values, std::uint8_t bit, int flag) {
      const bool is_asked = is_bounded && asks(flag);
      look(values, bit, is_asked && is_readable(values, static_cast<std::size_t>(view.ndim) * sizeof *values));
    };
    look(view.buf, answer_bit::buf, false);
    array(view.shape, answer_bit::shape, flag::ND);
    array(view.strides, answer_bit::strides, flag::STRIDES);
    array(view.suboffsets, answer_bit::suboffsets, flag::INDIRECT);
    const auto text =
        view.format != nullptr && asks(flag::FORMAT) ? readable_text(view.format, longest_format + 1) : std::nullopt;
    look(view.format, answer_bit::format, text.has_value());
    if (text && text->size() > longest_format) head.set |= answer_bit::format_cut;
    if (text) format = text->substr(0, longest_format);
  }
  // Word by word, as AnswerHead lies in memory.
  const auto pair = [](std::int32_t low, std::int32_t high) {
    return static_cast<std::uint32_t>(low) | std::uint64_t{static_cast<std::uint32_t>(high)} << 32;
  };
  words.count = 0;
  words.hash = 0;
  words.add(pair(head.word, head.status));
  words.add(is_granted ? pair(view.readonly, view.ndim) : 0);
  words.add(is_granted ? static_cast<std::uint64_t>(view.len) : 0);
  words.add(is_granted ? static_cast<std::uint64_t>(view.itemsize) : 0);
  words.add(std::uint64_t{head.exception} | std::uint64_t{format.size()} << 16 | std::uint64_t{head.set} << 32 |
            std::uint64_t{head.owner} << 40 | std::uint64_t{head.read} << 48);
  const auto array = [&](const Py_ssize_t* values, std::uint8_t bit) {
    if ((head.read & bit) == 0) return;
    for (int i = 0; i < view.ndim; ++i) words.add(static_cast<std::uint64_t>(values[i]));
  };
  array(view.shape, answer_bit::shape);
  array(view.strides, answer_bit::strides);
  array(view.suboffsets, answer_bit::suboffsets);
  words.size = words.count * sizeof(std::uint64_t) + format.size();
  words.add(format);
  return head.read;
}

bool define(const Words& words, const Py_buffer& view) noexcept {
  unsigned char* to = open_event();
  if (to == nullptr) return false;
  AnswerHead head;
  std::memcpy(&head, words.data.data(), sizeof head);
  to = put(to, words.size);
  to = std::copy_n(reinterpret_cast<const unsigned char*>(words.data.data()), words.size, to);
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

AnswerNumber number_of_answer(const Py_buffer& view, const AnswerHead& said) noexcept {
  Words words;
  const std::uint8_t read = fill(words, view, said);
  const Known*& last = recent[words.hash % recent_count];
  if (last != nullptr && words.is(last->words)) return {last->number, read};
  const auto [first, end] = known().equal_range(words.hash);
  for (auto one = first; one != end; ++one)
    if (words.is(one->second.words)) return {(last = &one->second)->number, read};
  if (!define(words, view)) return {};
  ++count;
  try {
    const auto until = words.data.begin() + static_cast<std::ptrdiff_t>(words.count);
    if (known().size() < most_answers)
      last = &known().emplace(words.hash, Known{{words.data.begin(), until}, count})->second;
  } catch (const std::bad_alloc&) {
    last = nullptr;  // it is defined again when it comes again
  }
  return {count, read};
}

void forget_answers() noexcept {
  known().clear();
  recent.fill(nullptr);
  count = 0;
}

}  // namespace bufspec::recorder
