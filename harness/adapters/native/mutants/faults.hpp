// Faults of library functions: each puts one function of its own in the place of the reference's, and leaves the rest.
// spec/runtime_mutants.yaml names them, with the rule that each breaks.
#pragma once

#include <span>

#include "bufspec_subject.h"
#include "harness/adapters/native/reference/subjects.hpp"

namespace bufspec::native {

struct Fault {
  const char* id;
  void (*put)(bufspec_functions& functions);
};

[[nodiscard]] std::span<const Fault> faults_of_values() noexcept;  // constants, contiguity, strides, pointers
[[nodiscard]] std::span<const Fault> faults_of_formats() noexcept;
[[nodiscard]] std::span<const Fault> faults_of_copies() noexcept;  // copies, fill-info, requests, releases
[[nodiscard]] std::span<const Fault> faults_of_arguments() noexcept;
[[nodiscard]] std::span<const Fault> faults_of_memoryviews() noexcept;
[[nodiscard]] std::span<const Fault> faults_of_elements() noexcept;  // lists, hashes, sizes, what is written

// The functions as they are right.
[[nodiscard]] inline const bufspec_functions& right() { return reference_functions(); }

// What a memoryview shows.
[[nodiscard]] inline const bufspec_buffer& shown(bufspec_object* memoryview) {
  return *right().memoryview_get_buffer(memoryview);
}

using Set = bufspec_functions;

// Puts `Call` in the place of a member.
template <auto Member, auto Call>
[[nodiscard]] constexpr void (*put())(bufspec_functions&) {
  return [](bufspec_functions& set) { set.*Member = Call; };
}

// The same of a lambda.  It is no template argument itself: clang 19 emits such an object in each source, and
// they do not link.
template <auto Member, typename Call>
[[nodiscard]] constexpr void (*put(Call /*call*/))(bufspec_functions&) {
  return [](bufspec_functions& set) { set.*Member = Call{}; };
}

}  // namespace bufspec::native
