// A library of functions as a subject: makes the call of a scenario and notes the answer.
#pragma once

#include "library.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::engine {

class LibrarySubject : public Subject {
 public:
  // The library outlives it.
  explicit LibrarySubject(Library& library) noexcept : library_(library) {}

  [[nodiscard]] unsigned observes() const noexcept override { return library_.observes(); }

  // False for other targets, and for a function without a memory that can exist.
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;

  // Leaves the record empty where the library does not offer the call.
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override {}

 private:
  Library& library_;
};

// `given` of a call on a memory of that layout: a map with the keys of a row of layouts.yaml.
[[nodiscard]] Tree given_of(const Layout& layout);

}  // namespace bufspec::engine
