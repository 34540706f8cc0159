#include "habits.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <type_traits>

#include "kinds.hpp"
#include "reading.hpp"

namespace bufspec::cpython {

namespace {

using Read = void (*)(RowReader& row, Habit& habit, Machine& machine);
using Act = void (*)(const Habit& habit, Occasion& now);

void nothing_to_read(RowReader&, Habit&, Machine&) {}
void nothing_to_do(const Habit&, Occasion&) {}

void read_number(RowReader& row, Habit& habit, Machine&) { habit.number = static_cast<ssize>(row.number("by")); }
void read_error(RowReader& row, Habit& habit, Machine&) { habit.error = error_from(row); }
void read_what(RowReader& row, Habit& habit, Machine& machine) {
  habit.what = shared_from(row);
  if (machine.shared(habit.what).data() == nullptr) machine.share(habit.what, Ground::pages);
}

void need_memory(RowReader&, Habit&, Machine& machine) {
  if (machine.shared(Shared::memory).data() == nullptr) machine.share(Shared::memory, Ground::heap);
}
void read_how(RowReader& row, Habit& habit, Machine&) { habit.word = row.text("how"); }
void read_edits(RowReader& row, Habit& habit, Machine&) { habit.edits = edits_from(row); }
void read_fields(RowReader& row, Habit& habit, Machine&) { habit.fields = fields_from(row, "fields"); }

void read_bits(RowReader& row, Habit& habit, Machine&) {
  habit.added = bits_from(row, "add");
  habit.dropped = bits_from(row, "drop");
  habit.word = row.text("how", false);
}

void read_race(RowReader& row, Habit& habit, Machine& machine) {
  habit.word = row.text("what");
  if (habit.word == "memory") need_memory(row, habit, machine);
  if (habit.word != "memory" && habit.word != "references")
    row.problem(row.row(), "unknown race '" + habit.word + "'", "memory or references");
}

// Habits of the whole object, which act when it is made.
void read_ground(RowReader& row, Habit&, Machine& machine) {
  const TableValue* value = row.of_kind("kind", TableValue::Kind::string, true);
  if (value == nullptr) return;
  machine.share(Shared::memory,
                enumerator_from<Ground>(
                    row, *value, "ground",
                    {{"heap", Ground::heap}, {"pages", Ground::pages}, {"readonly_pages", Ground::readonly_pages}},
                    Ground::heap));
}

void read_counting(RowReader& row, Habit&, Machine& machine) {
  const TableValue* value = row.of_kind("how", TableValue::Kind::string, true);
  if (value == nullptr) return;
  machine.counting = enumerator_from<Counting>(row, *value, "way of counting",
                                               {{"never_falls", Counting::never_falls},
                                                {"at_most_one", Counting::at_most_one},
                                                {"no_lock", Counting::no_lock},
                                                {"refusals_too", Counting::refusals_too}},
                                               Counting::right);
}

void read_finding(RowReader& row, Habit&, Machine& machine) {
  const TableValue* value = row.of_kind("by", TableValue::Kind::string, true);
  if (value == nullptr) return;
  machine.find_by = enumerator_from<FindBy>(row, *value, "way of finding",
                                            {{"address", FindBy::address}, {"last", FindBy::last}}, FindBy::internal);
}

// References that the object has to itself from the start, so that faults that drop one too many end nobody's process.
void read_hoard(RowReader& row, Habit&, Machine& machine) { machine.hoarded = static_cast<long>(row.number("by")); }

void read_refusal(RowReader& row, Habit&, Machine& machine) { machine.refusal_error = error_from(row); }

// Another object that answers: the same memory without habits, or some bytes of the interpreter's.
void read_redirect(RowReader& row, Habit& habit, Machine&) {
  const std::string to = row.text("to");
  if (to != "bytearray" && to != "bytes") {
    row.problem(row.row(), "unknown target '" + to + "'", "bytearray or bytes");
    return;
  }
  constexpr char contents[] = "redirected";
  const Py_ssize_t size = sizeof contents - 1;
  habit.object = std::make_shared<Ref>(to == "bytes" ? PyBytes_FromStringAndSize(contents, size)
                                                     : PyByteArray_FromStringAndSize(contents, size));
}

void reword(const Habit& habit, Occasion& now) {
  if (habit.word == "own_bits") now.word = own_bits_completed(now.word);
  now.word = (now.word | habit.added) & ~habit.dropped;
}

// obj of a refusal: what stood there, an object that nobody owns, no object at all.
void spoil_refused_owner(const Habit& habit, Occasion& now) {
  if (habit.word == "untouched") now.view->obj = now.before.obj;
  if (habit.word == "self") now.view->obj = now.self;
  if (habit.word == "garbage") now.view->obj = reinterpret_cast<PyObject*>(unreadable_address());
}

// A new place for what all views share; the view of this call already has the new one.
void replace(const Habit& habit, Occasion& now) {
  const char* old = now.machine.shared(habit.what).data();
  now.machine.replace(habit.what);
  char* made = now.machine.shared(habit.what).data();
  if (now.moment != Moment::granted) return;
  Py_buffer& view = *now.view;
  const auto follow = [&](auto*& field) {
    if (static_cast<const void*>(field) == old)
      field = reinterpret_cast<std::remove_reference_t<decltype(field)>>(made);
  };
  follow(view.format);
  follow(view.shape);
  follow(view.strides);
  follow(view.suboffsets);
  if (habit.what == Shared::memory) view.buf = made + now.machine.buf_offset();
}

struct Kind {
  std::string_view name;
  Moment moment;
  bool can_be_at_another;  // by the key `at`
  Read read;
  Act act;
};

constexpr Moment made = Moment::request;  // acts when the object is made; no request finds it

constexpr Kind kinds[]{
    // while a request is weighed
    {"refuse", Moment::request, false, nothing_to_read, [](const Habit&, Occasion& now) { now.refuses = true; }},
    {"grant", Moment::request, false, nothing_to_read, [](const Habit&, Occasion& now) { now.grants = true; }},
    {"reword", Moment::request, false, read_bits, reword},
    {"redirect", Moment::request, false, read_redirect,
     [](const Habit& habit, Occasion& now) { now.redirected = habit.object->get(); }},
    {"sleep", Moment::request, true, read_number,
     [](const Habit& habit, Occasion&) { usleep(static_cast<useconds_t>(habit.number)); }},
    {"die", Moment::request, true, read_how, die},
    // what was answered
    {"set", Moment::granted, false, read_edits, set_fields},
    {"unwritten", Moment::granted, false, read_fields, leave_unwritten},
    {"fresh_block", Moment::granted, false, need_memory, give_fresh_block},
    {"own_arrays", Moment::granted, false, nothing_to_read, give_own_arrays},
    {"refused_obj", Moment::refused, false, read_how, spoil_refused_owner},
    {"status", Moment::granted, true, read_number,
     [](const Habit& habit, Occasion& now) { now.status = static_cast<int>(habit.number); }},
    {"exception", Moment::granted, true, read_error, leave_exception},
    {"beside", Moment::granted, true, read_number, write_beside},
    // what is kept
    {"references", Moment::granted, true, read_number, count_references},
    {"leak", Moment::granted, true, read_number,
     [](const Habit& habit, Occasion& now) {
       void* lost = std::malloc(static_cast<std::size_t>(habit.number));
       now.machine.lost = lost;  // so that no compiler removes it
     }},
    {"replace", Moment::granted, true, read_what, replace},
    {"overwrite", Moment::granted, true, read_what, overwrite},
    {"keep_lock", Moment::released, false, nothing_to_read,
     [](const Habit&, Occasion& now) { now.keeps_count = true; }},
    {"race", Moment::granted, true, read_race, race},
    // of the whole object
    {"ground", made, false, read_ground, nothing_to_do},
    {"counting", made, false, read_counting, nothing_to_do},
    {"find", made, false, read_finding, nothing_to_do},
    {"hoard", made, false, read_hoard, nothing_to_do},
    {"refusal", made, false, read_refusal, nothing_to_do},
};

bool lacks_all(const std::vector<int>& flags, int word) noexcept {
  return std::none_of(flags.begin(), flags.end(), [&](int one) { return has(word, one); });
}

Habit habit_from(const TableValue& value, std::string place, Machine& machine, std::vector<TableProblem>& problems) {
  RowReader row(value, std::move(place), problems);
  Habit habit;
  const std::string name = row.text("do");
  const auto* kind =
      std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& one) { return one.name == name; });
  if (kind == std::end(kinds)) {
    row.problem(value, "unknown habit '" + name + "'", "one of the names in spec/schema/mutants.schema.json");
    return habit;
  }
  habit.act = kind->act;
  habit.moment = kind->moment;
  habit.when = when_from(row);
  if (kind->can_be_at_another)
    if (const TableValue* at = row.of_kind("at", TableValue::Kind::string, false))
      habit.moment = enumerator_from<Moment>(row, *at, "moment",
                                             {{"request", Moment::request},
                                              {"granted", Moment::granted},
                                              {"refused", Moment::refused},
                                              {"released", Moment::released},
                                              {"operation", Moment::operation}},
                                             kind->moment);
  kind->read(row, habit, machine);
  row.refuse_unknown_keys();
  return habit;
}

}  // namespace

bool When::holds(const Occasion& now) const noexcept {
  const auto among = [](const auto& list, auto value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  if (!std::all_of(asks.begin(), asks.end(), [&](int one) { return has(now.asked, one); })) return false;
  if (!lacks_all(lacks, now.asked)) return false;
  if (!words.empty() && !among(words, now.asked)) return false;
  if (bits != 0 && (now.asked & bits) == 0) return false;
  if (!calls.empty() && !among(calls, static_cast<ssize>(now.call))) return false;
  if (now.call < from_call || (every != 0 && now.call % every != 0)) return false;
  return now.held >= held && (held_at_most == 0 || now.held <= held_at_most);
}

std::vector<Habit> habits_from(const TableValue& list, Machine& machine, std::vector<TableProblem>& problems) {
  std::vector<Habit> habits;
  if (!list.is_list()) {
    problems.push_back({"habits", 0, 0, "habits are a list", "write [{do: NAME}]"});
    return habits;
  }
  for (const TableValue& one : list.list)
    habits.push_back(habit_from(one, "habit " + std::to_string(habits.size() + 1), machine, problems));
  return habits;
}

}  // namespace bufspec::cpython
