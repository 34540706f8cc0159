// What behaviours of mutant consumers do to a call, one function each; the table of behaviours is in behaviours.cpp.
#pragma once

#include "behaviours.hpp"

namespace bufspec::mutants::consumers {

// Writes into what the view describes: its shape, strides, suboffsets, format or internal, or its memory.
void overwrite_part(const Behaviour& behaviour, Call& call);
// Lets such a field point at a place of its own.
void repoint_part(const Behaviour& behaviour, Call& call);
// Releases a struct that no request filled in.
void release_stray(const Behaviour& behaviour, Call& call);
// Makes a result where nothing was granted, or in place of a refusal of its own.
void swallow(const Behaviour& behaviour, Call& call);
// Gives up the lock of the interpreter, so that others call, too.
void let_others_run(const Behaviour& behaviour, Call& call);

}  // namespace bufspec::mutants::consumers
