// Consumers whose requests are refused, whose results are held, and that are called often (rules consumer.release.*,
// consumer.hold.*, consumer.error.*).
#include <array>
#include <utility>

#include "consumer_scenarios.hpp"

namespace bufspec::suites {

namespace {

constexpr int rounds = 1000;
constexpr int rounds_in_threads = 50;

constexpr std::array<std::string_view, 3> refused_layouts{"bytes_one_dim", "f_2d_int", "strided_1d"};
constexpr std::array<std::string_view, 2> often_layouts{"bytes_one_dim", "strided_1d"};

// How a refusal is told.
constexpr std::array<NamedBehaviours, 5> refusals{{
    {"", 0},
    {"_untouched", behaviour::refusal_untouched},
    {"_memory_error", behaviour::refusal_memory_error},
    {"_runtime_error_untouched", behaviour::refusal_runtime_error | behaviour::refusal_untouched},
    {"_value_error", behaviour::refusal_value_error},
}};

constexpr std::array<NamedBehaviours, 7> refusing{{
    {"refuses_writable", behaviour::refuses_writable},
    {"refuses_flat", behaviour::refuses_flat},
    {"refuses_strideless", behaviour::refuses_strideless},
    {"refuses_formatless", behaviour::refuses_formatless},
    {"refuses_format", behaviour::refuses_format},
    {"refuses_contiguity", behaviour::refuses_contiguity},
    {"refuses_all", behaviour::refuses_all},
}};

constexpr std::array<NamedBehaviours, 3> owned{{
    {"", 0},
    {"_poisoned", behaviour::fresh_block | behaviour::own_arrays | behaviour::poisoned},
    {"_withdrawn", behaviour::fresh_block | behaviour::own_arrays | behaviour::withdrawn | behaviour::ends_at_page},
}};

struct NamedSteps {
  std::string_view name;
  std::vector<Step> steps;
};

const std::vector<NamedSteps>& held() {
  static const std::vector<NamedSteps> all{
      {"first_released_first",
       {{StepKind::consume, 0},
        {StepKind::consume, 1},
        {StepKind::read, 0},
        {StepKind::release, 0},
        {StepKind::collect},
        {StepKind::read, 1},
        {StepKind::release, 1},
        {StepKind::collect}}},
      {"last_released_first",
       {{StepKind::consume, 0},
        {StepKind::consume, 1},
        {StepKind::release, 1},
        {StepKind::collect},
        {StepKind::read, 0},
        {StepKind::consume, 1},
        {StepKind::read, 0},
        {StepKind::release, 0},
        {StepKind::read, 1},
        {StepKind::release, 1},
        {StepKind::collect}}},
      {"kept_longest",
       {{StepKind::consume, 0},
        {StepKind::drop},
        {StepKind::collect},
        {StepKind::read, 0},
        {StepKind::release, 0},
        {StepKind::collect}}},
  };
  return all;
}

// Which of the first requests are refused: each alone, and the first ones together.
constexpr std::array<std::pair<const char*, std::uint8_t>, 6> refused_numbers{{
    {"first", 1},
    {"second", 2},
    {"first_two", 3},
    {"third", 4},
    {"first_three", 7},
    {"first_eight", 255},
}};

}  // namespace

std::vector<Case> consumer_refusal_cases(const ConsumerMemories& memories, Edition edition) {
  std::vector<Case> cases;
  for (const auto& [name, mask] : refused_numbers)
    for (const LayoutRow* row : memories.telling) {
      Scenario scenario = consumer_scenario(row->layout, 0, edition);
      scenario.refused_requests = mask;
      cases.push_back({consumer_id(std::string("refused_") + name, row->name), std::move(scenario)});
    }
  for (const NamedBehaviours& kind : refusing)
    for (const NamedBehaviours& told : refusals)
      for (const LayoutRow* row : memories.named(refused_layouts))
        cases.push_back({consumer_id(std::string(kind.name) + std::string(told.name), row->name),
                         consumer_scenario(row->layout, kind.behaviours | told.behaviours, edition)});
  return cases;
}

std::vector<Case> consumer_held_cases(const ConsumerMemories& memories, Edition edition) {
  std::vector<Case> cases;
  for (const NamedSteps& steps : held())
    for (const NamedBehaviours& memory : owned)
      for (const LayoutRow* row : memories.telling) {
        Scenario scenario = consumer_scenario(row->layout, memory.behaviours, edition);
        scenario.steps = steps.steps;
        cases.push_back(
            {consumer_id(std::string(steps.name) + std::string(memory.name), row->name), std::move(scenario)});
      }
  return cases;
}

std::vector<Case> consumer_often_cases(const ConsumerMemories& memories, Edition edition) {
  std::vector<Case> cases;
  for (const LayoutRow* row : memories.named(often_layouts)) {
    Scenario often = consumer_scenario(row->layout, 0, edition);
    often.steps = {{StepKind::repeat, 0, 0, rounds}, {StepKind::collect}};
    cases.push_back({consumer_id("often", row->name), often});
    often.behaviours = behaviour::refuses_all;
    cases.push_back({consumer_id("often_refused", row->name), often});
    Scenario threads = consumer_scenario(row->layout, 0, edition);
    threads.steps = {{StepKind::threads, 0, 0, rounds_in_threads}, {StepKind::collect}};
    cases.push_back({consumer_id("threads", row->name), threads});
    threads.behaviours = behaviour::slow | owned[1].behaviours;
    cases.push_back({consumer_id("threads_slow_poisoned", row->name), threads});
    threads.steps.insert(threads.steps.begin(), {StepKind::consume, 0});
    threads.steps.insert(threads.steps.end() - 1, {{StepKind::read, 0}, {StepKind::release, 0}});
    cases.push_back({consumer_id("threads_while_held", row->name), std::move(threads)});
  }
  return cases;
}

}  // namespace bufspec::suites
