#include "reading.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "bufspec/flags.hpp"
#include "suites/engine/observe/probe.hpp"

namespace bufspec::mutants::consumers {

namespace {

// The view as a mutant takes it: with the mistakes that concern its numbers already made.
struct Walk {
  char* buf = nullptr;
  Py_ssize_t itemsize = 1;
  bool is_fortran = false;
  bool is_careful = false;  // an address may be wrong
  unsigned wrongly = 0;
  std::vector<Py_ssize_t> shape, strides, suboffsets;  // suboffsets empty: there are none

  [[nodiscard]] Py_ssize_t count() const {
    Py_ssize_t made = 1;
    for (const Py_ssize_t extent : shape) made *= extent;
    return made;
  }
  [[nodiscard]] bool wrong(unsigned how) const noexcept { return (wrongly & how) != 0; }
};

std::vector<Py_ssize_t> strides_of(const Py_buffer& view, bool is_fortran) {
  std::vector<Py_ssize_t> made(static_cast<std::size_t>(view.ndim));
  Py_ssize_t step = view.itemsize;
  for (std::size_t k = 0; k < made.size(); ++k) {
    const std::size_t i = is_fortran ? k : made.size() - 1 - k;
    made[i] = step;
    step *= view.shape[i];
  }
  return made;
}

Walk in_one_piece(const Py_buffer& view, Py_ssize_t itemsize, unsigned wrongly) {
  Walk walk;
  walk.buf = static_cast<char*>(view.buf);
  walk.itemsize = itemsize;
  walk.wrongly = wrongly;
  walk.is_careful = wrongly != 0;
  walk.shape = {itemsize > 0 ? view.len / itemsize : 0};
  walk.strides = {itemsize};
  return walk;
}

Py_ssize_t mistaken_stride(Py_ssize_t stride, Py_ssize_t itemsize, unsigned wrongly) {
  if ((wrongly & misread::absolute_strides) != 0 && stride < 0 && stride != PY_SSIZE_T_MIN) stride = -stride;
  if ((wrongly & misread::zero_stride_as_item) != 0 && stride == 0) stride = itemsize;
  if ((wrongly & misread::strides_in_items) != 0 && itemsize > 0) stride = stride / itemsize * itemsize;
  if ((wrongly & misread::strides_16) != 0) stride = static_cast<std::uint16_t>(stride);
  return stride;
}

Walk walk_of(const Py_buffer& view, int word, unsigned wrongly) {
  constexpr std::size_t few = 8;
  if (view.shape == nullptr && !has(word, flag::ND)) {
    Walk walk = in_one_piece(view, 1, wrongly);
    if (walk.wrong(misread::of_itemsize) && view.itemsize > 0) walk.shape[0] = view.len / view.itemsize;
    return walk;
  }
  if ((wrongly & misread::linear) != 0) return in_one_piece(view, 1, wrongly);
  if ((wrongly & misread::trusts_len) != 0 && is_in_c_order(view)) return in_one_piece(view, view.itemsize, wrongly);
  Walk walk;
  walk.buf = static_cast<char*>(view.buf);
  walk.itemsize = view.itemsize;
  walk.wrongly = wrongly;
  walk.is_careful = wrongly != 0;
  if (view.ndim == 0) return walk;
  walk.shape.assign(view.shape, view.shape + view.ndim);
  walk.strides = view.strides != nullptr ? std::vector<Py_ssize_t>(view.strides, view.strides + view.ndim)
                                         : strides_of(view, (wrongly & misread::fortran_without_strides) != 0);
  if (view.suboffsets != nullptr && !walk.wrong(misread::no_suboffsets))
    walk.suboffsets.assign(view.suboffsets, view.suboffsets + view.ndim);
  for (Py_ssize_t& stride : walk.strides) stride = mistaken_stride(stride, view.itemsize, wrongly);
  walk.is_fortran = walk.wrong(misread::fortran);
  if (walk.wrong(misread::first_extent)) {
    for (std::size_t i = 1; i < walk.shape.size(); ++i) walk.shape[i] = std::min<Py_ssize_t>(walk.shape[i], 1);
  }
  if (walk.wrong(misread::eight_dimensions)) {
    for (std::size_t i = few; i < walk.shape.size(); ++i) walk.shape[i] = std::min<Py_ssize_t>(walk.shape[i], 1);
  }
  if (walk.wrong(misread::reads_nothing)) {
    for (Py_ssize_t& extent : walk.shape) extent = std::max<Py_ssize_t>(extent, 1);
  }
  return walk;
}

char* follow(char* address, Py_ssize_t suboffset, const Walk& walk) {
  char* pointer = nullptr;
  if (walk.is_careful)
    (void)engine::read_safely(address, {reinterpret_cast<char*>(&pointer), sizeof pointer});
  else
    std::memcpy(static_cast<void*>(&pointer), address, sizeof pointer);
  return pointer + suboffset;
}

// The sum of two addresses, which may be no addresses at all.
char* moved(char* address, Py_ssize_t index, Py_ssize_t stride) noexcept {
  const auto offset = static_cast<std::uintptr_t>(index) * static_cast<std::uintptr_t>(stride);
  return reinterpret_cast<char*>(reinterpret_cast<std::uintptr_t>(address) + offset);
}

char* address_of(const Walk& walk, const std::vector<Py_ssize_t>& index) {
  char* address = walk.buf;
  for (std::size_t i = 0; i < walk.shape.size(); ++i) {
    const bool steps_off = walk.wrong(misread::extent_one) && walk.shape[i] == 1;
    address = moved(address, steps_off ? 1 : index[i], walk.strides[i]);
    if (walk.suboffsets.empty()) continue;
    if (walk.suboffsets[i] >= 0 || walk.wrong(misread::negative_followed))
      address = follow(address, walk.suboffsets[i], walk);
  }
  if (!walk.wrong(misread::rounded_down) || walk.itemsize <= 0) return address;
  constexpr std::size_t largest = 8;
  const std::size_t size = std::min(std::bit_floor(static_cast<std::size_t>(walk.itemsize)), largest);
  return reinterpret_cast<char*>(reinterpret_cast<std::uintptr_t>(address) & ~static_cast<std::uintptr_t>(size - 1));
}

bool advance(const Walk& walk, std::vector<Py_ssize_t>& index) {
  const std::size_t ndim = index.size();
  for (std::size_t k = 0; k < ndim; ++k) {
    const std::size_t i = walk.is_fortran ? k : ndim - 1 - k;
    if (++index[i] < walk.shape[i]) return true;
    index[i] = 0;
  }
  return false;
}

// Calls `visit` with the address of each element in order.
template <typename Visit>
void each_element(const Walk& walk, const Visit& visit) {
  if (walk.count() <= 0) return;
  std::vector<Py_ssize_t> index(walk.shape.size());
  do visit(address_of(walk, index));
  while (advance(walk, index));
}

char pattern(std::size_t k) noexcept {
  constexpr std::size_t step = 7;
  return static_cast<char>(k * step + 1);
}

// The bytes from the lowest to the highest of all elements; none for memory that is reached through pointers.
struct Span {
  char* low = nullptr;
  char* high = nullptr;
};

Span span_of(const Py_buffer& view) {
  const Walk walk = walk_of(view, view.shape == nullptr ? 0 : flag::FULL_RO, 0);
  Span span;
  each_element(walk, [&](char* element) {
    if (span.low == nullptr || element < span.low) span.low = element;
    if (element + walk.itemsize > span.high) span.high = element + walk.itemsize;
  });
  return span;
}

}  // namespace

DetachedView::DetachedView(const Py_buffer& view) : view_(view) {
  const auto copied = [&](std::vector<Py_ssize_t>& place, Py_ssize_t*& field) {
    if (field == nullptr) return;
    place.assign(field, field + view.ndim);
    field = place.data();
  };
  copied(shape_, view_.shape);
  copied(strides_, view_.strides);
  copied(suboffsets_, view_.suboffsets);
  view_.obj = nullptr;
  if (view_.format == nullptr) return;
  format_ = view_.format;
  view_.format = format_.data();
}

std::string elements_of_view(const Py_buffer& view, int word, unsigned wrongly) {
  const Walk walk = walk_of(view, word, wrongly);
  const auto size = static_cast<std::size_t>(walk.itemsize);
  std::string made;
  std::string item(size, '\0');
  long number = 0;
  each_element(walk, [&](char* element) {
    std::fill(item.begin(), item.end(), '\0');
    if (walk.is_careful)
      (void)engine::read_safely(element, item);
    else
      std::copy_n(element, size, item.begin());
    if (walk.wrong(misread::swapped)) std::reverse(item.begin(), item.end());
    if (walk.wrong(misread::low_half)) std::fill(item.begin() + (walk.itemsize + 1) / 2, item.end(), '\0');
    if (!walk.wrong(misread::halved) || number % 2 == 0) made += item;
    ++number;
  });
  if (walk.wrong(misread::one_short)) made.resize(made.size() - std::min(made.size(), size));
  if (walk.wrong(misread::count_as_bytes) && size > 0) made.resize(made.size() / size);
  return made;
}

void fill_view(const Py_buffer& view, int word, unsigned wrongly) {
  const Walk walk = walk_of(view, word, wrongly);
  std::vector<char> item(static_cast<std::size_t>(walk.itemsize));
  std::size_t k = 0;
  const auto last = static_cast<std::size_t>(walk.count() * walk.itemsize);
  const Span span = walk.is_careful && view.suboffsets == nullptr ? span_of(view) : Span{};
  each_element(walk, [&](char* element) {
    for (char& one : item) one = pattern(k++);
    if (walk.wrong(misread::swapped)) std::reverse(item.begin(), item.end());
    if (walk.wrong(misread::one_short) && k == last) return;
    if (walk.wrong(misread::count_as_bytes) && k > static_cast<std::size_t>(walk.count())) return;
    if (!walk.is_careful)
      std::copy(item.begin(), item.end(), element);  // not memcpy: items of no bytes have no address
    else if (element >= span.low && element + item.size() <= span.high)
      (void)engine::write_safely(element, item);
  });
}

void write_gaps(const Py_buffer& view) {
  if (view.suboffsets != nullptr) return;
  const Span span = span_of(view);
  if (span.low == nullptr) return;
  std::vector<bool> is_of_element(static_cast<std::size_t>(span.high - span.low));
  const Walk walk = walk_of(view, view.shape == nullptr ? 0 : flag::FULL_RO, 0);
  each_element(walk,
               [&](char* element) { std::fill_n(is_of_element.begin() + (element - span.low), walk.itemsize, true); });
  for (std::size_t i = 0; i < is_of_element.size(); ++i) {
    char byte = 0;
    if (is_of_element[i] || engine::read_safely(span.low + i, {&byte, 1}) != 1) continue;
    byte = static_cast<char>(~byte);
    (void)engine::write_safely(span.low + i, {&byte, 1});
  }
}

void touch(const Py_buffer& view, Py_ssize_t by) {
  const Span span = span_of(view);
  if (span.low == nullptr) return;
  const volatile char* place = by < 0 ? span.low + by : span.high + by;
  (void)*place;
}

void write_back(const Py_buffer& view) {
  if (elements_in(view) == 0) return;
  volatile char* place = static_cast<char*>(view.buf);
  *place = *place;
}

Py_ssize_t elements_in(const Py_buffer& view) {
  if (view.shape == nullptr) return view.ndim == 0 ? 1 : view.len;
  Py_ssize_t made = 1;
  for (int i = 0; i < view.ndim; ++i) made *= view.shape[i];
  return made;
}

bool is_in_c_order(const Py_buffer& view) {
  if (view.suboffsets != nullptr) return false;
  if (view.strides == nullptr || view.shape == nullptr || elements_in(view) == 0) return true;
  const std::vector<Py_ssize_t> wanted = strides_of(view, false);
  for (int i = 0; i < view.ndim; ++i)
    if (view.shape[i] != 1 && view.strides[i] != wanted[static_cast<std::size_t>(i)]) return false;
  return true;
}

bool has_zero_byte(const Py_buffer& view) {
  const char* const first = static_cast<const char*>(view.buf);
  return is_in_c_order(view) && elements_in(view) > 0 && std::find(first, first + view.len, '\0') != first + view.len;
}

}  // namespace bufspec::mutants::consumers
