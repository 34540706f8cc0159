// What the files of consumers' cases share: the usual scenario, the layouts that tell most, and how ids are spelled.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cases.hpp"

namespace bufspec::suites {

// behaviour::* under the name that ids give them.
struct NamedBehaviours {
  std::string_view name;
  std::uint32_t behaviours;
};

// The usual steps: the consumer is called, its result is looked at again and given up, and garbage is collected.
[[nodiscard]] Scenario consumer_scenario(const Layout& layout, std::uint32_t behaviours, Edition edition);

// Whether an item of this format may be, or hold, an address that a reader follows: what lies there in a memory of ours
// is no object.  Names of members are not told from codes, so it errs on the safe side.
[[nodiscard]] bool holds_pointers(std::string_view format) noexcept;

// "consumer.poisoned_c_2d_int".
[[nodiscard]] inline std::string consumer_id(std::string_view what, std::string_view of) {
  return "consumer." + std::string(what) + "_" + std::string(of);
}

}  // namespace bufspec::suites
