// A trace: what a subject answered, step by step, as one value.  Adapters fill it, the judge reads it.
// Nothing in it points at the subject, so one that came over a pipe is judged by the same code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bufspec/errors.hpp"
#include "bufspec/scenario.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// What an adapter can see.  A rule that needs more is skipped with that reason, never passed.
namespace observation {
inline constexpr unsigned structure = 1;    // the struct after the call
inline constexpr unsigned canaries = 2;     // the bytes around the struct
inline constexpr unsigned references = 4;   // reference counts, as deltas
inline constexpr unsigned exception = 8;    // the error indicator
inline constexpr unsigned memory = 16;      // the memory that a view describes
inline constexpr unsigned requests = 32;    // what a consumer asked of us
inline constexpr unsigned result = 64;      // what a call returned
inline constexpr unsigned all = 127;
}  // namespace observation

// Whether two views show the same elements, where buf differs between them.
enum class SameElements : std::uint8_t { not_compared, same, different };

// The answer to an acquire step.
struct Answer {
  bool granted = false;
  bool exception_set = false;
  Error error = Error::none;     // the kind of the exception
  std::string exception_name;    // its type's name
  bool canaries_intact = true;
  View view;                     // what the struct held after the call
  std::optional<long> references_gained;  // of obj, by the acquire; absent if not observed or immortal
  SameElements elements = SameElements::not_compared;
};

// The answer to a release step.
struct Released {
  Owner obj = Owner::null;                // obj after the release
  bool exception_set = false;
  bool canaries_intact = true;
  std::optional<long> references_kept;    // of obj, since before the acquire; 0 is right
};

// What our exporter saw of a consumer in a consume step.
struct Consumed {
  struct Request {
    int flags = 0;
    bool granted = false;
    int releases = 0;
  };
  std::vector<Request> requests;
  bool raised = false;
  Error error = Error::none;
  std::optional<std::string> bytes;  // the elements in C order, if the consumer returned them
};

// What a function returned in a call step.
struct Called {
  Error error = Error::none;
  long result = 0;
};

// One step's record; which of the four is set follows from the step's kind.
struct StepRecord {
  std::optional<Answer> answer;
  std::optional<Released> released;
  std::optional<Consumed> consumed;
  std::optional<Called> called;
};

struct Trace {
  unsigned observes = 0;             // observation::*
  std::uint32_t runtime = 0;         // version of the interpreter, as PY_VERSION_HEX
  // The richest request that was granted before the steps, and its answer; absent if all were refused.
  int richest_word = 0;
  std::optional<Answer> richest;
  std::vector<StepRecord> steps;     // as many as the scenario's, fewer if the subject ended early
};

}  // namespace bufspec
