// What habits do, where that takes more than a line of the table in mutant_habits.cpp.
#pragma once

#include "habits.hpp"

namespace bufspec::cpython {

void set_fields(const Habit& habit, Occasion& now);
void leave_unwritten(const Habit& habit, Occasion& now);
void write_beside(const Habit& habit, Occasion& now);
void die(const Habit& habit, Occasion& now);
void count_references(const Habit& habit, Occasion& now);
void leave_exception(const Habit& habit, Occasion& now);
void give_fresh_block(const Habit& habit, Occasion& now);
void give_own_arrays(const Habit& habit, Occasion& now);
void overwrite(const Habit& habit, Occasion& now);
void race(const Habit& habit, Occasion& now);

}  // namespace bufspec::cpython
