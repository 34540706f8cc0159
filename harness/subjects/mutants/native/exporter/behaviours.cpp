#include "behaviours.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <type_traits>

#include "effects.hpp"
#include "harness/subjects/mutants/native/behaviour_table.hpp"
#include "harness/subjects/mutants/native/harm.hpp"
#include "names.hpp"

namespace bufspec::mutants::exporters {

namespace {

using Read = void (*)(RowReader& row, Behaviour& behaviour, Machine& machine);
using Act = void (*)(const Behaviour& behaviour, Occasion& now);

void nothing_to_read(RowReader&, Behaviour&, Machine&) {}
void nothing_to_do(const Behaviour&, Occasion&) {}

void read_number(RowReader& row, Behaviour& behaviour, Machine&) {
  behaviour.number = static_cast<ssize>(row.number("by"));
}
void read_error(RowReader& row, Behaviour& behaviour, Machine&) { behaviour.error = error_or_none_from(row); }
void read_what(RowReader& row, Behaviour& behaviour, Machine& machine) {
  behaviour.what = shared_from(row);
  if (machine.shared(behaviour.what).data() == nullptr) static_cast<void>(machine.share(behaviour.what, Ground::pages));
}

void need_memory(RowReader&, Behaviour&, Machine& machine) {
  if (machine.shared(Shared::memory).data() == nullptr) static_cast<void>(machine.share(Shared::memory, Ground::heap));
}
void read_how(RowReader& row, Behaviour& behaviour, Machine&) { behaviour.word = row.text("how"); }
void read_edits(RowReader& row, Behaviour& behaviour, Machine&) { behaviour.edits = edits_from(row); }
void read_fields(RowReader& row, Behaviour& behaviour, Machine&) { behaviour.fields = fields_from(row, "fields"); }

void read_bits(RowReader& row, Behaviour& behaviour, Machine&) {
  behaviour.added = bits_from(row, "add");
  behaviour.dropped = bits_from(row, "drop");
  behaviour.word = row.text("how", false);
}

void read_race(RowReader& row, Behaviour& behaviour, Machine& machine) {
  behaviour.word = row.text("what");
  if (behaviour.word == "memory") need_memory(row, behaviour, machine);
  if (behaviour.word != "memory" && behaviour.word != "references")
    row.problem(row.row(), "unknown race '" + behaviour.word + "'", "memory or references");
}

// Behaviours of the whole object, which act when it is made.
void read_ground(RowReader& row, Behaviour&, Machine& machine) {
  const TableValue* value = row.of_kind("kind", TableValue::Kind::string, true);
  if (value == nullptr) return;
  const Ground ground = enumerator_from<Ground>(row, *value, "ground",
                                                {{"heap", Ground::heap},
                                                 {"pages", Ground::pages},
                                                 {"readonly_pages", Ground::readonly_pages},
                                                 {"object", Ground::object}},
                                                Ground::heap);
  if (!machine.share(Shared::memory, ground))
    row.problem(*value, "the memory does not fit into the object", "the room in a MutantExporter");
}

void read_counting(RowReader& row, Behaviour&, Machine& machine) {
  const TableValue* value = row.of_kind("how", TableValue::Kind::string, true);
  if (value == nullptr) return;
  machine.counting = enumerator_from<Counting>(row, *value, "way of counting",
                                               {{"never_falls", Counting::never_falls},
                                                {"at_most_one", Counting::at_most_one},
                                                {"at_most_255", Counting::at_most_255},
                                                {"in_a_byte", Counting::in_a_byte},
                                                {"no_lock", Counting::no_lock},
                                                {"refusals_too", Counting::refusals_too}},
                                               Counting::right);
}

void read_finding(RowReader& row, Behaviour&, Machine& machine) {
  const TableValue* value = row.of_kind("by", TableValue::Kind::string, true);
  if (value == nullptr) return;
  machine.find_by = enumerator_from<FindBy>(row, *value, "way of finding",
                                            {{"address", FindBy::address}, {"last", FindBy::last}}, FindBy::internal);
}

// References that the object has to itself from the start, so that faults that drop one too many end nobody's process.
void read_hoard(RowReader& row, Behaviour&, Machine& machine) { machine.hoarded = static_cast<long>(row.number("by")); }

void read_refusal(RowReader& row, Behaviour&, Machine& machine) { machine.refusal_error = error_or_none_from(row); }

// Another object that answers: the same memory without behaviours, or some bytes of the interpreter's.
void read_redirect(RowReader& row, Behaviour& behaviour, Machine&) {
  const std::string to = row.text("to");
  if (to != "bytearray" && to != "bytes") {
    row.problem(row.row(), "unknown target '" + to + "'", "bytearray or bytes");
    return;
  }
  constexpr char contents[] = "redirected";
  const Py_ssize_t size = sizeof contents - 1;
  behaviour.object = std::make_shared<cpython::Ref>(to == "bytes" ? PyBytes_FromStringAndSize(contents, size)
                                                                  : PyByteArray_FromStringAndSize(contents, size));
}

void reword(const Behaviour& behaviour, Occasion& now) {
  if (behaviour.word == "own_bits") now.word = own_bits_completed(now.word);
  now.word = (now.word | behaviour.added) & ~behaviour.dropped;
}

// obj of a refusal: what stood there, an object that nobody owns, no object at all.
void spoil_refused_owner(const Behaviour& behaviour, Occasion& now) {
  if (behaviour.word == "untouched") now.view->obj = now.before.obj;
  if (behaviour.word == "self") now.view->obj = now.self;
  if (behaviour.word == "garbage") now.view->obj = reinterpret_cast<PyObject*>(unreadable_address());
}

// A new place for what all views share; the view of this call already has the new one.
void replace(const Behaviour& behaviour, Occasion& now) {
  const char* old = now.machine.shared(behaviour.what).data();
  now.machine.replace(behaviour.what);
  char* made = now.machine.shared(behaviour.what).data();
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
  if (behaviour.what == Shared::memory) view.buf = made + now.machine.buf_offset();
}

struct Entry {
  std::string_view name;
  Moment moment;
  bool can_be_at_another;  // by the key `at`
  Read read;
  Act act;
};

constexpr Moment made = Moment::request;  // acts when the object is made; no request finds it

constexpr Entry table[]{
    // while a request is weighed
    {"refuse", Moment::request, false, nothing_to_read, [](const Behaviour&, Occasion& now) { now.refuses = true; }},
    {"grant", Moment::request, false, nothing_to_read, [](const Behaviour&, Occasion& now) { now.grants = true; }},
    {"reopen", Moment::request, false, need_memory, [](const Behaviour&, Occasion& now) { now.reopens = true; }},
    {"reword", Moment::request, false, read_bits, reword},
    {"redirect", Moment::request, false, read_redirect,
     [](const Behaviour& behaviour, Occasion& now) { now.redirected = behaviour.object->get(); }},
    {"sleep", Moment::request, true, read_number,
     [](const Behaviour& behaviour, Occasion&) { usleep(static_cast<useconds_t>(behaviour.number)); }},
    {"die", Moment::request, true, read_how,
     [](const Behaviour& behaviour, Occasion&) { end_process(behaviour.word); }},
    // what was answered
    {"set", Moment::granted, false, read_edits, set_fields},
    {"unwritten", Moment::granted, false, read_fields, leave_unwritten},
    {"fresh_block", Moment::granted, false, need_memory, give_fresh_block},
    {"contiguous_copy", Moment::granted, false, nothing_to_read, give_contiguous_copy},
    {"own_arrays", Moment::granted, false, nothing_to_read, give_own_arrays},
    {"static_arrays", Moment::granted, false, nothing_to_read, give_static_arrays},
    {"renewed_arrays", Moment::granted, false, nothing_to_read, renew_arrays},
    {"refused_obj", Moment::refused, false, read_how, spoil_refused_owner},
    {"status", Moment::granted, true, read_number,
     [](const Behaviour& behaviour, Occasion& now) { now.status = static_cast<int>(behaviour.number); }},
    {"exception", Moment::granted, true, read_error, leave_exception},
    {"beside", Moment::granted, true, read_number, write_beside},
    // what is kept
    {"references", Moment::granted, true, read_number,
     [](const Behaviour& behaviour, Occasion& now) { add_references(now.self, behaviour.number); }},
    {"leak", Moment::granted, true, read_number,
     [](const Behaviour& behaviour, Occasion& now) {
       void* lost = std::malloc(static_cast<std::size_t>(behaviour.number));
       now.machine.lost = lost;  // so that no compiler removes it
     }},
    {"replace", Moment::granted, true, read_what, replace},
    {"stale", Moment::granted, false, read_what,
     [](const Behaviour& behaviour, Occasion& now) { now.machine.replace(behaviour.what); }},
    {"overwrite", Moment::granted, true, read_what, overwrite},
    {"keep_lock", Moment::released, false, nothing_to_read,
     [](const Behaviour&, Occasion& now) { now.keeps_count = true; }},
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

// The conditions, and another moment than the entry's where it may have one.
void read_when(RowReader& row, const Entry& entry, Behaviour& behaviour) {
  behaviour.when = when_from(row);
  if (!entry.can_be_at_another) return;
  if (const TableValue* at = row.of_kind("at", TableValue::Kind::string, false))
    behaviour.moment = enumerator_from<Moment>(row, *at, "moment",
                                               {{"request", Moment::request},
                                                {"granted", Moment::granted},
                                                {"refused", Moment::refused},
                                                {"released", Moment::released},
                                                {"operation", Moment::operation}},
                                               entry.moment);
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
  if (now.machine.operations < after_operations) return false;
  if (now.call < from_call || (every != 0 && now.call % every != 0)) return false;
  return now.held >= held && (held_at_most == 0 || now.held <= held_at_most);
}

std::vector<Behaviour> behaviours_from(const TableValue& list, Machine& machine, std::vector<TableProblem>& problems) {
  return behaviours_by<Behaviour>(table, "spec/schema/mutants.schema.json", list, machine, problems, read_when);
}

}  // namespace bufspec::mutants::exporters
