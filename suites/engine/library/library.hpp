// The seam to a library of functions: those of an interpreter, of the reference, of whatever speaks the buffer protocol.  A call is
// a name and what it is given, in the words of the data cases of spec/tables; the answer is a map of what was found.
// Nothing is judged here: which keys of an answer count, and what they must be, is said by the case.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bufspec/scenario.hpp"
#include "bufspec/trace.hpp"

namespace bufspec::engine {

// What a call came to: its answer, or why there is none.
struct CallAnswer {
  std::optional<Tree> answer;  // a map, with the name of an exception under `error` where it raised one
  std::string not_offered;  // without an answer: why

  static CallAnswer of(Tree found) { return {std::move(found), {}}; }
  static CallAnswer none(std::string reason) { return {std::nullopt, std::move(reason)}; }
};

class Library {
 public:
  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  virtual ~Library() = default;

  // What can be seen of its calls: observation::* bits.
  [[nodiscard]] virtual unsigned observes() const noexcept = 0;

  // The version of the interpreter whose rules hold, as PY_VERSION_HEX.
  [[nodiscard]] virtual std::uint32_t runtime() const noexcept = 0;

  // What the function `name` makes of `given`, a map.  Throws std::exception, with the reason, for a case that cannot be run as it
  // stands, which is a fault of who made it.
  [[nodiscard]] virtual CallAnswer call(std::string_view name, const Tree& given, Edition edition) = 0;

  // Makes one of `runtime_checks`; false if it makes none of that rule.
  [[nodiscard]] virtual bool check(Rule rule, Called& called) {
    (void)rule;
    (void)called;
    return false;
  }
};

}  // namespace bufspec::engine
