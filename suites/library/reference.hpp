// The reference as a library of functions: what every other library's answers are held against.
#pragma once

#include <vector>

#include "bufspec/requests.hpp"
#include "suites/engine/library/library.hpp"

namespace bufspec::library {

// Answers as the interpreter `runtime` where those differ.
class ReferenceLibrary final : public engine::Library {
 public:
  explicit ReferenceLibrary(std::uint32_t runtime = latest_runtime) noexcept : runtime_(runtime) {}

  [[nodiscard]] unsigned observes() const noexcept override;
  [[nodiscard]] std::uint32_t runtime() const noexcept override { return runtime_; }
  [[nodiscard]] engine::CallAnswer call(std::string_view name, const Tree& given, Edition edition) override;

  // The names of all calls that it answers.
  [[nodiscard]] static std::vector<std::string> names();

 private:
  std::uint32_t runtime_;
};

}  // namespace bufspec::library
