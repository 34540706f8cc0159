// Which scenarios does a campaign try?  Drawn anew, or made of ones that are known by small changes.
// The same numbers make the same scenario; nothing here knows what came of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "bufspec/scenario.hpp"
#include "suites/engine/numbers.hpp"

namespace bufspec::campaign {

using engine::Numbers;

// What may be tried with a subject.
struct Vocabulary {
  Target target = Target::exporter;
  Edition edition = Edition::current;
  std::size_t operations = 0;  // how many the subject offers
  bool builds = false;  // it makes objects of a given layout
  bool has_objects = true;  // and ready-made ones
  // Draws a scenario where the words here do not do: of consumers and functions.  Empty for exporters.
  std::function<Scenario(Numbers&)> draw;
};

// A scenario drawn anew.
[[nodiscard]] Scenario drawn(const Vocabulary& vocabulary, Numbers& numbers);

// How much is tried after what is kept: little, where the next step is what counts and to come there costs; or more.
enum class Reach : std::uint8_t { near, far };

// `parent` with a few small changes, among them a part of `other`, and with more steps after it.  What it spells may leave out steps that say nothing:
// decode(encode()) of it is what is tried.
[[nodiscard]] Scenario mutated(const Scenario& parent, const Scenario& other, const Vocabulary& vocabulary,
                               Numbers& numbers, Reach reach = Reach::far);

}  // namespace bufspec::campaign
