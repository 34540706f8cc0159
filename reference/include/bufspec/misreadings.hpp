// What a consumer has to see of a memory, and what it sees if it reads it in one of the known wrong ways.
// Tables: spec/tables/85-consumers.yaml (rules consumer.data.*).
// Pure functions of a layout, over the memory that the reference exporter makes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bufspec/element_bytes.hpp"
#include "bufspec/trace.hpp"

namespace bufspec {

// What our exporter writes over a memory that it poisons; no element of a small memory begins like this.
inline constexpr unsigned char released_byte = 0xdb;

// The elements of `layout` in C order, as an Exporter holds them: where elements share memory, what one holds depends on
// the others.  Nothing if an Exporter cannot make the memory.  O(elements).
[[nodiscard]] std::optional<std::string> elements_of(const Layout& layout, ElementBytes contents = element_bytes);

// What each known wrong way of reading `layout` gives, the likeliest first: only those that stay inside the block and differ
// from the right elements and from each other.  `unknown` and `other_format` are never among them.
//
// A memory with pointers shows them to who takes them for elements, so where the block lies makes a difference: `block`
// is the address of its first byte in the consumer's process (the tables of pointers first, as Exporter::block() has them).
// Without it, 0, ways that would read a byte of a pointer are left out, and elements are taken to be rounded down in a
// block that is aligned.
// Nothing if an Exporter cannot make the memory.  O(elements) for each way.
[[nodiscard]] std::vector<std::pair<Misreading, std::string>> misreadings_of(const Layout& layout,
                                                                             std::uintptr_t block = 0,
                                                                             ElementBytes contents = element_bytes);

// For each byte of an item whether a member of the format has it: '\1', or '\0' where it has no value, as padding has none.
// Empty where all have one, or where nothing can be said: a format that is none, or is of another size.
[[nodiscard]] std::string valued_bytes(std::string_view format, ssize itemsize);

// Whether two runs of items agree in every byte that has a value; `valued` as valued_bytes() gives it.
[[nodiscard]] bool agree_in_values(std::string_view left, std::string_view right, std::string_view valued) noexcept;

// What of the items of `layout` a consumer with these requests must see: valued_bytes() where it was granted the format,
// and so may copy member by member; else empty, since it knows of bytes alone.
[[nodiscard]] std::string bytes_owed(const Consumed& consumed, const Layout& layout);

// Fills in what a consumer that returned `bytes` as the elements of `layout` has shown: result, misreading and
// difference.  `block` and `contents` as for misreadings_of().
void show_bytes(Consumed& consumed, const Layout& layout, std::string_view bytes, std::uintptr_t block = 0,
                ElementBytes contents = element_bytes);

// Where two byte strings differ: the first byte that does, or how many were found, where that is another number.  Says nothing
// if they are the same, or differ in bytes without a value alone.
[[nodiscard]] Difference difference_of(std::string_view expected, std::string_view found, std::string_view valued = {});

}  // namespace bufspec
