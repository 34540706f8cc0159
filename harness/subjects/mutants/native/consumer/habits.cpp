#include "habits.hpp"

#include <algorithm>
#include <cstring>

#include "bufspec/flags.hpp"
#include "deeds.hpp"
#include "names.hpp"
#include "values.hpp"

namespace bufspec::cpython {

namespace {

using Read = void (*)(RowReader& row, CallHabit& habit, ConsumerMachine& machine);
using Act = void (*)(const CallHabit& habit, Call& call);

void nothing_to_read(RowReader&, CallHabit&, ConsumerMachine&) {}
void nothing_to_do(const CallHabit&, Call&) {}

void read_number(RowReader& row, CallHabit& habit, ConsumerMachine&) {
  habit.number = static_cast<Py_ssize_t>(row.number("by"));
}

// A word out of a closed list.
template <typename... Names>
std::string one_of(RowReader& row, std::string_view key, Names... names) {
  const TableValue* value = row.of_kind(key, TableValue::Kind::string, true);
  if (value == nullptr) return {};
  std::string known;
  for (const std::string_view name : {std::string_view(names)...}) {
    if (value->string == name) return value->string;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  row.problem(*value, "unknown " + std::string(key) + " '" + value->string + "'", "one of: " + known);
  return {};
}

void read_part(RowReader& row, CallHabit& habit, ConsumerMachine&) {
  habit.word = one_of(row, "what", "shape", "strides", "suboffsets", "format", "internal", "elements", "gaps");
}
void read_array(RowReader& row, CallHabit& habit, ConsumerMachine&) {
  habit.word = one_of(row, "what", "shape", "strides", "suboffsets", "format");
}
void read_death(RowReader& row, CallHabit& habit, ConsumerMachine&) {
  habit.word = one_of(row, "how", "segfault", "abort", "exit");
}
void read_swallowed(RowReader& row, CallHabit& habit, ConsumerMachine&) {
  habit.word = one_of(row, "into", "zeros", "empty", "none", "false", "nothing");
}
void read_error(RowReader& row, CallHabit& habit, ConsumerMachine&) { habit.error = error_of(row); }
void read_misread(RowReader& row, CallHabit& habit, ConsumerMachine&) { habit.bits = misread_from(row); }
void read_misparse(RowReader& row, CallHabit& habit, ConsumerMachine&) { habit.bits = misparse_from(row); }
void read_reword(RowReader& row, CallHabit& habit, ConsumerMachine&) {
  for (const std::string& name : row.texts("add", false)) habit.added |= word_from(row, name);
  for (const std::string& name : row.texts("drop", false)) habit.dropped |= word_from(row, name);
}

// What is so of every call.
void read_asks(RowReader& row, CallHabit&, ConsumerMachine& machine) {
  machine.plan.words.clear();
  for (const std::string& name : row.texts("words")) machine.plan.words.push_back(word_from(row, name));
  if (machine.plan.words.empty()) row.problem(row.row(), "no word to ask", "words: [FULL_RO]");
  machine.plan.asks_on = row.flag("after_any_error", false);
}
void read_way(RowReader& row, CallHabit&, ConsumerMachine& machine) { machine.plan.read_as = read_as_from(row); }
void read_return(RowReader& row, CallHabit&, ConsumerMachine& machine) {
  machine.plan.returns = returns_from(row);
  machine.plan.holds = holds_from(row);
  machine.plan.cycle = cycle_from(row);
}

void raise(const CallHabit& habit, Call&) {
  PyErr_Clear();
  raise_error(habit.error, "refused by habit");
}

void release_extra(const CallHabit& habit, Call& call) { call.releases = static_cast<int>(habit.number); }

void keep_references(const CallHabit& habit, Call& call) {
  for (Py_ssize_t i = 0; i < habit.number; ++i) Py_INCREF(call.exporter);
  for (Py_ssize_t i = 0; i > habit.number; --i) Py_DECREF(call.exporter);
}

// A second view while the first is held; it is given back at once.
void ask_twice(const CallHabit&, Call& call) {
  Py_buffer second{};
  if (PyObject_GetBuffer(call.exporter, &second, call.word) != 0) {
    PyErr_Clear();
    return;
  }
  PyBuffer_Release(&second);
}

// A second view in the struct of the first, which nobody can give back any more.
void ask_over(const CallHabit&, Call& call) {
  Py_buffer second{};
  if (PyObject_GetBuffer(call.exporter, &second, call.word) == 0)
    *call.view = second;
  else
    PyErr_Clear();
}

struct Kind {
  std::string_view name;
  CallMoment moment;
  Read read;
  Act act;
};

constexpr Kind kinds[]{
    // of every call
    {"ask", CallMoment::made, read_asks, nothing_to_do},
    {"read", CallMoment::made, read_way, nothing_to_do},
    {"return", CallMoment::made, read_return, nothing_to_do},
    {"fill", CallMoment::made, [](RowReader&, CallHabit&, ConsumerMachine& machine) { machine.plan.fills = true; },
     nothing_to_do},
    {"thread", CallMoment::made,
     [](RowReader&, CallHabit&, ConsumerMachine& machine) { machine.plan.in_a_thread = true; }, nothing_to_do},
    {"static_view", CallMoment::made,
     [](RowReader&, CallHabit&, ConsumerMachine& machine) { machine.plan.has_static_view = true; }, nothing_to_do},
    {"static_result", CallMoment::made,
     [](RowReader&, CallHabit&, ConsumerMachine& machine) { machine.plan.has_static_result = true; }, nothing_to_do},
    // asking
    {"reword", CallMoment::asking, read_reword,
     [](const CallHabit& habit, Call& call) { call.word = (call.word | habit.added) & ~habit.dropped; }},
    // refused
    {"swallow", CallMoment::refused, read_swallowed, swallow},
    {"rename", CallMoment::refused, read_error, raise},
    {"release_stray", CallMoment::refused, nothing_to_read, release_stray},
    {"release_refused", CallMoment::refused, nothing_to_read,
     [](const CallHabit&, Call& call) { PyBuffer_Release(call.view); }},
    {"keep_when_refused", CallMoment::refused, read_number, keep_references},
    // granted
    {"refuse", CallMoment::granted, read_error, raise},
    {"misread", CallMoment::granted, read_misread,
     [](const CallHabit& habit, Call& call) { call.wrongly |= habit.bits; }},
    {"misparse", CallMoment::granted, read_misparse,
     [](const CallHabit& habit, Call& call) { call.misparses |= habit.bits; }},
    {"release_first", CallMoment::granted, nothing_to_read,
     [](const CallHabit&, Call& call) { call.releases_first = true; }},
    {"release_copy", CallMoment::granted, nothing_to_read,
     [](const CallHabit&, Call& call) { call.releases_copy = true; }},
    {"releases", CallMoment::granted, read_number, release_extra},
    {"ask_twice", CallMoment::granted, nothing_to_read, ask_twice},
    {"ask_over", CallMoment::granted, nothing_to_read, ask_over},
    {"pause", CallMoment::granted, read_number, let_others_run},
    {"collect", CallMoment::granted, nothing_to_read, [](const CallHabit&, Call&) { PyGC_Collect(); }},
    {"touch", CallMoment::granted, read_number,
     [](const CallHabit& habit, Call& call) { touch(*call.view, habit.number); }},
    {"keep", CallMoment::granted, read_number, keep_references},
    {"die", CallMoment::granted, read_death, end_process},
    // read, ending
    {"overwrite", CallMoment::ending, read_part, overwrite_part},
    {"repoint", CallMoment::ending, read_array, repoint_part},
    {"pad", CallMoment::read, read_number,
     [](const CallHabit& habit, Call& call) { call.elements.append(static_cast<std::size_t>(habit.number), '\0'); }},
    {"release_on_success_only", CallMoment::ending, nothing_to_read,
     [](const CallHabit&, Call& call) {
       if (call.failing) call.releases = 0;
     }},
    {"swallow_own_refusal", CallMoment::ending, read_swallowed,
     [](const CallHabit& habit, Call& call) {
       if (call.failing) swallow(habit, call);
     }},
    {"beside", CallMoment::ending, read_error,
     [](const CallHabit& habit, Call& call) {
       raise(habit, call);
       call.keeps_exception = true;
     }},
    {"lose_result", CallMoment::ending, nothing_to_read,
     [](const CallHabit&, Call& call) {
       call.has_result = true;
       call.result.reset();
     }},
};

CallHabit habit_from(const TableValue& value, std::string place, ConsumerMachine& machine,
                     std::vector<TableProblem>& problems) {
  RowReader row(value, std::move(place), problems);
  CallHabit habit;
  const std::string name = row.text("do");
  const auto* kind =
      std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& one) { return one.name == name; });
  if (kind == std::end(kinds)) {
    row.problem(value, "unknown habit '" + name + "'", "one of the names in spec/schema/consumer_mutants.schema.json");
    return habit;
  }
  habit.act = kind->act;
  habit.moment = kind->moment;
  if (kind->moment != CallMoment::made) read_conditions(row, habit);
  kind->read(row, habit, machine);
  row.refuse_unknown_keys();
  return habit;
}

}  // namespace

bool CallHabit::holds_for(const Call& call) const {
  return std::all_of(when.begin(), when.end(), [&](const auto& one) { return one.first(*this, call) == one.second; });
}

std::vector<CallHabit> call_habits_from(const TableValue& list, ConsumerMachine& machine,
                                        std::vector<TableProblem>& problems) {
  std::vector<CallHabit> habits;
  if (!list.is_list()) {
    problems.push_back({"habits", 0, 0, "habits are a list", "write [{do: NAME}]"});
    return habits;
  }
  for (const TableValue& one : list.list)
    habits.push_back(habit_from(one, "habit " + std::to_string(habits.size() + 1), machine, problems));
  return habits;
}

}  // namespace bufspec::cpython
