// Copies nobody thought of: do the functions that copy elements move each of them, in the order that was asked for, and
// nothing else?  Needs no subject; judges the reference alone.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "drawn.hpp"
#include "memory.hpp"

namespace {

using bufspec::Buffer;
using bufspec::Error;
using bufspec::Exporter;
using bufspec::Layout;
using bufspec::ssize;
using bufspec::fuzz::must_hold;

constexpr char orders[]{'C', 'F', 'A'};

// What a copy in that order must be, by walking.
std::vector<char> walked(const Buffer& view, char order) {
  // A gap-free memory is copied as it lies; what is contiguous in no order is copied in C order.
  const bool is_fortran = order == 'F' || (order == 'A' && bufspec::is_contiguous(view, 'F'));
  return bufspec::fuzz::bytes_at(bufspec::fuzz::places_of(view, is_fortran), view.itemsize);
}

std::vector<char> copied(const Buffer& view, char order) {
  std::vector<char> bytes(static_cast<std::size_t>(view.len));
  must_hold(bufspec::to_contiguous(bytes, view, order).ok(), "a memory that exists can be copied");
  return bytes;
}

void check_to(const Buffer& view) {
  for (const char order : orders)
    must_hold(copied(view, order) == walked(view, order), "a copy has the elements in order");
  std::vector<char> longer(static_cast<std::size_t>(view.len) + 1);
  must_hold(bufspec::to_contiguous(longer, view, 'C').error == Error::value_error,
            "a copy has the length of the memory");
}

// Copies bytes into the memory, and back.
void check_from(const Exporter& exporter, const Buffer& view, char order, std::size_t length, std::uint8_t seed) {
  const auto size = static_cast<std::size_t>(view.len);
  const auto item = static_cast<std::size_t>(view.itemsize);
  const bool is_shared = bufspec::fuzz::share_memory(bufspec::fuzz::places_of(view), view.itemsize);
  std::vector<char> source(length);
  for (std::size_t i = 0; i < length; ++i) source[i] = static_cast<char>(seed + 7 * i);
  const std::vector<char> before = copied(view, order);
  const std::vector<char> block(exporter.block().begin(), exporter.block().end());
  must_hold(bufspec::from_contiguous(view, source, order).ok(), "a memory that exists can be filled");
  const std::vector<char> after = copied(view, order);
  if (!is_shared) {
    std::size_t taken = std::min(length, size);
    const bool is_straight = bufspec::is_contiguous(view, order);
    if (!is_straight && item > 0) taken -= taken % item;
    must_hold(std::equal(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(taken), source.begin()),
              "a memory that was filled holds what it was filled with");
    must_hold(std::equal(after.begin() + static_cast<std::ptrdiff_t>(taken), after.end(),
                         before.begin() + static_cast<std::ptrdiff_t>(taken)),
              "elements for which there were no bytes stay");
  } else {
    must_hold(bufspec::from_contiguous(view, after, order).ok() && copied(view, order) == after,
              "filling a memory with its own elements changes nothing");
  }
  if (view.suboffsets != nullptr) return;
  std::vector<bool> is_element(block.size());
  for (const char* place : bufspec::fuzz::places_of(view))
    for (ssize i = 0; i < view.itemsize; ++i)
      is_element[static_cast<std::size_t>(place - exporter.block().data() + i)] = true;
  for (std::size_t i = 0; i < block.size(); ++i)
    must_hold(is_element[i] || exporter.block()[i] == block[i], "bytes that belong to no element stay");
}

// A memory of the same elements, in an order of its own.
Layout alike(const Layout& layout, std::size_t kind) {
  Layout made;
  made.format = layout.format;
  made.itemsize = layout.itemsize;
  made.ndim = layout.ndim;
  made.shape = layout.shape;
  made.has_strides = layout.ndim > 0;
  const auto shape = bufspec::fuzz::extents(made.shape.data(), made.ndim);
  made.block = std::max<ssize>(bufspec::element_count(shape).value, 1) * layout.itemsize;
  must_hold(bufspec::fill_contiguous_strides(shape, made.itemsize, kind % 2 == 0 ? 'C' : 'F',
                                             {made.strides.data(), shape.size()})
                .ok(),
            "a small memory has strides");
  for (std::size_t d = 0; kind >= 2 && d < shape.size(); ++d) {  // and now from its other end
    made.offset += std::max<ssize>(made.shape[d] - 1, 0) * made.strides[d];
    made.strides[d] = -made.strides[d];
  }
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) made.offset = 0;
  return made;
}

void check_data(Exporter& source, const Buffer& view, std::size_t kind) {
  Exporter destination;
  must_hold(destination.build(alike(source.layout(), kind)).ok(), "a memory without gaps can be built");
  const bufspec::fuzz::Held filled(destination);
  must_hold(bufspec::copy_data(destination, source).ok(), "elements go to a memory of the same shape");
  const bool are_as_they_lie = (bufspec::is_contiguous(view, 'C') && bufspec::is_contiguous(filled.view, 'C')) ||
                               (bufspec::is_contiguous(view, 'F') && bufspec::is_contiguous(filled.view, 'F'));
  must_hold(walked(filled.view, 'C') == walked(view, 'C') || are_as_they_lie, "each element goes to its own index");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bufspec::fuzz::Drawn drawn({data, size});
  Layout layout = drawn.layout();
  const char order = orders[drawn.below(3)];
  const std::size_t kind = drawn.below(4);
  const std::size_t length = drawn.byte();
  const std::uint8_t seed = drawn.byte();
  layout.readonly = false;

  Exporter exporter;
  if (!bufspec::fuzz::build_small(exporter, layout)) return 0;
  {
    const bufspec::fuzz::Held held(exporter);
    check_to(held.view);
    check_data(exporter, held.view, kind);
    check_from(exporter, held.view, order, length % 2 == 0 ? length / 2 : static_cast<std::size_t>(held.view.len),
               seed);
  }
  must_hold(exporter.exports() == 0 && exporter.references() == 1, "copies hold nothing afterwards");
  return 0;
}
