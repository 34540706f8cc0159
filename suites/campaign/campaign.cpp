#include "campaign.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "suites/engine/run.hpp"

namespace bufspec::campaign {

namespace {

constexpr std::uint64_t executions_a_look = 64;  // at the clock
constexpr std::uint64_t looks_at_the_corpus = 32;
constexpr std::uint32_t nothing = UINT32_MAX;
constexpr std::uint64_t reported_of_each_rule = 5;
constexpr std::uint32_t case_numbers = 0x7fffffff;  // of the ledger

// The numbers of one execution follow from nothing but its place.
Numbers numbers_of(const Options& options, std::uint64_t execution) noexcept {
  Numbers first(options.seed * 0x100000001b3ULL + options.stream * 0x9e3779b97f4a7c15ULL);
  return Numbers(first.next() + execution * 0xd1342543de82ef95ULL);
}

class Explorer {
 public:
  Explorer(engine::Subject& subject, engine::Ledger& ledger, State& state, const Vocabulary& vocabulary,
           const Options& options, const std::function<bool(const Found&)>& on_found)
      : subject_(subject),
        ledger_(ledger),
        state_(state),
        vocabulary_(vocabulary),
        options_(options),
        on_found_(on_found),
        totals_((state.recover(), state.totals())),
        kept_of_(bucket_count, nothing) {
    for (std::size_t number = 0; number < state_.kept_count(); ++number) note_kept(number);
  }

  bool run() {
    subject_.attach(ledger_);
    const auto begun = std::chrono::steady_clock::now();
    for (std::uint64_t n = 1; totals_.executions < options_.until; ++n) {
      if (!try_one()) return false;
      if (is_over_) break;
      if (n % executions_a_look != 0) continue;
      const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begun;
      if (passed.count() >= options_.seconds) break;
    }
    ledger_.leave_the_cases();
    return true;
  }

 private:
  // The scenario of this execution, as bytes.
  void choose(Numbers& numbers) {
    const std::uint64_t execution = totals_.executions;
    if (execution < options_.inputs.size()) {
      encoded_ = options_.inputs[execution];
    } else if (options_.guided && state_.kept_count() > 0 && !numbers.once_in(of_code_.empty() ? 4 : 16)) {
      parent_ = rarest(numbers);
      const Scenario parent = decode(state_.kept(*parent_));
      const Scenario other = decode(state_.kept(numbers.below(state_.kept_count())));
      const Reach reach = state_.entry(*parent_).is_of_code != 0 ? Reach::near : Reach::far;
      encoded_ = encode(mutated(parent, other, vocabulary_, numbers, reach));
    } else {
      encoded_ = encode(drawn(vocabulary_, numbers));
    }
    if (encoded_.size() > most_tried_bytes) encoded_.resize(most_tried_bytes);
    scenario_ = decode(encoded_);
  }

  // Of a few that are kept, the one whose bucket was seen least; mostly of those of code, where there are any.
  std::size_t rarest(Numbers& numbers) {
    const bool is_of_code = !of_code_.empty() && !numbers.once_in(16);
    const std::size_t count = is_of_code ? of_code_.size() : state_.kept_count();
    std::size_t best = 0;
    std::uint64_t least = UINT64_MAX;
    const auto look_at = [&](std::size_t number) {
      const KeptEntry& one = state_.entry(number);
      const std::uint64_t cost = std::uint64_t{state_.seen(one.bucket)} + one.tried;
      if (cost >= least) return;
      least = cost;
      best = number;
    };
    for (std::uint64_t look = 0; look < looks_at_the_corpus; ++look) {
      const auto drawn = static_cast<std::size_t>(numbers.below(count));
      look_at(is_of_code ? of_code_[drawn] : drawn);
    }
    return best;
  }

  // Makes the entry known here, which is in the state.
  void note_kept(std::size_t number) {
    const KeptEntry& one = state_.entry(number);
    kept_of_[one.bucket] = static_cast<std::uint32_t>(number);
    if (one.is_of_code != 0) of_code_.push_back(static_cast<std::uint32_t>(number));
  }

  // False if the subject is lost.
  bool try_one() {
    Numbers numbers = numbers_of(options_, totals_.executions);
    parent_.reset();
    choose(numbers);
    state_.begin(totals_.executions, encoded_);
    if (parent_) state_.note_tried(*parent_);
    subject_.renew();
    engine::empty(trace_);
    Coverage& coverage = Coverage::of_process();
    coverage.begin();
    const auto number = static_cast<std::uint32_t>(totals_.executions % case_numbers);
    const bool is_driven = scenario_.target == vocabulary_.target &&
                           engine::drive(subject_, scenario_, number, &ledger_, trace_,
                                         [&coverage](std::size_t step) { coverage.step(step + 1); });
    coverage.end();
    if (subject_.is_lost()) return false;
    if (is_driven)
      look_at(coverage);
    else
      ++totals_.unfit;
    ++totals_.executions;
    const std::size_t kept_before = state_.kept_count();
    state_.commit(totals_);
    for (std::size_t kept = kept_before; kept < state_.kept_count(); ++kept) note_kept(kept);
    return true;
  }

  void look_at(const Coverage& coverage) {
    if (coverage.is_there()) state_.note_coverage();
    const Judgement judgement = judge(scenario_, trace_);
    totals_.steps += trace_.steps.size();
    note_buckets(coverage);
    RuleSet broken;
    for (const Violation& violation : judgement.violations) {
      const std::size_t rule = index_of(violation.rule);
      if (!options_.rules[rule] || violation.step >= scenario_.steps.size()) continue;
      report(violation);
      if (broken[rule]) continue;
      broken.set(rule);
      ++totals_.failed[rule];
    }
    if (broken.any()) ++totals_.failing;
  }

  // What came to something new is kept as far as the step that did: for each new place of the subject's own code, or else
  // for the first new answer.  So is a shorter way to what is kept already.
  void note_buckets(const Coverage& coverage) {
    buckets_of(scenario_, trace_, coverage, found_);
    // Each once, at the first step that came to it.
    std::sort(found_.begin(), found_.end(), [](const Bucket& one, const Bucket& other) {
      return one.number != other.number ? one.number < other.number : one.step < other.step;
    });
    found_.erase(std::unique(found_.begin(), found_.end(),
                             [](const Bucket& one, const Bucket& other) { return one.number == other.number; }),
                 found_.end());
    news_.clear();
    bool has_news = false;
    for (const Bucket& one : found_) {
      const bool is_new = state_.seen(one.number) == 0;
      if (is_new) has_news = true, ++totals_.buckets;
      state_.see(one.number);
      if (options_.guided && (is_new || is_shorter(one))) news_.push_back(&one);
    }
    if (has_news) totals_.last_new = totals_.executions;
    if (news_.empty()) return;
    std::sort(news_.begin(), news_.end(), [](const Bucket* one, const Bucket* other) {
      return one->step != other->step ? one->step < other->step : one->number < other->number;
    });
    keep_news();
  }

  [[nodiscard]] bool is_shorter(const Bucket& one) const {
    const std::uint32_t kept = kept_of_[one.number];
    return kept != nothing && 4 * (one.step + 1) <= 3 * state_.entry(kept).steps;
  }

  void keep_news() {
    bool has_kept = std::any_of(news_.begin(), news_.end(), [](const Bucket* one) { return one->is_of_code; });
    std::uint32_t last = nothing;
    Scenario beginning = scenario_;
    for (const Bucket* one : news_) {
      const std::uint32_t kept = kept_of_[one->number];
      if (kept == nothing && (one->is_of_code ? one->step == last : has_kept)) continue;
      const std::size_t steps = std::min<std::size_t>(scenario_.steps.size(), one->step + 1);
      beginning.steps.assign(scenario_.steps.begin(), scenario_.steps.begin() + static_cast<std::ptrdiff_t>(steps));
      if (kept != nothing) {
        static_cast<void>(state_.replace(kept, encode(beginning), steps));
        continue;
      }
      has_kept = true;
      last = one->step;
      if (!state_.keep(encode(beginning), one->number, one->is_of_code, steps)) return;
    }
  }

  void report(const Violation& violation) {
    const std::uint64_t likeness = likeness_of(violation.rule, scenario_.steps[violation.step]);
    const std::size_t rule = index_of(violation.rule);
    if (is_over_ || state_.is_reported(likeness)) return;
    std::uint64_t reported = 0;
    for (std::uint64_t n = 0; n < reported_of_each_rule; ++n)
      if (state_.is_reported(slot_of(rule, n))) ++reported;
    if (reported >= reported_of_each_rule) return;
    if (!on_found_({scenario_, encoded_, totals_.executions, violation, trace_})) is_over_ = true;
    state_.report(likeness);
    state_.report(slot_of(rule, reported));
  }

  // The likeness that stands for one more finding of the rule; no finding has an even one.
  static std::uint64_t slot_of(std::size_t rule, std::uint64_t number) noexcept {
    return (rule + 1) << 8 | number << 1;
  }

  engine::Subject& subject_;
  engine::Ledger& ledger_;
  State& state_;
  const Vocabulary& vocabulary_;
  const Options& options_;
  const std::function<bool(const Found&)>& on_found_;
  Totals totals_;
  std::vector<std::uint8_t> encoded_;
  Scenario scenario_;
  Trace trace_;
  std::vector<Bucket> found_;
  std::vector<const Bucket*> news_;  // of those
  std::optional<std::size_t> parent_;  // what this execution's scenario is made of
  std::vector<std::uint32_t> kept_of_;  // for each bucket, what was kept for it
  std::vector<std::uint32_t> of_code_;  // what was kept for places of the subject's own code
  bool is_over_ = false;
};

}  // namespace

bool explore(engine::Subject& subject, engine::Ledger& ledger, State& state, const Vocabulary& vocabulary,
             const Options& options, const std::function<bool(const Found&)>& on_found) {
  return Explorer(subject, ledger, state, vocabulary, options, on_found).run();
}

}  // namespace bufspec::campaign
