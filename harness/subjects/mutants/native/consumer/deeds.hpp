// What habits of mutant consumers do to a call, one function each; the table of habits is in consumer_mutant_habits.cpp.
#pragma once

#include "habits.hpp"

namespace bufspec::cpython {

// Writes into what the view describes: its shape, strides, suboffsets, format or internal, or its memory.
void overwrite_part(const CallHabit& habit, Call& call);
// Lets such a field point at a place of its own.
void repoint_part(const CallHabit& habit, Call& call);
// Gives back a struct that nobody filled in.
void release_stray(const CallHabit& habit, Call& call);
// Makes a result where nothing was granted, or in place of a refusal of its own.
void swallow(const CallHabit& habit, Call& call);
// Gives up the lock of the interpreter, so that others call, too.
void let_others_run(const CallHabit& habit, Call& call);
// Ends or harms the process.
void end_process(const CallHabit& habit, Call& call);

}  // namespace bufspec::cpython
