// Mutation: what resizes, closes or reallocates the object, tried under its views and after them
// (rules lifetime.export.*).
#include <algorithm>
#include <string>
#include <utility>

#include "cases.hpp"

namespace bufspec::suites {

namespace {

using Steps = std::vector<Step>;

constexpr std::size_t words_at_once = 6;  // that are held one after the other: an object may grow so often, and no more
constexpr std::size_t turns = 40;
// One view more, and a counter of one byte is at 0 again; a word has no bit left long before.
constexpr int many = 255;
constexpr std::size_t most_spare = 72;  // items that a vector may have room for beyond its own

void append_cases_of(const Tables& tables, const std::string& name, int operation, Edition edition,
                     std::vector<Case>& cases) {
  const Step mutate{StepKind::mutate, 0, operation};
  const auto add = [&](const char* how, Steps steps) {
    Scenario scenario;
    scenario.edition = edition;
    scenario.steps = std::move(steps);
    cases.push_back({"mutation." + name + how, std::move(scenario)});
  };
  constexpr Step full{StepKind::acquire, 0, flag::FULL_RO};
  constexpr Step simple{StepKind::acquire, 0, flag::SIMPLE};
  constexpr Step second{StepKind::acquire, 1, flag::STRIDES};
  constexpr Step read{StepKind::read, 0, 0};
  constexpr Step read_second{StepKind::read, 1, 0};
  constexpr Step release{StepKind::release, 0, 0};
  constexpr Step release_second{StepKind::release, 1, 0};
  constexpr Step release_copy{StepKind::release_copy, 0, 0};
  constexpr Step release_raising{StepKind::release_raising, 0, 0};
  constexpr Step writable{StepKind::acquire, 0, flag::FULL};
  constexpr Step write{StepKind::write, 0, 0};
  constexpr Step newer{StepKind::acquire, 1, flag::FULL_RO};

  add("_never_exported", {mutate});
  add("_while_exported", {full, mutate, read, release});
  add("_while_exported_simple", {simple, mutate, read, release});
  add("_and_another_request", {full, mutate, second, read, release});
  // What the operation left to the collector is a view's as long as that is held.
  add("_and_collected", {full, mutate, {StepKind::collect}, read, release});
  // Memory that says it may be written can be, also where the object was frozen under it.
  add("_while_writable", {writable, mutate, write, read, release});
  add("_then_written", {mutate, writable, write, release});
  add("_while_second_held", {full, second, release, mutate, read_second, release_second});
  add("_while_first_held", {full, second, release_second, mutate, read, release});
  add("_after_release", {full, release, mutate});
  add("_after_two_releases", {full, second, release, release_second, mutate});
  add("_after_release_copy", {full, release_copy, mutate});
  add("_after_release_raising", {full, release_raising, mutate});
  // What the object shows once it was changed is judged in full, too.
  Steps after{mutate};
  for (const int word : {flag::FULL_RO, flag::SIMPLE, flag::CONTIG, flag::ND, flag::STRIDED_RO, flag::FULL,
                         flag::C_CONTIGUOUS, flag::INDIRECT}) {
    after.push_back({StepKind::acquire, 0, word});
    after.insert(after.end(), {read, release});
  }
  add("_then_requests", std::move(after));
  add("_after_release_then_requests",
      {full, release, mutate, full, second, read, read_second, release, release_second, simple, read, release});
  // Whatever goes first, the other views stay what they are: an object that keeps old memory for old views has to know whose.
  add("_while_two_held", {full, second, mutate, read, read_second, release, read_second, release_second});
  add("_while_two_held_reversed", {full, second, mutate, read_second, read, release_second, read, release});
  add("_and_newer_view", {full, mutate, newer, release, read_second, full, read, release_second, read, release});
  add("_and_newer_view_reversed",
      {full, mutate, newer, release_second, read, newer, release, read_second, release_second});
  add("_twice", {mutate, mutate, full, second, read, read_second, release, release_second});
  // However many views there are, and were, the object is locked until the last is gone.
  constexpr Step held{StepKind::hold, 0, flag::FULL_RO, many};
  constexpr Step let_go{StepKind::hold, 0, flag::FULL_RO, 0};
  add("_while_many_held", {full, held, mutate, read, let_go, mutate, read, release, mutate});
  // Memory with room to spare moves only when that is used up.
  Steps often{simple};
  often.insert(often.end(), most_spare, mutate);
  often.insert(often.end(), {read, release});
  add("_often_while_exported", std::move(often));
  add("_twice_while_exported", {full, mutate, mutate, read, release});
  // Views after it may take the places of its arrays one after the other.
  Steps taking_turns{full, mutate};
  for (std::size_t turn = 0; turn < turns; ++turn) taking_turns.insert(taking_turns.end(), {newer, release_second});
  taking_turns.insert(taking_turns.end(), {read, release});
  add("_and_many_views_in_turn", std::move(taking_turns));
  // What another object of its kind becomes is told in arrays of that one.
  add("_of_another_object",
      {full, second, {StepKind::another, 0, operation}, read, read_second, release, release_second});
  // A view that is held since then, and every request beside it.
  Steps beside{mutate, full};
  const auto& words = tables.canonical_words();
  for (const int word : words) {
    beside.push_back({StepKind::acquire, 1, word});
    beside.push_back(release_second);
  }
  beside.insert(beside.end(), {read, release});
  add("_then_every_request", std::move(beside));
  // An export counts whatever was asked for.
  for (std::size_t first = 0; first < words.size(); first += words_at_once) {
    Steps each;
    for (std::size_t number = first; number < std::min(first + words_at_once, words.size()); ++number) {
      each.push_back({StepKind::acquire, 0, words[number]});
      each.insert(each.end(), {mutate, read, release});
    }
    add(("_under_words_from_" + std::to_string(first)).c_str(), std::move(each));
  }
  // Words that many refuse: a refusal must not lock what was not exported.
  Steps refusals;
  for (const int word : {flag::WRITABLE, flag::FORMAT, flag::F_CONTIGUOUS, flag::C_CONTIGUOUS | flag::WRITABLE}) {
    refusals.push_back({StepKind::acquire, 0, word});
    refusals.push_back(release);
  }
  refusals.push_back(mutate);
  add("_after_refusals", std::move(refusals));
}

}  // namespace

std::vector<Case> mutation_cases(const Tables& tables, const Profile& profile, Edition edition) {
  std::vector<Case> cases;
  for (std::size_t i = 0; i < profile.operations.size(); ++i)
    append_cases_of(tables, profile.operations[i], static_cast<int>(i), edition, cases);
  return cases;
}

}  // namespace bufspec::suites
