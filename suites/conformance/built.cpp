// Built objects: every canonical request on memories whose every element is known (rules request.*, field.*, layout.*,
// format.*).
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "cases.hpp"
#include "suites/engine/memory/packed_layout.hpp"
#include "suites/support/layout_sweep.hpp"

namespace bufspec::suites {

namespace {

constexpr std::size_t random_count = 200;

std::vector<Step> steps_of(const std::vector<int>& words) {
  // What is richest comes first: the others are compared with it, and where it is another block they may be copies of it.
  std::vector<Step> steps{{StepKind::acquire, 0, flag::FULL_RO}, {StepKind::release, 0, 0}};
  for (const int word : words) {
    steps.push_back({StepKind::acquire, 0, word});
    steps.push_back({StepKind::release, 0, 0});
  }
  // And once more what is richest, looked at while it is held.
  for (const int word : {flag::FULL_RO, flag::FULL}) {
    steps.push_back({StepKind::acquire, 0, word});
    steps.push_back({has(word, flag::WRITABLE) ? StepKind::write : StepKind::read, 0, 0});
    steps.push_back({StepKind::release, 0, 0});
  }
  return steps;
}

// What one object says of its elements stays what it is, whatever another of another shape is asked.
const std::vector<Step> beside_another{{StepKind::acquire, 0, flag::FULL_RO},
                                       {StepKind::acquire, 1, flag::STRIDED_RO},
                                       {StepKind::another},
                                       {StepKind::read, 0},
                                       {StepKind::read, 1},
                                       {StepKind::release, 0},
                                       {StepKind::release, 1}};

// Around a page; around the size from which on the C library gives a block pages of its own; several megabytes.
constexpr std::array<ssize, 6> sizes_in_bytes{4095, 4096, 4097, 131071, 131072, 131073};
constexpr std::array<ssize, 2> shape_of_megabytes{3, 131072};  // of items of 8 bytes

Layout drawn_layout(std::uint64_t seed, std::size_t number) {
  std::array<std::uint8_t, 48> bytes;
  std::uint64_t state = seed * 0x9e3779b97f4a7c15ULL + number + 1;
  for (std::uint8_t& byte : bytes) {
    // xorshift64: the same bytes on every machine.
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    byte = static_cast<std::uint8_t>(state >> 32);
  }
  return decode_layout(bytes);
}

}  // namespace

void append_built_cases(const Tables& tables, const CaseOptions& options, CaseList& cases) {
  const std::vector<Step> steps = steps_of(tables.canonical_words());
  const auto scenario_of = [steps, edition = options.edition](Layout layout) {
    Scenario scenario;
    scenario.edition = edition;
    scenario.layout = std::move(layout);
    scenario.steps = steps;
    return scenario;
  };
  std::vector<Case> named;
  named.reserve(tables.layouts.size());
  for (const LayoutRow& row : tables.layouts) named.push_back({"built." + row.name, scenario_of(row.layout)});
  for (const ssize size : sizes_in_bytes)
    named.push_back({"built.bytes_" + std::to_string(size), scenario_of(engine::packed_layout("B", 1, {&size, 1}))});
  for (const LayoutRow& row : tables.layouts) {
    Scenario scenario = scenario_of(row.layout);
    scenario.steps = beside_another;
    named.push_back({"built.beside_another_" + row.name, std::move(scenario)});
  }
  named.push_back({"built.megabytes", scenario_of(engine::packed_layout("d", 8, shape_of_megabytes))});
  cases.append(std::move(named));
  if (const SweepRow* sweep = tables.sweep(options.bound)) {
    const auto layouts = std::make_shared<SweptLayouts>(*sweep);
    cases.append("built.sweep_", layouts->size(),
                 [layouts, scenario_of](std::size_t number) { return scenario_of(layouts->at(number)); });
  }
  cases.append("built.random_", random_count, [scenario_of, seed = options.seed](std::size_t number) {
    return scenario_of(drawn_layout(seed, number));
  });
}

}  // namespace bufspec::suites
