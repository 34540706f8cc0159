#include "behaviours.hpp"

#include <algorithm>
#include <cstring>

#include "bufspec/flags.hpp"
#include "effects.hpp"
#include "harness/subjects/mutants/native/behaviour_table.hpp"
#include "harness/subjects/mutants/native/harm.hpp"
#include "names.hpp"
#include "values.hpp"

namespace bufspec::mutants::consumers {

namespace {

using Read = void (*)(RowReader& row, Behaviour& behaviour, Machine& machine);
using Act = void (*)(const Behaviour& behaviour, Call& call);

void nothing_to_read(RowReader&, Behaviour&, Machine&) {}
void nothing_to_do(const Behaviour&, Call&) {}

void read_number(RowReader& row, Behaviour& behaviour, Machine&) {
  behaviour.number = static_cast<Py_ssize_t>(row.number("by"));
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

void read_part(RowReader& row, Behaviour& behaviour, Machine&) {
  behaviour.word = one_of(row, "what", "shape", "strides", "suboffsets", "format", "internal", "elements", "gaps");
}
void read_array(RowReader& row, Behaviour& behaviour, Machine&) {
  behaviour.word = one_of(row, "what", "shape", "strides", "suboffsets", "format");
}
void read_death(RowReader& row, Behaviour& behaviour, Machine&) {
  behaviour.word = one_of(row, "how", "segfault", "abort", "exit");
}
void read_swallowed(RowReader& row, Behaviour& behaviour, Machine&) {
  behaviour.word = one_of(row, "into", "zeros", "empty", "none", "false", "nothing");
}
void read_error(RowReader& row, Behaviour& behaviour, Machine&) { behaviour.error = error_from(row); }
void read_misread(RowReader& row, Behaviour& behaviour, Machine&) { behaviour.bits = misread_from(row); }
void read_misparse(RowReader& row, Behaviour& behaviour, Machine&) { behaviour.bits = misparse_from(row); }
void read_reword(RowReader& row, Behaviour& behaviour, Machine&) {
  for (const std::string& name : row.texts("add", false)) behaviour.added |= word_from(row, name);
  for (const std::string& name : row.texts("drop", false)) behaviour.dropped |= word_from(row, name);
}

// What is so of every call.
void read_asks(RowReader& row, Behaviour&, Machine& machine) {
  machine.plan.words.clear();
  for (const std::string& name : row.texts("words")) machine.plan.words.push_back(word_from(row, name));
  if (machine.plan.words.empty()) row.problem(row.row(), "no word to ask", "words: [FULL_RO]");
  machine.plan.asks_on = row.flag("after_any_error", false);
}
void read_way(RowReader& row, Behaviour&, Machine& machine) { machine.plan.read_as = read_as_from(row); }
void read_return(RowReader& row, Behaviour&, Machine& machine) {
  machine.plan.returns = returns_from(row);
  machine.plan.holds = holds_from(row);
  machine.plan.cycle = cycle_from(row);
}

void raise(const Behaviour& behaviour, Call&) {
  PyErr_Clear();
  cpython::raise_error(behaviour.error, "refused on purpose");
}

void release_extra(const Behaviour& behaviour, Call& call) { call.releases = static_cast<int>(behaviour.number); }

void keep_references(const Behaviour& behaviour, Call& call) { add_references(call.exporter, behaviour.number); }

// A second view while the first is held; it is released at once.
void ask_twice(const Behaviour&, Call& call) {
  Py_buffer second{};
  if (PyObject_GetBuffer(call.exporter, &second, call.word) != 0) {
    PyErr_Clear();
    return;
  }
  PyBuffer_Release(&second);
}

// A second view in the struct of the first, which nobody can release any more.
void ask_over(const Behaviour&, Call& call) {
  Py_buffer second{};
  if (PyObject_GetBuffer(call.exporter, &second, call.word) == 0)
    *call.view = second;
  else
    PyErr_Clear();
}

struct Entry {
  std::string_view name;
  Moment moment;
  Read read;
  Act act;
};

constexpr Entry table[]{
    // of every call
    {"ask", Moment::made, read_asks, nothing_to_do},
    {"read", Moment::made, read_way, nothing_to_do},
    {"return", Moment::made, read_return, nothing_to_do},
    {"fill", Moment::made, [](RowReader&, Behaviour&, Machine& machine) { machine.plan.fills = true; }, nothing_to_do},
    {"thread", Moment::made, [](RowReader&, Behaviour&, Machine& machine) { machine.plan.in_a_thread = true; },
     nothing_to_do},
    {"static_view", Moment::made, [](RowReader&, Behaviour&, Machine& machine) { machine.plan.has_static_view = true; },
     nothing_to_do},
    {"static_result", Moment::made,
     [](RowReader&, Behaviour&, Machine& machine) { machine.plan.has_static_result = true; }, nothing_to_do},
    // asking
    {"reword", Moment::asking, read_reword,
     [](const Behaviour& behaviour, Call& call) { call.word = (call.word | behaviour.added) & ~behaviour.dropped; }},
    // refused
    {"swallow", Moment::refused, read_swallowed, swallow},
    {"rename", Moment::refused, read_error, raise},
    {"release_stray", Moment::refused, nothing_to_read, release_stray},
    {"release_refused", Moment::refused, nothing_to_read,
     [](const Behaviour&, Call& call) { PyBuffer_Release(call.view); }},
    {"keep_when_refused", Moment::refused, read_number, keep_references},
    // granted
    {"refuse", Moment::granted, read_error, raise},
    {"misread", Moment::granted, read_misread,
     [](const Behaviour& behaviour, Call& call) { call.wrongly |= behaviour.bits; }},
    {"misparse", Moment::granted, read_misparse,
     [](const Behaviour& behaviour, Call& call) { call.misparses |= behaviour.bits; }},
    {"release_first", Moment::granted, nothing_to_read,
     [](const Behaviour&, Call& call) { call.releases_first = true; }},
    {"release_copy", Moment::granted, nothing_to_read, [](const Behaviour&, Call& call) { call.releases_copy = true; }},
    {"releases", Moment::granted, read_number, release_extra},
    {"ask_twice", Moment::granted, nothing_to_read, ask_twice},
    {"ask_over", Moment::granted, nothing_to_read, ask_over},
    {"pause", Moment::granted, read_number, let_others_run},
    {"collect", Moment::granted, nothing_to_read, [](const Behaviour&, Call&) { PyGC_Collect(); }},
    {"touch", Moment::granted, read_number,
     [](const Behaviour& behaviour, Call& call) { touch(*call.view, behaviour.number); }},
    {"write_back", Moment::granted, nothing_to_read, [](const Behaviour&, Call& call) { write_back(*call.view); }},
    {"keep", Moment::granted, read_number, keep_references},
    {"die", Moment::granted, read_death, [](const Behaviour& behaviour, Call&) { end_process(behaviour.word); }},
    // read, ending
    {"overwrite", Moment::ending, read_part, overwrite_part},
    {"repoint", Moment::ending, read_array, repoint_part},
    {"pad", Moment::read, read_number,
     [](const Behaviour& behaviour, Call& call) {
       call.elements.append(static_cast<std::size_t>(behaviour.number), '\0');
     }},
    {"release_on_success_only", Moment::ending, nothing_to_read,
     [](const Behaviour&, Call& call) {
       if (call.failing) call.releases = 0;
     }},
    {"swallow_own_refusal", Moment::ending, read_swallowed,
     [](const Behaviour& behaviour, Call& call) {
       if (call.failing) swallow(behaviour, call);
     }},
    {"beside", Moment::ending, read_error,
     [](const Behaviour& behaviour, Call& call) {
       raise(behaviour, call);
       call.keeps_exception = true;
     }},
    {"lose_result", Moment::ending, nothing_to_read,
     [](const Behaviour&, Call& call) {
       call.has_result = true;
       call.result.reset();
     }},
};

}  // namespace

bool Behaviour::holds_for(const Call& call) const {
  return std::all_of(when.begin(), when.end(), [&](const auto& one) { return one.first(*this, call) == one.second; });
}

std::vector<Behaviour> behaviours_from(const TableValue& list, Machine& machine, std::vector<TableProblem>& problems) {
  const auto read_when = [](RowReader& row, const Entry& entry, Behaviour& behaviour) {
    if (entry.moment != Moment::made) read_conditions(row, behaviour);
  };
  return behaviours_by<Behaviour>(table, "spec/schema/consumer_mutants.schema.json", list, machine, problems,
                                  read_when);
}

}  // namespace bufspec::mutants::consumers
