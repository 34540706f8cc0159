#include "bufspec/errors.hpp"

#include <array>
#include <cstddef>

namespace bufspec {

namespace {
constexpr std::array names{
    std::string_view{"none"},          std::string_view{"BufferError"}, std::string_view{"TypeError"},
    std::string_view{"ValueError"},    std::string_view{"IndexError"},  std::string_view{"NotImplementedError"},
    std::string_view{"SystemError"},   std::string_view{"StructError"}, std::string_view{"UnicodeEncodeError"},
    std::string_view{"OverflowError"}, std::string_view{"MemoryError"}, std::string_view{"other"},
};
static_assert(names.size() == static_cast<std::size_t>(Error::other) + 1);
}  // namespace

std::string_view error_name(Error error) noexcept { return names[static_cast<std::size_t>(error)]; }

Error error_from_name(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Error>(i);
  return Error::other;
}

}  // namespace bufspec
