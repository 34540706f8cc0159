// What do the elements of a test memory hold?
#include "bufspec/element_bytes.hpp"

#include "bufspec/scenario.hpp"

namespace bufspec {

void element_bytes(ssize k, std::span<char> element) noexcept {
  const auto bits = static_cast<std::uint64_t>(k);
  for (std::size_t i = 0; i < element.size(); ++i) element[i] = static_cast<char>(bits >> (8 * (i % 8)));
}

void digit_bytes(ssize k, std::span<char> element) noexcept {
  constexpr std::size_t digits = 9;
  for (std::size_t i = 0; i < element.size(); ++i)
    element[i] = static_cast<char>('1' + (static_cast<std::size_t>(k) + i) % digits);
}

void high_bytes(ssize k, std::span<char> element) noexcept {
  // No float of them is infinite or no number, and none is released_byte.
  constexpr std::size_t first = 0x81;
  constexpr std::size_t count = 0x50;
  constexpr std::size_t most = 2;
  const std::size_t zeros = element.size() > most ? element.size() - most : 0;
  for (std::size_t i = 0; i < zeros; ++i) element[i] = 0;
  for (std::size_t i = zeros; i < element.size(); ++i)
    element[i] = static_cast<char>(first + (static_cast<std::size_t>(k) + i - zeros) % count);
}

ElementBytes bytes_of_elements(std::uint32_t behaviours, std::string_view format) noexcept {
  constexpr std::string_view orders = "@=<>!";
  constexpr std::string_view texts = "Bc";
  constexpr std::string_view numbers = "bhHiIlLqQnNefd";
  if ((behaviours & behaviour::no_zero_byte) == 0) return element_bytes;
  if (format.size() == 2 && orders.find(format[0]) != orders.npos) format.remove_prefix(1);
  if (format.size() != 1) return element_bytes;
  if (texts.find(format[0]) != texts.npos) return digit_bytes;
  return numbers.find(format[0]) != numbers.npos ? high_bytes : element_bytes;
}

}  // namespace bufspec
