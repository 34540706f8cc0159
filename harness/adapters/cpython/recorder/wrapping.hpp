// Which types have their slots stood in for, and when is looked for new ones?
#pragma once

#include <string>

#include "slot_layout.hpp"

namespace bufspec::recorder {

// Finds where the slots are and stands in for those of all types that there are; why it cannot, or "".
[[nodiscard]] std::string begin_wrapping();

// Looks for types that are new.  `is_late`: they were not made by what was just loaded, so that requests to them may have been
// missed, which the record says.  Leaves no exception.
void wrap_new_types(bool is_late) noexcept;

}  // namespace bufspec::recorder
