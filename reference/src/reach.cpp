#include "bufspec/reach.hpp"

#include <initializer_list>
#include <string_view>

#include "bufspec/trace.hpp"
#include "judge_parts.hpp"

namespace bufspec {

namespace {

RuleSet set_of(std::initializer_list<Rule> rules) {
  RuleSet set;
  for (const Rule rule : rules) set.set(index_of(rule));
  return set;
}

RuleSet of_areas(std::initializer_list<std::string_view> areas) {
  RuleSet set;
  for (std::size_t rule = 0; rule < rule_count; ++rule)
    for (const std::string_view area : areas)
      if (rule_ids[rule].starts_with(area)) set.set(rule);
  return set;
}

RuleSet of_release_call() { return set_of({Rule::lifetime_struct_inside_only, Rule::error_release_indicator_kept}); }

RuleSet of_references() {
  return set_of({Rule::lifetime_release_obj_kept, Rule::lifetime_release_references_restored});
}

// By whole areas: what a request may break depends on the memory, and often on requests before it.
RuleSet of_request() {
  static const RuleSet set =
      (of_areas({"request.", "field.", "layout.", "format.", "error."}) | set_of({Rule::lifetime_struct_inside_only})) &
      ~set_of({Rule::error_release_indicator_kept, Rule::field_readonly_truthful, Rule::field_buf_one_memory});
  return set;
}

RuleSet of_release() { return of_release_call() | of_references() | set_of({Rule::lifetime_release_obj_null}); }

RuleSet of_many_requests() {
  return of_references() | set_of({Rule::error_refusal_nothing_kept, Rule::lifetime_release_memory_restored});
}

RuleSet of_call(const Scenario& scenario) {
  if (!scenario.call) return set_of({scenario.check.value_or(Rule::function_is_contiguous_agrees)});
  RuleSet set = set_of({scenario.call->rule});
  for (const Rule rule : scenario.call->rules) set.set(index_of(rule));
  return set;
}

RuleSet of_step(StepKind kind, const Scenario& scenario) {
  switch (kind) {
    case StepKind::acquire:
    case StepKind::acquire_direct:
      return of_request();
    case StepKind::reenter:
      return of_request() | of_release();
    case StepKind::release:
    case StepKind::release_raising:
      return of_release();
    case StepKind::release_copy:
      return of_release_call() | set_of({Rule::lifetime_release_through_copy});
    case StepKind::read:
      return set_of({Rule::lifetime_export_arrays_valid, Rule::lifetime_export_memory_valid,
                     Rule::lifetime_export_memory_unchanged});
    case StepKind::write:
      return set_of({Rule::field_readonly_truthful, Rule::field_buf_one_memory});
    case StepKind::mutate:
      return set_of({Rule::lifetime_export_memory_valid, Rule::lifetime_export_lock_ends});
    case StepKind::repeat:
    case StepKind::threads:
      return of_many_requests() | set_of({Rule::lifetime_export_memory_valid});
    case StepKind::call:
      return of_call(scenario);
    case StepKind::collect:
    case StepKind::drop:
    case StepKind::another:
    case StepKind::hold:
    case StepKind::consume:
      return {};
  }
  return {};
}

RuleSet of_consumer(std::uint32_t behaviours) {
  static const RuleSet of_honest = of_areas({"consumer."}) & ~of_areas({"consumer.hardening."});
  if ((behaviours & behaviour::lies) == 0) return of_honest;
  struct Lie {
    std::uint32_t told;
    Rule rule;
  };
  constexpr Lie lies[]{
      {behaviour::lie_len, Rule::consumer_hardening_len_or_shape},
      {behaviour::lie_format, Rule::consumer_hardening_bad_format},
      {behaviour::lie_readonly, Rule::consumer_hardening_readonly_answer},
      {behaviour::lie_suboffsets, Rule::consumer_hardening_negative_suboffsets},
      {behaviour::lie_obj, Rule::consumer_hardening_failed_obj},
  };
  RuleSet set;
  for (const Lie& one : lies)
    if ((behaviours & one.told) != 0) set |= set_of({one.rule});
  return set;
}

}  // namespace

RuleSet rules_within_reach(const Scenario& scenario) {
  RuleSet reached;
  if (scenario.steps.empty()) return reached;
  if (scenario.target == Target::consumer) {
    reached = of_consumer(scenario.behaviours);
  } else {
    unsigned seen = 0;  // kinds of steps; most scenarios have few
    for (const Step& step : scenario.steps) {
      const unsigned bit = 1U << static_cast<unsigned>(step.kind);
      if ((seen & bit) == 0) reached |= of_step(step.kind, scenario);
      seen |= bit;
    }
  }
  return reached & judging::judgeable_rules(observation::all, scenario.edition);
}

}  // namespace bufspec
