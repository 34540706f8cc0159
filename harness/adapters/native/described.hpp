// Is what a library says of its subjects something that may be followed?  Every pointer is looked at before it is used.
#pragma once

#include <vector>

#include "library.hpp"

namespace bufspec::native {

// Whether `address` lies in memory that this process may execute.
[[nodiscard]] bool is_code(const void* address);

// Fills `subjects` from a table; what is wrong with it, or a refusal without `what`.  `where` of a refusal is the member.
[[nodiscard]] Refusal described_in(const bufspec_table* table, std::vector<Described>& subjects);

}  // namespace bufspec::native
