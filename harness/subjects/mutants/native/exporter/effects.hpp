// What behaviours do, where that takes more than a line of the table in behaviours.cpp.
#pragma once

#include "behaviours.hpp"

namespace bufspec::mutants::exporters {

void set_fields(const Behaviour& behaviour, Occasion& now);
void leave_unwritten(const Behaviour& behaviour, Occasion& now);
void write_beside(const Behaviour& behaviour, Occasion& now);
void leave_exception(const Behaviour& behaviour, Occasion& now);
void give_fresh_block(const Behaviour& behaviour, Occasion& now);
// The elements in C order in a block of the view's own, read-only.
void give_contiguous_copy(const Behaviour& behaviour, Occasion& now);
void give_own_arrays(const Behaviour& behaviour, Occasion& now);
// One place for what all objects of the process say of their elements.
void give_static_arrays(const Behaviour& behaviour, Occasion& now);
// The arrays of the request before are freed, and the same ones made anew, which then lie where those were.
void renew_arrays(const Behaviour& behaviour, Occasion& now);
void overwrite(const Behaviour& behaviour, Occasion& now);
void race(const Behaviour& behaviour, Occasion& now);

}  // namespace bufspec::mutants::exporters
