// Judging words that stand for others: those with stray bits, and those with bits of no flag.
#include <algorithm>

#include "judge_parts.hpp"

namespace bufspec::judging {

namespace {

// A judgement that stands only if it is the better reading of the two.
void merge(Judgement& into, const Judgement& from) {
  into.judged |= from.judged;
  into.readings |= from.readings;
  into.violations.insert(into.violations.end(), from.violations.begin(), from.violations.end());
}

Finding other_answer(int word, std::vector<int> owed) {
  return {.aspect = Aspect::other_answer, .flags = word, .owed = value::Requests{std::move(owed)}};
}

// Whether two answers hold the same: both refused, or both granted with the same fields.
bool same_answer(const Answer& a, const Answer& b) noexcept {
  if (!a.granted || !b.granted) return a.granted == b.granted;
  return a.view.len == b.view.len && a.view.itemsize == b.view.itemsize && a.view.readonly == b.view.readonly &&
         a.view.ndim == b.view.ndim && a.view.format == b.view.format && a.view.shape == b.view.shape &&
         a.view.strides == b.view.strides && a.view.suboffsets == b.view.suboffsets;
}

// The answer to `word` at a step before `step`; null if it was not asked, or refused while other views were held, which
// may have been the reason.
const Answer* earlier_answer(const Scenario& scenario, const Trace& trace, std::size_t step, int word,
                             const Course& course) noexcept {
  for (std::size_t before = std::min(step, max_steps); before-- > 0;) {
    const auto& answer = trace.steps[before].answer;
    if (is_acquire(scenario.steps[before].kind) && scenario.steps[before].flags == word && answer &&
        (answer->granted || !course.crowded[before]))
      return &*answer;
  }
  return nullptr;
}

// Whether each earlier answer to `word` was granted, or refused with the same error, as this one.
bool came_to_the_same(const Scenario& scenario, const Trace& trace, std::size_t step, int word, const Answer& answer,
                      const Course& course) noexcept {
  std::size_t before = std::min(step, max_steps);
  while (before-- > 0) {
    const auto& one = trace.steps[before].answer;
    if (!is_acquire(scenario.steps[before].kind) || scenario.steps[before].flags != word || !one) continue;
    if (!one->granted && course.crowded[before]) continue;
    if (one->granted != answer.granted || one->error != answer.error) return false;
  }
  return true;
}

// Whether a rule says which answer is owed to a request, and not what an answer holds of the memory.
bool is_of_request(Rule rule) noexcept {
  switch (rule) {
    case Rule::field_shape_zero_dim_null:
    case Rule::field_strides_zero_dim_null:
    case Rule::field_suboffsets_zero_dim_null:
    case Rule::field_suboffsets_null_if_none:
    case Rule::layout_contiguous_as_requested:
      return true;
    case Rule::request_contiguous_both_orders:
    case Rule::request_format_without_nd:
    case Rule::request_ndim_without_nd:
    case Rule::request_ndim_without_nd_zero_dim:
      return false;  // broken by no reading
    default:
      return rule_id(rule).starts_with("request.");
  }
}

// The rules that an answer breaks as one that was owed to the word by which it was judged; none if it is that answer.
std::vector<Rule> broken_by_reading(const Judgement& judgement) {
  std::vector<Rule> broken;
  for (const Violation& one : judgement.violations)
    if (is_of_request(one.rule)) broken.push_back(one.rule);
  return broken;
}

// Whether the answer at `step` was found to be of no reading by what it holds.
bool is_broken_at(std::size_t step, const Judgement& judgement) noexcept {
  return std::any_of(judgement.violations.begin(), judgement.violations.end(), [&](const Violation& one) {
    return one.step == step && one.rule == Rule::request_stray_bits_without_nd;
  });
}

}  // namespace

bool is_reserved(const RequestAnswer& owed) noexcept { return owed.rule == Rule::request_reserved_read_or_write_alone; }

void judge_stray(const Asked& asked, std::size_t step, Judgement& judgement) {
  const auto under = [&](int word) {
    Judgement trial;
    Notes notes(trial, step, *asked.judgeable);
    judge_granted(asked, word, notes);
    return trial;
  };
  constexpr Rule rule = Rule::request_stray_bits_without_nd;
  Notes notes(judgement, step, *asked.judgeable);
  const int complete_word = complete_flags(asked.word);
  const int own_word = own_bits_completed(asked.word);
  std::vector<Rule> broken;  // by the reading that the answer is nearest to
  for (const auto& [reading, read_as] : {std::pair{"complete_flags", complete_word}, std::pair{"own_bits", own_word}}) {
    const Judgement trial = under(read_as);
    std::vector<Rule> now = broken_by_reading(trial);
    if (!now.empty()) {
      if (broken.empty() || now.size() < broken.size()) broken = std::move(now);
      continue;
    }
    if (trial.clean()) notes.reads(rule, reading);
    return merge(judgement, trial);
  }
  // What the exporter breaks for the plain words, too, is the cause.
  Finding finding = other_answer(asked.word, {complete_word, own_word});
  finding.given = value::Text{std::string(rule_id(broken.front()))};
  notes.broken(rule, std::move(finding));
  judge_held_against_memory(asked, notes);
}

void judge_equivalent_words(const Scenario& scenario, const Asked& asked, std::size_t step, const Course& course,
                            Judgement& judgement) {
  Notes notes(judgement, step, *asked.judgeable);
  constexpr int assigned = 0x1fd;
  const Trace& trace = *asked.trace;
  const int word = asked.word;
  const Answer& answer = *asked.answer;
  // Another object may lie there by now, and views that are held may be a reason to refuse.
  if (course.object_changed || (!answer.granted && (asked.others_held || is_refused_as_reserved(asked)))) return;
  // READ and WRITE alone are words of their own, not SIMPLE with a bit.
  const auto is_reserved_on = [](int other, std::uint32_t runtime) {
    return is_reserved(answer_to(other, MemoryFacts{}, Edition::current, runtime));
  };
  if ((word & ~assigned) != 0 && !is_reserved_on(word, runtime_of(asked)) &&
      !is_reserved_on(word & assigned, trace.runtime)) {
    const Answer* plain = earlier_answer(scenario, trace, step, word & assigned, course);
    // An exporter may refuse any request: only one that does so each time, and without the bits at no time, is known to look at them.
    const auto is_each_time = [&] {
      return answer.error != Error::memory_error && plain->error != Error::memory_error &&
             earlier_answer(scenario, trace, step, word, course) != nullptr &&
             came_to_the_same(scenario, trace, step, word, answer, course) &&
             came_to_the_same(scenario, trace, step, word & assigned, *plain, course);
    };
    if (plain != nullptr && (plain->granted == answer.granted || is_each_time()))
      notes.check(Rule::request_unassigned_bits_ignored, same_answer(answer, *plain),
                  [&] { return other_answer(word, {word & assigned}); });
  }
  if (!has_stray_bits(word) || has(word, flag::ND) || !answer.granted) return;
  const Answer* complete = earlier_answer(scenario, trace, step, complete_flags(word), course);
  const Answer* own = earlier_answer(scenario, trace, step, own_bits_completed(word), course);
  if (complete == nullptr || own == nullptr) return;
  if (is_broken_at(step, judgement)) return;
  const bool is_either = same_answer(answer, *complete) || same_answer(answer, *own);
  notes.check(Rule::request_stray_bits_without_nd, is_either,
              [&] { return other_answer(word, {complete_flags(word), own_bits_completed(word)}); });
}

}  // namespace bufspec::judging
