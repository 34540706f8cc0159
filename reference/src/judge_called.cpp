// What does a call step show of a runtime: the answer of a call, what a check found, what a function returned for a layout?
#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

Finding raised(Error error) {
  return {.aspect = Aspect::raised, .found = value::Exception{std::string(error_name(error))}};
}

value::Map map_of(std::string key, Tree value) {
  value::Map made{Tree::empty_map()};
  made.tree.map.emplace_back(std::move(key), std::move(value));
  return made;
}

// What the call was made with: {call: name, given: map}.
value::Map call_in(const Call& call) {
  value::Map made = map_of("call", Tree::of(call.name));
  made.tree.map.emplace_back("given", call.given);
  return made;
}

// The entries of `answer` that `expect` has, too, and its error, if there is one.
value::Map same_keys(const Tree& answer, const Tree& expect) {
  value::Map made{Tree::empty_map()};
  for (const auto& [key, value] : answer.map)
    if (key == "error" || expect.find(key) != nullptr) made.tree.map.emplace_back(key, value);
  return made;
}

bool has_unexpected_error(const Tree& answer, const Tree& expect) {
  return answer.find("error") != nullptr && expect.find("error") == nullptr;
}

void judge_call(const Call& call, const Tree& answer, Notes& notes) {
  if (call.rules.empty() || has_unexpected_error(answer, call.expect)) {
    return notes.check(call.rule, says_all(answer, call.expect), [&] {
      return Finding{.aspect = Aspect::answer,
                     .owed = value::Map{call.expect},
                     .found = same_keys(answer, call.expect),
                     .given = call_in(call)};
    });
  }
  for (std::size_t i = 0; i < call.expect.map.size(); ++i) {
    const auto& entry = call.expect.map[i];
    notes.check(i < call.rules.size() ? call.rules[i] : call.rule, says(answer, entry.first, entry.second), [&] {
      const value::Map due = map_of(entry.first, entry.second);
      return Finding{
          .aspect = Aspect::answer, .owed = due, .found = same_keys(answer, due.tree), .given = call_in(call)};
    });
  }
}

void judge_function(const Scenario& scenario, const Called& called, Notes& notes) {
  if (!scenario.layout || !well_formed(*scenario.layout).ok()) return;
  const int expected = is_contiguous(geometry_of(*scenario.layout), scenario.order) ? 1 : 0;
  if (called.error != Error::none)
    notes.broken(Rule::function_is_contiguous_agrees,
                 {.aspect = Aspect::raised,
                  .order = scenario.order,
                  .owed = ssize{expected},
                  .found = value::Exception{std::string(error_name(called.error))}});
  else
    notes.check(Rule::function_is_contiguous_agrees, called.result == expected, [&] {
      return Finding{.order = scenario.order, .owed = ssize{expected}, .found = ssize{called.result}};
    });
}

}  // namespace

void judge_called(const Scenario& scenario, const Called& called, std::uint32_t runtime, Notes& notes) {
  if (scenario.call) {
    const bool is_owed = runtime >= scenario.call->since;
    if (is_owed && called.answer && called.answer->is_map()) judge_call(*scenario.call, *called.answer, notes);
  } else if (!scenario.check) {
    judge_function(scenario, called, notes);
  } else if (called.error != Error::none) {
    notes.broken(*scenario.check, raised(called.error));
  } else {
    notes.check(*scenario.check, called.wrong.empty(), [&] {
      return Finding{.owed = called.owed, .found = called.found, .given = value::Text{called.wrong}};
    });
  }
}

}  // namespace bufspec::judging
