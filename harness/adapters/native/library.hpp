// Which subjects does a shared library describe, and is its table one that may be followed?
// Loads the library and looks at every part of its table before anything of it is called; judges nothing.
#pragma once

#include <string>
#include <vector>

#include "bufspec/scenario.hpp"
#include "bufspec_subject.h"

namespace bufspec::native {

// Why a library cannot be used: where, what, and what to do.
struct Refusal {
  std::string where;
  std::string what;
  std::string hint;
};

// A subject of a library, copied from its table; of the three structs the one of its target is filled.  Members that the
// library was built without are null.
struct Described {
  std::string name;  // LIBRARY.NAME
  Target target = Target::exporter;
  bufspec_exporter exporter{};
  bufspec_consumer consumer{};
  bufspec_functions functions{};

  // What may be done to an exporter's objects, or the calls that a set of functions offers, by name.
  [[nodiscard]] std::vector<std::string> operations() const;
};

struct Library {
  std::vector<Described> subjects;
  Refusal refusal;  // where `what` is not empty

  [[nodiscard]] bool ok() const noexcept { return refusal.what.empty(); }
  // The subject of that name; null if there is none.
  [[nodiscard]] const Described* find(const std::string& name) const noexcept;
};

// The library at `path`, loaded once and never unloaded: its objects may outlive whoever asked.
[[nodiscard]] const Library& load(const std::string& path);

}  // namespace bufspec::native
