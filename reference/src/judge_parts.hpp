// Parts of the judge, shared between its sources: what one judgement knows of the memory, and how it
// notes what it finds.  Not part of the reference's interface.
#pragma once

#include <string>
#include <string_view>

#include "bufspec/judge.hpp"
#include "bufspec/requests.hpp"

namespace bufspec::judging {

// What is known of the memory behind the answers.
struct Memory {
  Layout layout;
  bool known = false;         // something was granted, or a layout was given
  bool declared = false;      // the layout was given: readonly is a fact, not the choice of one answer
  bool shape_known = false;   // extents and strides are known, not only the length
  bool readonly_known = false;  // what an answer without WRITABLE holds
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

  // `rule` applied to this step and was kept, unless `holds` is false: then expected and found go on record.
  // The texts are made only for a break.
  template <typename Expected, typename Found>
  void check(Rule rule, bool holds, Expected&& expected, Found&& found) {
    if (!judges(rule)) return;
    judgement_.judged.set(index_of(rule));
    if (!holds) judgement_.violations.push_back({rule, step_, std::string(expected()), std::string(found())});
  }
  void kept(Rule rule) {
    if (judges(rule)) judgement_.judged.set(index_of(rule));
  }
  void broken(Rule rule, std::string expected, std::string found);
  // The subject follows this reading of the contested `rule`.
  void reads(Rule rule, std::string_view reading);

  [[nodiscard]] bool judges(Rule rule) const noexcept { return judgeable_[index_of(rule)]; }

 private:
  Judgement& judgement_;
  std::size_t step_;
  const RuleSet& judgeable_;
};

// One acquire step, with everything the judge may use.
struct Asked {
  int word = 0;
  const Answer* answer = nullptr;
  const Trace* trace = nullptr;
  const Memory* memory = nullptr;
  Edition edition = Edition::current;
  const RuleSet* judgeable = nullptr;
};

// Judges a granted answer against the fields owed to `reading_word`.
void judge_granted(const Asked& asked, int reading_word, Notes& notes);

// Judges what does not depend on the memory: canaries, the error indicator, obj after a failure.
void judge_call(const Asked& asked, Notes& notes);

// Judges a refusal against what the memory allows.
void judge_refused(const Asked& asked, const RequestAnswer& owed, Notes& notes);

void judge_consumed(const Scenario& scenario, const Consumed& consumed, Notes& notes);

[[nodiscard]] std::string text_of(Pointer pointer, std::string_view field);
[[nodiscard]] std::string text_of(const ssize* values, int ndim);

}  // namespace bufspec::judging
