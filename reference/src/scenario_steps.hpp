// What steps do with the slots of views and results, shared by the codec and the minimiser of scenarios.  Only for scenario*.cpp.
#pragma once

#include "bufspec/scenario.hpp"

namespace bufspec {

enum class SlotUse : std::uint8_t { none, takes, needs, frees };

[[nodiscard]] constexpr SlotUse use_of_slot(StepKind kind) noexcept {
  switch (kind) {
    case StepKind::acquire:
    case StepKind::acquire_direct:
    case StepKind::consume:
      return SlotUse::takes;
    case StepKind::release:
    case StepKind::release_copy:
    case StepKind::release_raising:
      return SlotUse::frees;
    case StepKind::read:
    case StepKind::write:
      return SlotUse::needs;
    case StepKind::call:
    case StepKind::mutate:
    case StepKind::collect:
    case StepKind::drop:
    case StepKind::reenter:
    case StepKind::repeat:
    case StepKind::threads:
    case StepKind::another:
    case StepKind::hold:
      break;
  }
  return SlotUse::none;
}

}  // namespace bufspec
