// The functions of a shared library as a library of calls: each call of the vocabulary is made of the functions that the
// library has.  What it has not is not offered, and no rule of it is judged.
#pragma once

#include <string>
#include <vector>

#include "library.hpp"
#include "suites/engine/library/library.hpp"
#include "suites/engine/library/subject.hpp"

namespace bufspec::native {

class NativeFunctions final : public engine::Library {
 public:
  // `described` outlives it.
  explicit NativeFunctions(const Described& described) noexcept : functions_(described.functions) {}

  [[nodiscard]] unsigned observes() const noexcept override;
  [[nodiscard]] std::uint32_t runtime() const noexcept override;
  [[nodiscard]] engine::CallAnswer call(std::string_view name, const Tree& given, Edition edition) override;

  // The names of the calls that such a library has functions for.
  [[nodiscard]] static std::vector<std::string> offered(const bufspec_functions& functions);

 private:
  const bufspec_functions& functions_;
};

// Holds the library for a subject that is constructed after it.
struct FunctionsFirst {
  NativeFunctions library;
};

class NativeFunctionsSubject final : private FunctionsFirst, public engine::LibrarySubject {
 public:
  explicit NativeFunctionsSubject(const Described& described)
      : FunctionsFirst{NativeFunctions(described)}, LibrarySubject(library) {}
};

}  // namespace bufspec::native
