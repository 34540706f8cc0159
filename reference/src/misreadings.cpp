#include "bufspec/misreadings.hpp"

#include "bufspec/exporter.hpp"

namespace bufspec {

namespace {

std::string difference_of(std::string_view expected, std::string_view found) {
  if (expected.size() != found.size()) return std::to_string(found.size()) + " bytes";
  std::size_t at = 0;
  while (at < found.size() && found[at] == expected[at]) ++at;
  return "byte " + std::to_string(at) + " is " + std::to_string(static_cast<unsigned char>(found[at])) + ", expected " +
         std::to_string(static_cast<unsigned char>(expected[at]));
}

}  // namespace

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

void show_bytes(Consumed& consumed, const Layout& layout, std::string_view bytes) {
  const auto expected = elements_of(layout);
  if (!expected) return;
  consumed.result = *expected == bytes ? Compared::right : Compared::wrong;
  if (consumed.result == Compared::right) return;
  consumed.expected = std::to_string(expected->size()) + " bytes: the elements in C order";
  consumed.found = difference_of(*expected, bytes);
}

}  // namespace bufspec
