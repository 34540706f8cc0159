// The running interpreter as a library of functions.
#pragma once

#include "suites/engine/library/library.hpp"

namespace bufspec::cpython {

class RunningLibrary final : public engine::Library {
 public:
  [[nodiscard]] unsigned observes() const noexcept override;
  [[nodiscard]] std::uint32_t runtime() const noexcept override;

  // Leaves no exception set, and takes one that is set for a fault of ours: it throws.
  [[nodiscard]] engine::CallAnswer call(std::string_view name, const Tree& given, Edition edition) override;

  // Makes the check of that name in bufspec/worker/; false on an interpreter without what it is about.
  [[nodiscard]] bool check(Rule rule, Called& called) override;
};

}  // namespace bufspec::cpython
