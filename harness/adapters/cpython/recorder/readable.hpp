// Can memory be read that an exporter points at?  A recorder must not end a process that would have lived.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace bufspec::recorder {

// Copies what may not be there.
[[nodiscard]] bool read_safely(const void* from, void* to, std::size_t size) noexcept;

// Whether memory can be read.  Asks the system once for a page: one that is unmapped after that is taken for readable still.
[[nodiscard]] bool is_readable(const void* from, std::size_t size) noexcept;

// The text up to its zero byte, or its first `most` bytes; nothing where it cannot be read to its end.
[[nodiscard]] std::optional<std::string_view> readable_text(const char* text, std::size_t most) noexcept;

}  // namespace bufspec::recorder
