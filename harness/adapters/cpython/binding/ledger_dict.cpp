#include "ledger_dict.hpp"

#include <bit>

#include "bufspec/trace.hpp"

namespace bufspec::cpython {

namespace {

bool set_item(PyObject* dict, const char* key, PyObject* owned) {
  const Ref value(owned);
  return value && PyDict_SetItemString(dict, key, value.get()) == 0;
}

// {"cases": n, "failed": n, "readings": {name: n}}
Ref rule_counts(const engine::LedgerData& data, Rule rule) {
  Ref counts(PyDict_New());
  Ref names(PyDict_New());
  if (!counts || !names) return {};
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (readings[i].rule != rule) continue;
    const auto cases = engine::cases_reading(data, i);
    if (cases > 0 && !set_item(names.get(), readings[i].name.data(), PyLong_FromUnsignedLongLong(cases))) return {};
  }
  if (!set_item(counts.get(), "cases", PyLong_FromUnsignedLongLong(engine::cases_judged(data, rule))) ||
      !set_item(counts.get(), "failed", PyLong_FromUnsignedLongLong(data.failed[index_of(rule)])) ||
      !set_item(counts.get(), "readings", names.release()))
    return {};
  return counts;
}

PyObject* numbers_of(const engine::Accepted& one) {
  return Py_BuildValue("(KK)", static_cast<unsigned long long>(one.given),
                       static_cast<unsigned long long>(one.accepted));
}

// {"all": (given, accepted), "strided": (given, accepted), ...}
Ref memories_of(const engine::LedgerData& data) {
  Ref memories(PyDict_New());
  if (!memories || !set_item(memories.get(), "all", numbers_of(data.memories))) return {};
  for (std::size_t bit = 0; bit < engine::capability_count; ++bit) {
    const std::string name(capability_name(1U << bit));
    if (!set_item(memories.get(), name.c_str(), numbers_of(data.memories_by_capability[bit]))) return {};
  }
  return memories;
}

// [rule id, ...]
Ref rules_of(const std::uint64_t (&words)[engine::rule_words]) {
  Ref ids(PyList_New(0));
  for (std::size_t i = 0; ids && i < rule_count; ++i) {
    if ((words[i / 64] >> (i % 64) & 1) == 0) continue;
    const Ref id(PyUnicode_FromStringAndSize(rule_ids[i].data(), static_cast<Py_ssize_t>(rule_ids[i].size())));
    if (!id || PyList_Append(ids.get(), id.get()) != 0) return {};
  }
  return ids;
}

// {"requests": {"FULL": (requested, granted), ...}, "memories": {"strided": (given, accepted), ...},
//  "broken": {"strided": [rule id, ...], ...}}; owned by who asks, null on failure.
PyObject* by_class_dict(const engine::ByClass& by_class) {
  const Ref compounds(PyDict_New()), memories(PyDict_New()), broken(PyDict_New());
  if (!compounds || !memories || !broken) return nullptr;
  for (std::size_t i = 0; i < engine::compounds.size(); ++i)
    if (!set_item(compounds.get(), engine::compounds[i].name.data(), numbers_of(by_class.requests[i]))) return nullptr;
  for (std::size_t i = 0; i < engine::class_count; ++i) {
    const char* const name = engine::class_names[i].data();
    if (!set_item(memories.get(), name, numbers_of(by_class.memories[i])) ||
        !set_item(broken.get(), name, rules_of(by_class.broken[i]).release()))
      return nullptr;
  }
  return Py_BuildValue("{s:O,s:O,s:O}", "requests", compounds.get(), "memories", memories.get(), "broken",
                       broken.get());
}

// {"granted": n, "richest_len": n, ...}; owned by who asks, null on failure.
PyObject* exercised_dict(const engine::Exercised& exercised) {
  return Py_BuildValue("{s:K,s:L,s:K,s:K,s:K,s:K,s:K}", "granted", static_cast<unsigned long long>(exercised.granted),
                       "richest_len", static_cast<long long>(exercised.richest_len), "builds_asked",
                       static_cast<unsigned long long>(exercised.builds_asked), "builds_made",
                       static_cast<unsigned long long>(exercised.builds_made), "cases_for_small",
                       static_cast<unsigned long long>(exercised.cases_for_small), "orders_open",
                       static_cast<unsigned long long>(exercised.orders_open), "operations_raising",
                       static_cast<unsigned long long>(exercised.operations_raising));
}

// Puts the place of the run into `dict`.
bool add_place(PyObject* dict, const engine::LedgerData& data) {
  const auto index = data.threads[0].case_index();
  return set_item(dict, "case_index", PyLong_FromUnsignedLong(index)) &&
         set_item(dict, "step", PyLong_FromUnsignedLong(data.threads[0].step())) &&
         set_item(dict, "cases_done", PyLong_FromUnsignedLong(data.cases_done.load(std::memory_order_relaxed))) &&
         set_item(dict, "heartbeat", PyLong_FromUnsignedLongLong(data.heartbeat.load(std::memory_order_relaxed))) &&
         set_item(dict, "surveys_lost",
                  PyLong_FromLong(std::popcount(data.surveyed.load(std::memory_order_relaxed)))) &&
         set_item(dict, "setting_up", PyBool_FromLong(data.setting_up.load(std::memory_order_relaxed) != 0 ? 1 : 0)) &&
         set_item(dict, "at_end", PyBool_FromLong(index == engine::index_at_the_end ? 1 : 0));
}

}  // namespace

PyObject* dict_of_place(const engine::LedgerData& data) {
  Ref place(PyDict_New());
  return place && add_place(place.get(), data) ? place.release() : nullptr;
}

PyObject* dict_of_ledger(const engine::LedgerData& data) {
  Ref result(PyDict_New());
  Ref rules(PyDict_New());
  if (!result || !rules) return nullptr;
  for (std::size_t i = 0; i < rule_count; ++i) {
    Ref counts = rule_counts(data, static_cast<Rule>(i));
    if (!counts || PyDict_SetItemString(rules.get(), rule_ids[i].data(), counts.get()) != 0) return nullptr;
  }
  const bool ok = add_place(result.get(), data) && set_item(result.get(), "memories", memories_of(data).release()) &&
                  set_item(result.get(), "requests", PyLong_FromUnsignedLongLong(data.requests)) &&
                  set_item(result.get(), "exercised", exercised_dict(data.exercised)) &&
                  set_item(result.get(), "by_class", by_class_dict(data.by_class)) &&
                  set_item(result.get(), "rules", rules.release());
  return ok ? result.release() : nullptr;
}

}  // namespace bufspec::cpython
