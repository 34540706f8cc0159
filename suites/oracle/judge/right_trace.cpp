#include "right_trace.hpp"

#include "consumer_habits.hpp"
#include "suites/library/trace.hpp"

namespace bufspec::oracle {

namespace {

Trace checked_without_fault() {
  Trace trace;
  trace.observes = observation::all;
  trace.runtime = latest_runtime;
  trace.steps.emplace_back().called.emplace();
  return trace;
}

}  // namespace

bool Right::reads(Rule rule, std::string_view reading) const {
  return (judged().readings >> reading_number(rule, reading) & 1U) != 0;
}

Right right_trace(const Scenario& scenario, const std::optional<Layout>& own) {
  if (scenario.check) return {scenario, checked_without_fault()};
  return {scenario, engine::trace_on_reference(scenario, own).value()};
}

Right asked(std::string_view layout, int word, Edition edition) { return asked(layout, std::vector{word}, edition); }

Right asked(std::string_view layout, const std::vector<int>& words, Edition edition) {
  return right_trace(engine::asking(named(layout), words, edition));
}

Right done(std::string_view layout, std::vector<Step> steps) {
  Scenario scenario;
  scenario.layout = named(layout);
  scenario.steps = std::move(steps);
  return right_trace(scenario);
}

Right consumed(std::string_view layout, std::uint32_t behaviours, std::size_t habit) {
  return consumed(named(layout), behaviours, habit);
}

Right consumed(const Layout& layout, std::uint32_t behaviours, std::size_t habit) {
  Scenario scenario;
  scenario.target = Target::consumer;
  scenario.layout = layout;
  scenario.behaviours = behaviours;
  scenario.steps = {
      {StepKind::consume, 0, 0}, {StepKind::read, 0, 0}, {StepKind::release, 0, 0}, {StepKind::collect, 0, 0}};
  Right right{scenario, trace_of_consumer(scenario, consumer_habits().at(habit)).value()};
  right.trace.accepts = capability::all;
  return right;
}

Right called(std::string_view layout, char order) {
  Scenario scenario;
  scenario.target = Target::function;
  scenario.layout = named(layout);
  scenario.order = order;
  scenario.steps = {{StepKind::call, 0, 0}};
  return right_trace(scenario);
}

Right checked(Rule check, Target target) {
  Scenario scenario;
  scenario.target = target;
  scenario.check = check;
  scenario.steps = {{StepKind::call, 0, 0}};
  return right_trace(scenario);
}

}  // namespace bufspec::oracle
