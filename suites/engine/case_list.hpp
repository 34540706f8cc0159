// A list of cases that need not all exist at once: stretches that are held, and stretches made when they are asked for.
// Knows nothing of what a case tries.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bufspec/scenario.hpp"

namespace bufspec::engine {

struct Case {
  std::string id;
  Scenario scenario;
  int about = -1;  // the word of flags that it tries, where it tries one
};

class CaseList {
 public:
  CaseList() = default;
  explicit CaseList(std::vector<Case> cases) { append(std::move(cases)); }

  // Appends cases that are held.
  void append(std::vector<Case> cases);

  // Appends `count` cases called `prefix` and their number, which `make` gives the scenario of.
  void append(std::string prefix, std::size_t count, std::function<Scenario(std::size_t)> make);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  // The id of case number `index`, without making it.  Requires: index < size().
  [[nodiscard]] std::string id(std::size_t index) const;

  // Case number `index`.  Requires: index < size().  The cost is that of making it.
  [[nodiscard]] Case make(std::size_t index) const;

  // The same without a copy of what is held: a case that is made is put into `space`.
  [[nodiscard]] const Case& get(std::size_t index, Case& space) const;

  // The number of the case with that id.  O(1).
  [[nodiscard]] std::optional<std::size_t> find(std::string_view id) const;

 private:
  struct Stretch {
    std::size_t first = 0;
    std::size_t count = 0;
    std::vector<Case> held;  // empty for one that is made
    std::string prefix;
    std::function<Scenario(std::size_t)> make;
  };
  [[nodiscard]] const Stretch& stretch_of(std::size_t index) const;

  std::vector<Stretch> stretches_;
  std::unordered_map<std::string, std::size_t> held_ids_;
  std::size_t size_ = 0;
};

}  // namespace bufspec::engine
