// What can be observed of a subject, as a set of bits.  A rule names the observations that it needs (rules.def); an
// adapter names those that it makes.  A rule that needs more is skipped with that reason, never passed.
#pragma once

namespace bufspec::observation {

inline constexpr unsigned structure = 1;    // the struct after the call
inline constexpr unsigned canaries = 2;     // the bytes around the struct
inline constexpr unsigned references = 4;   // reference counts, as deltas
inline constexpr unsigned exception = 8;    // the error indicator
inline constexpr unsigned memory = 16;      // the memory that a view describes
inline constexpr unsigned requests = 32;    // what a consumer asked of us
inline constexpr unsigned result = 64;      // what a call returned
inline constexpr unsigned mutation = 128;   // operations of the object, and what its twin does
inline constexpr unsigned process = 256;    // bytes that the process holds
inline constexpr unsigned content = 512;    // memory that only we change: not that of a subject declared volatile
inline constexpr unsigned all = 1023;

}  // namespace bufspec::observation
