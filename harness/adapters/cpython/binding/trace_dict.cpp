#include "trace_dict.hpp"

#include "finding_dict.hpp"
#include "json_value.hpp"
#include "suites/engine/json/encoding.hpp"

namespace bufspec::cpython {

namespace {

Ref list_of_violations(const Judgement& judgement, const RuleSet& rules) {
  Ref list(PyList_New(0));
  for (const Violation& violation : judgement.violations) {
    if (!rules[index_of(violation.rule)]) continue;
    const Ref entry = dict_of_violation(violation);
    if (!list || !entry || PyList_Append(list.get(), entry.get()) != 0) return {};
  }
  return list;
}

Ref list_of_rules(const RuleSet& rules) {
  Ref list(PyList_New(0));
  for (std::size_t i = 0; list && i < rule_count; ++i) {
    if (!rules[i]) continue;
    const Ref id(PyUnicode_FromString(rule_ids[i].data()));
    if (!id || PyList_Append(list.get(), id.get()) != 0) return {};
  }
  return list;
}

Ref dict_of_readings(std::uint64_t bits) {
  Ref dict(PyDict_New());
  for (std::size_t i = 0; dict && i < readings.size(); ++i) {
    if ((bits >> i & 1) == 0) continue;
    const Ref name(PyUnicode_FromString(readings[i].name.data()));
    if (!name || PyDict_SetItemString(dict.get(), rule_id(readings[i].rule).data(), name.get()) != 0) return {};
  }
  return dict;
}

}  // namespace

Ref dict_of_judgement(const Scenario& scenario, const Trace& trace, const RuleSet& rules) {
  const Judgement judgement = judge(scenario, trace);
  Ref violations = list_of_violations(judgement, rules);
  Ref judged = list_of_rules(judgement.judged & rules);
  Ref followed = dict_of_readings(judgement.readings);
  if (!violations || !judged || !followed) return {};
  return Ref(Py_BuildValue("{s:N,s:N,s:N}", "violations", violations.release(), "judged", judged.release(), "readings",
                           followed.release()));
}

Ref dict_of_trace(const Scenario& scenario, const Trace& trace, const RuleSet& rules) {
  Ref dict = dict_of_judgement(scenario, trace, rules);
  const Ref tried = object_from_json(json::text_of(scenario));
  const Ref seen = object_from_json(json::text_of(trace));
  const Ref described(PyUnicode_FromString(describe(scenario).c_str()));
  if (!dict || !tried || !seen || !described || PyDict_SetItemString(dict.get(), "scenario", tried.get()) != 0 ||
      PyDict_SetItemString(dict.get(), "trace", seen.get()) != 0 ||
      PyDict_SetItemString(dict.get(), "described", described.get()) != 0)
    return {};
  return dict;
}

}  // namespace bufspec::cpython
