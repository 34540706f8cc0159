// What a consumer has to see of a memory, and what it sees if it reads it in one of the known wrong ways.
// Tables: spec/tables/85-consumers.yaml (rules consumer.data.*).
// Pure functions of a layout, over the memory that the reference exporter makes of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/trace.hpp"

namespace bufspec {

// The elements of `layout` in C order, as an Exporter holds them: where elements share memory, what one holds depends on
// the others.  Nothing if an Exporter cannot make the memory.  O(elements).
[[nodiscard]] std::optional<std::string> elements_of(const Layout& layout);

// Fills in what a consumer that returned `bytes` as the elements of `layout` has shown: result, misreading, expected and
// found.
void show_bytes(Consumed& consumed, const Layout& layout, std::string_view bytes);

}  // namespace bufspec
