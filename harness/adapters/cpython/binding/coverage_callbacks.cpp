// What code that was built with coverage instrumentation calls at each of its places: gcc and clang's
// -fsanitize-coverage=trace-pc, and clang's trace-pc-guard.  The compiler fixes the names.
//
// A library of a subject finds these functions only if they are in the global scope, where Python puts no extension module:
// offer_coverage() moves this one there.  Nothing is counted outside a scenario of a campaign.
#include <dlfcn.h>

#include <array>
#include <cstdint>

#include "campaigns.hpp"
#include "suites/campaign/coverage.hpp"

namespace {

// Where a library lies differs from process to process: a place counts from the beginning of its library.
struct KnownPlace {
  std::uintptr_t at = 0;
  std::uint32_t place = 0;
};

std::uint32_t place_of(std::uintptr_t at) noexcept {
  constexpr std::size_t most_known = 4096;
  static std::array<KnownPlace, most_known> known;
  KnownPlace& one = known[(at >> 2) % most_known];
  if (one.at == at) return one.place;
  Dl_info info{};
  const bool is_found = dladdr(reinterpret_cast<const void*>(at), &info) != 0;
  one.at = at;
  one.place = static_cast<std::uint32_t>(at - (is_found ? reinterpret_cast<std::uintptr_t>(info.dli_fbase) : 0));
  return one.place;
}

std::uint32_t guards = 0;

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" {

[[gnu::visibility("default")]] void __sanitizer_cov_trace_pc() {
  bufspec::campaign::Coverage::of_process().visit(
      place_of(reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))));
}

[[gnu::visibility("default")]] void __sanitizer_cov_trace_pc_guard_init(std::uint32_t* start, std::uint32_t* stop) {
  if (start == stop || *start != 0) return;
  for (std::uint32_t* guard = start; guard != stop; ++guard) *guard = ++guards;
}

[[gnu::visibility("default")]] void __sanitizer_cov_trace_pc_guard(std::uint32_t* guard) {
  if (*guard != 0) bufspec::campaign::Coverage::of_process().visit(*guard);
}
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)

namespace bufspec::cpython {

void offer_coverage() noexcept {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&offer_coverage), &info) == 0 || info.dli_fname == nullptr) return;
  static_cast<void>(dlopen(info.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD));
}

}  // namespace bufspec::cpython
