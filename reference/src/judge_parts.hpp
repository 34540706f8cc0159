// Parts of the judge, shared between its sources: what one judgement knows of the memory, and how it
// notes what it finds.  Not part of the reference's interface.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <string_view>

#include "bufspec/judge.hpp"
#include "bufspec/requests.hpp"

namespace bufspec::judging {

[[nodiscard]] constexpr bool is_acquire(StepKind kind) noexcept {
  return kind == StepKind::acquire || kind == StepKind::acquire_direct;
}

// What is known of the memory behind the answers.
struct Memory {
  Layout layout;
  bool known = false;         // something was granted, or a layout was given
  bool declared = false;      // the layout was given: readonly is a fact, not the choice of one answer
  bool shape_known = false;   // extents and strides are known, not only the length
  bool readonly_known = false;  // what an answer without WRITABLE holds, and that it is `readonly`
  bool readonly = false;
  bool format_known = false;
  MemoryFacts facts;
};

// The rules that `edition` states and for which all is observed that they need.
[[nodiscard]] RuleSet judgeable_rules(unsigned observes, Edition edition) noexcept;

// Notes findings of one step.  What is noted of a rule that is not among `judgeable` is dropped.
class Notes {
 public:
  Notes(Judgement& judgement, std::size_t step, const RuleSet& judgeable) noexcept
      : judgement_(judgement), step_(step), judgeable_(judgeable) {}

  // `rule` applied to this step and was kept, unless `holds` is false: then the finding goes on record.
  // It is made only for a break.
  template <typename Make>
  void check(Rule rule, bool holds, Make&& make) {
    if (!judges(rule)) return;
    judgement_.judged.set(index_of(rule));
    if (!holds) judgement_.violations.push_back({rule, step_, make()});
  }
  // Where nothing but the aspect, and what it is about, is to be said.
  void check(Rule rule, bool holds, Aspect aspect, unsigned fields = 0) {
    check(rule, holds, [&] { return Finding{.aspect = aspect, .fields = fields}; });
  }
  void kept(Rule rule) {
    if (judges(rule)) judgement_.judged.set(index_of(rule));
  }
  void broken(Rule rule, Finding finding);
  // The subject follows this reading of the contested `rule`.
  void reads(Rule rule, std::string_view reading);

  [[nodiscard]] bool judges(Rule rule) const noexcept { return judgeable_[index_of(rule)]; }

 private:
  Judgement& judgement_;
  std::size_t step_;
  const RuleSet& judgeable_;
};

// What the steps so far have done to the object and to the views of it.
struct Course {
  std::array<bool, max_slots> held{};
  std::array<bool, max_slots> rewritten{};  // the elements may be others than at the acquire, by our own doing
  std::bitset<max_steps> crowded;  // steps at which a request was made while other views were held
  bool object_changed = false;     // by an operation, perhaps: what was known of its memory is past
  bool elements_changed = false;   // a write was not taken back
  std::array<bool, max_slots> is_recent{};  // held, and acquired since the object was last changed
  std::array<std::size_t, max_slots> acquired_at{};  // the step
  bool holds_more = false;  // views beside those of the slots, perhaps

  [[nodiscard]] bool is_held() const noexcept {
    return holds_more || std::find(held.begin(), held.end(), true) != held.end();
  }
  void acquired(std::size_t slot, std::size_t step) noexcept {
    held[slot] = is_recent[slot] = true, rewritten[slot] = false;
    acquired_at[slot] = step;
  }
  void released(std::size_t slot) noexcept {
    // An object may put a change off until the views that are older than it are gone.
    if (held[slot] && !is_recent[slot]) is_recent.fill(false);
    held[slot] = is_recent[slot] = false;
  }
  void wrote(const Written& written) noexcept {
    if (!written.tried) return;
    rewritten.fill(true);
    elements_changed = elements_changed || !written.restored;
  }
  // Only a BufferError is taken for a sign that nothing was done.
  void mutated(const Mutated& mutated) noexcept {
    if (!mutated.raised || mutated.error != Error::buffer_error) changed();
  }
  void changed() noexcept {
    rewritten.fill(true);
    is_recent.fill(false);
    object_changed = true;
  }
};

// One acquire step, with everything the judge may use.
struct Asked {
  int word = 0;
  bool is_direct = false;   // through the slot of the type
  bool others_held = false;  // other views of the object are held, which may be a reason to refuse
  bool elements_known = true;  // the elements are still those that were compared with
  bool is_past = false;  // an operation may have changed the object: what was known of its memory holds no more
  const Answer* answer = nullptr;
  const Trace* trace = nullptr;
  const Memory* memory = nullptr;
  // Of an object that was changed: the answer behind a view that is held since then, and what it was asked; null if there is none.
  const Answer* beside = nullptr;
  int beside_word = 0;
  Edition edition = Edition::current;
  const RuleSet* judgeable = nullptr;
};

// The version of the interpreter by which the word is judged: one that reserves READ and WRITE, or not.
[[nodiscard]] std::uint32_t runtime_of(const Asked& asked) noexcept;

// Whether the word is READ or WRITE alone and was refused by code that reserves it, though it went to the slot directly.
[[nodiscard]] bool is_refused_as_reserved(const Asked& asked) noexcept;

// Judges a granted answer against the fields owed to `reading_word`.
void judge_granted(const Asked& asked, int reading_word, Notes& notes);

// Judges what a granted answer says of the memory; of a copy in another order, beside the memory that it is a copy of.
void judge_memory(const Asked& asked, const RequestAnswer& owed, Notes& notes);
void judge_memory_of_a_copy(const Asked& asked, const RequestAnswer& owed, Notes& notes);

// Whether strides that are followed are not those of the memory.
[[nodiscard]] bool has_other_strides(const Asked& asked);

// Whether `rule` asks for a refusal because the memory has not the order that is requested.
[[nodiscard]] bool is_of_order(Rule rule) noexcept;

// Judges a granted answer of an object that an operation may have changed, by what it says of itself.
void judge_by_itself(const Asked& asked, Notes& notes);

// Judges a granted answer against the memory alone, where it is open which answer is owed.
void judge_held_against_memory(const Asked& asked, Notes& notes);

// Judges what does not depend on what is known of the memory: status, canaries, the error indicator, what was left
// unwritten, what a refusal keeps, and whether what the answer describes is there.
void judge_call(const Asked& asked, Notes& notes);

// Whether the interpreter itself refuses the word.
[[nodiscard]] bool is_reserved(const RequestAnswer& owed) noexcept;

// Judges a granted answer to a word whose stray bits have two readings by the one that it fits.  What fits neither breaks the
// contested rule, and others only by what it says of the memory.
void judge_stray(const Asked& asked, std::size_t step, Judgement& judgement);

// Judges words whose answer has to be that of another word, where the scenario asked both.
void judge_equivalent_words(const Scenario& scenario, const Asked& asked, std::size_t step, const Course& course,
                            Judgement& judgement);

// Judges a refusal against what the memory allows.
void judge_refused(const Asked& asked, const RequestAnswer& owed, Notes& notes);

// Judges the end of a view, by the struct itself or by a copy of it.
void judge_release(const Released& released, Notes& notes);
void judge_release_of_copy(const Released& released, Notes& notes);

// Judges what happened to a view while it was held.
void judge_reread(const Reread& reread, bool is_rewritten, Notes& notes);
void judge_written(const Written& written, Notes& notes, bool elements_ours);

// Judges an operation of the object.  `is_fresh`: nothing has changed the object before.
void judge_mutated(const Mutated& mutated, bool is_fresh, Notes& notes);

// Judges what stays behind of a request that was made many times over.
void judge_repeated(const Step& step, const Repeated& repeated, unsigned observes, Notes& notes);

// Judges a call step of a runtime.
void judge_called(const Scenario& scenario, const Called& called, std::uint32_t runtime, Notes& notes);

// Judges all steps of a consumer's scenario.
void judge_consumer(const Scenario& scenario, const Trace& trace, const RuleSet& judgeable, Judgement& judgement);

// The first entries of an array.
[[nodiscard]] value::Integers integers_of(const ssize* values, int ndim);

// What an array field holds: its entries, or how it holds none.
[[nodiscard]] Value array_of(Pointer pointer, const Extents& values, int ndim);

// What the format field holds: the text, or how it holds none.
[[nodiscard]] Value format_of(const View& view);

}  // namespace bufspec::judging
