// Does the judge find what the request rows call wrong, under the name of that row, and nothing else?
// For a layout of each class every word is answered rightly, then each field of the answer is spoilt in turn.
#include <algorithm>
#include <iostream>
#include <set>

#include "right_trace.hpp"
#include "suites/library/trace.hpp"
#include "table_side.hpp"

namespace bufspec::oracle {
namespace {

// The one rule of that id; throws if there is none.
Rules only(std::string_view id) {
  for (std::size_t i = 0; i < rule_count; ++i)
    if (rule_ids[i] == id) return {static_cast<Rule>(i)};
  throw std::runtime_error("no rule is called " + std::string(id));
}

class JudgeRows : public testing::Test {
 protected:
  RequestTable table_{tables()};

  // Calls visit(layout, facts) for the first layout of each class, writable and read-only.
  template <typename Visit>
  void each_class(const Visit& visit) {
    for (const ClassRow& row : tables().classes) {
      for (const LayoutRow& one : tables().layouts) {
        if (one.class_name != row.name || one.layout.ndim > 3) continue;
        for (const bool readonly : {false, true}) {
          Layout layout = one.layout;
          layout.readonly = readonly;
          visit(layout, facts_of_class(row, readonly));
        }
        break;
      }
    }
  }

  // An exporter of the 2010 edition grants the most: FORMAT alone, and the reserved words.
  static Right ask(const Layout& layout, int word, Edition edition) {
    Right made = right_trace(engine::asking(layout, {word}, edition));
    made.trace.steps.resize(1);
    made.trace.steps[0].answer = engine::answer_of(layout, word, Edition::founding_2010, python_3_12);
    made.scenario.steps.resize(1);
    return made;
  }

  static std::string said(const Layout& layout, int word, Edition edition) {
    return bufspec::describe(layout) + ", " + flags_name(word) + ", edition " + name_of(edition);
  }
};

TEST_F(JudgeRows, TheReferenceBreaksNoRule) {
  static const std::set<std::string_view> followed{"one",        "refused",      "complete_flags",
                                                   "contiguous", "buffer_error", "null"};
  Disagreements disagreements;
  std::size_t answers = 0;
  const auto ask_about = [&](const LayoutRow& row, const FactSet& facts, const std::vector<int>& words,
                             Edition edition) {
    const Scenario scenario = engine::asking(row.layout, words, edition);
    const auto trace = engine::trace_on_reference(scenario);
    ASSERT_TRUE(trace.has_value()) << row.name;
    const Judgement judgement = judge(scenario, *trace);
    answers += words.size();
    for (const Violation& one : judgement.violations)
      disagreements.add(said(row.layout, scenario.steps[one.step].flags, edition) + ": " + describe(one));
    // What the rows oblige to was looked at, and what is contested is read as memoryview does.
    for (const int word : words) {
      const TableAnswer owed = table_.answer(word, facts, edition, latest_runtime);
      if (owed.kind != TableAnswer::Kind::must_refuse) continue;
      for (std::size_t i = 0; i < rule_count; ++i)
        if (rule_ids[i] == owed.rule && !judgement.judged[i])
          disagreements.add(said(row.layout, word, edition) + ": " + std::string(owed.rule) + " was not judged");
    }
    // A refused word of stray bits and FORMAT may have been refused for either: what it shows is not settled.
    if (has(words[2], flag::FORMAT) && table_.has_stray_bits(words[2])) return;
    for (std::size_t i = 0; i < readings.size(); ++i)
      if ((judgement.readings >> i & 1U) != 0 && !followed.contains(readings[i].name))
        disagreements.add(row.name + ": reading " + std::string(readings[i].name));
  };
  for (const LayoutRow& row : tables().layouts) {
    const FactSet facts = facts_by_enumeration(row.layout);
    // Each word together with those whose answer has to be the same.
    for (int word = 0; word < flag::word_count; ++word) {
      if ((word & tables().unassigned_bits) != 0) continue;
      const std::vector<int> words{
          table_.complete_flags(word), table_.own_bits(word), word, word | 0x002, word | 0x200, word | 0x202};
      for (const Edition edition : {Edition::current, Edition::founding_2010}) ask_about(row, facts, words, edition);
    }
  }
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
  std::cout << answers << " answers of the reference judged\n";
}

TEST_F(JudgeRows, AWrongPointerBreaksTheRuleOfItsRow) {
  using Field = AnswerRow::Field;
  using Said = AnswerRow::Holds;
  Disagreements disagreements;
  std::size_t spoilt = 0;
  each_class([&](const Layout& layout, const FactSet& facts) {
    for (const Edition edition : {Edition::current, Edition::founding_2010}) {
      for (int word = 0; word < flag::word_count; ++word) {
        const TableAnswer owed = table_.answer(word, facts, edition, latest_runtime);
        if (owed.kind == TableAnswer::Kind::must_refuse || owed.complete_flags) continue;
        const Right right = ask(layout, word, edition);
        if (!right.trace.steps[0].answer->granted) continue;
        for (const auto& [field, pointer] :
             {std::pair{Field::shape, &View::shape}, std::pair{Field::strides, &View::strides},
              std::pair{Field::suboffsets, &View::suboffsets}, std::pair{Field::format, &View::format}}) {
          const AnswerRow* row = owed.field(field);
          if (row == nullptr) continue;
          const RuleRow* rule = tables().rule(row->rule);
          for (const Pointer state : {Pointer::null, Pointer::readable, Pointer::untouched, Pointer::unreadable}) {
            Right asking = right;
            asking.answer().view.*pointer = state;
            if (state == Pointer::readable && field == Field::format)
              asking.answer().view.format_text.assign(layout.format);
            const bool wrong = row->holds == Said::null ? state != Pointer::null : state != Pointer::readable;
            const bool expected = row->holds != Said::any && rule->judged && wrong;
            const Rules found = asking.broken();
            ++spoilt;
            if (std::any_of(found.begin(), found.end(), [&](Rule one) { return rule_id(one) == row->rule; }) !=
                expected)
              disagreements.add(said(layout, word, edition) + ", pointer " + std::to_string(static_cast<int>(state)) +
                                ": " + row->rule + (expected ? " is broken" : " is kept") +
                                ", found broken: " + describe(found));
          }
        }
      }
    }
  });
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
  std::cout << spoilt << " pointers tried\n";
}

TEST_F(JudgeRows, AGrantOfWhatMustBeRefusedBreaksTheRow) {
  Disagreements disagreements;
  each_class([&](const Layout& layout, const FactSet& facts) {
    for (const Edition edition : {Edition::current, Edition::founding_2010}) {
      for (int word = 0; word < flag::word_count; ++word) {
        const TableAnswer owed = table_.answer(word, facts, edition, latest_runtime);
        if (owed.kind != TableAnswer::Kind::must_refuse) continue;
        Right asking = ask(layout, word, edition);
        asking.answer() = *asking.trace.richest;
        const Rules found = asking.broken();
        // Of two orders one is there: the answer is then judged as one to any of them.  Of stray bits it is open what is owed.
        const bool is_partial = has_stray_bits(word) && !has(word, flag::ND) && owed.error == "BufferError";
        const auto rule = is_partial ? rule_id(Rule::request_stray_bits_without_nd) : owed.rule;
        const bool reads_both = is_partial && asks_both_orders(own_bits_completed(word)) &&
                                found == Rules{Rule::request_contiguous_both_orders};
        const bool is_first = asks_both_orders(word) && !found.empty() && found.front() == only(rule).front();
        const bool is_found = reads_both || is_first || found == only(rule);
        if (!is_found)
          disagreements.add(said(layout, word, edition) + ": granted, so " + std::string(rule) + " is broken; found " +
                            describe(found));
      }
    }
  });
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
}

TEST_F(JudgeRows, ARefusalIsNeedlessWhereNoRowAllowsIt) {
  Disagreements disagreements;
  each_class([&](const Layout& layout, const FactSet& facts) {
    for (const Edition edition : {Edition::current, Edition::founding_2010}) {
      for (int word = 0; word < flag::word_count; ++word) {
        const TableAnswer owed = table_.answer(word, facts, edition, latest_runtime);
        Right asking = ask(layout, word, edition);
        refused(error_from_name(owed.kind == TableAnswer::Kind::must_refuse ? owed.error : "BufferError"))(
            asking.answer());
        // What must be refused today was never refused needlessly.
        bool allowed =
            owed.kind == TableAnswer::Kind::must_refuse ||
            table_.answer(word, facts, Edition::current, latest_runtime).kind == TableAnswer::Kind::must_refuse;
        for (const ContestedRow* row : owed.contested)
          for (const ReadingRow& reading : row->readings)
            allowed = allowed || reading.name == "refused" || reading.name == "not_contiguous" ||
                      reading.as != ReadingRow::As::itself;
        const Rules expected = allowed ? Rules{} : Rules{Rule::request_refusal_needless};
        const Rules found = asking.broken();
        // A refusal shows that the stray bit was dropped, where dropping it is what makes it a duty.
        const bool dropped = owed.complete_flags && owed.kind != TableAnswer::Kind::must_refuse &&
                             owed.complete_flags->kind == TableAnswer::Kind::must_refuse;
        const bool reserved = word == flag::READ || word == flag::WRITE;  // the interpreter may have refused it
        if (!reserved && dropped != asking.reads(Rule::request_stray_bits_without_nd, "complete_flags"))
          disagreements.add(said(layout, word, edition) +
                            ": refused, and the reading of stray bits is not recorded rightly");
        if (found != expected)
          disagreements.add(said(layout, word, edition) + ": refused, expected broken: " + describe(expected) +
                            "; found " + describe(found));
      }
    }
  });
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
}

// A word that may stand for another may be answered as that one.
TEST_F(JudgeRows, AStrayWordIsJudgedByTheReadingThatFits) {
  constexpr Rule rule = Rule::request_stray_bits_without_nd;
  Disagreements disagreements;
  each_class([&](const Layout& layout, const FactSet& facts) {
    for (int word = 0; word < flag::word_count; ++word) {
      const TableAnswer owed = table_.answer(word, facts, Edition::current, python_3_12);
      if (!owed.own_bits) continue;
      for (const bool own : {false, true}) {
        const TableAnswer& reading = own ? *owed.own_bits : *owed.complete_flags;
        if (reading.kind == TableAnswer::Kind::must_refuse) continue;
        Right asking = ask(layout, word, Edition::current);
        asking.trace.runtime = python_3_12;
        asking.answer() = engine::answer_of(layout, own ? table_.own_bits(word) : table_.complete_flags(word),
                                            Edition::founding_2010, python_3_12);
        if (!asking.judged().clean())
          disagreements.add(said(layout, word, Edition::current) + ": expected nothing broken, found " +
                            describe(asking.broken()));
        const bool read = asking.reads(rule, "own_bits") || asking.reads(rule, "complete_flags");
        if (!read || (!own && !asking.reads(rule, "complete_flags")))
          disagreements.add(said(layout, word, Edition::current) + ": the reading is not recorded");
      }
    }
  });
  EXPECT_EQ(disagreements.count(), 0U) << disagreements.text();
}

TEST_F(JudgeRows, RulesAreStatedAndObservedAsTheTablesSay) {
  const std::vector<std::pair<std::string, unsigned>> bits{
      {"struct", observation::structure},      {"canaries", observation::canaries},
      {"references", observation::references}, {"exception", observation::exception},
      {"memory", observation::memory},         {"requests", observation::requests},
      {"result", observation::result},         {"mutation", observation::mutation},
      {"process", observation::process},       {"content", observation::content}};
  for (std::size_t i = 0; i < rule_count; ++i) {
    const auto rule = static_cast<Rule>(i);
    const RuleRow* row = tables().rule(rule_ids[i]);
    ASSERT_NE(row, nullptr) << rule_ids[i];
    unsigned needed = 0;
    for (const auto& [name, bit] : bits)
      for (const std::string& observed : row->observes)
        if (observed == name) needed |= bit;
    EXPECT_EQ(observations_needed(rule), needed) << row->id;
    for (const Edition edition : {Edition::current, Edition::founding_2010})
      EXPECT_EQ(is_stated(rule, edition), row->editions.holds_in(edition))
          << row->id << ", edition " << name_of(edition);
  }
}

}  // namespace
}  // namespace bufspec::oracle
