#include "campaign.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "suites/engine/run.hpp"

namespace bufspec::campaign {

namespace {

constexpr std::uint64_t executions_a_look = 64;  // at the clock
constexpr std::uint64_t looks_at_the_corpus = 32;
constexpr std::uint64_t others_later = std::uint64_t{1} << 40;
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
        totals_(state.totals()) {}

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
    } else if (options_.guided && state_.kept_count() > 0 && !numbers.once_in(4)) {
      const std::size_t number = rarest(numbers);
      const Scenario parent = decode(state_.kept(number));
      const Scenario other = decode(state_.kept(numbers.below(state_.kept_count())));
      encoded_ = encode(mutated(parent, other, vocabulary_, numbers));
    } else {
      encoded_ = encode(drawn(vocabulary_, numbers));
    }
    if (encoded_.size() > most_tried_bytes) encoded_.resize(most_tried_bytes);
    scenario_ = decode(encoded_);
  }

  // Of a few that are kept, the one whose bucket was seen least; those of code go first.
  std::size_t rarest(Numbers& numbers) {
    const std::size_t count = state_.kept_count();
    const bool wants_code = !numbers.once_in(4);
    std::size_t best = 0;
    std::uint64_t least = UINT64_MAX;
    for (std::uint64_t look = 0; look < looks_at_the_corpus; ++look) {
      const auto number = static_cast<std::size_t>(numbers.below(count));
      const KeptEntry& one = state_.entry(number);
      const std::uint64_t cost =
          std::uint64_t{state_.seen(one.bucket)} + one.tried + (wants_code && one.is_of_code == 0 ? others_later : 0);
      if (cost >= least) continue;
      least = cost;
      best = number;
    }
    ++state_.entry(best).tried;
    return best;
  }

  // False if the subject is lost.
  bool try_one() {
    Numbers numbers = numbers_of(options_, totals_.executions);
    choose(numbers);
    state_.begin(totals_.executions, encoded_);
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
    state_.commit(totals_);
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

  // What came to something new is kept as far as the step that did, the subject's own code before its answers.
  void note_buckets(const Coverage& coverage) {
    buckets_of(scenario_, trace_, coverage, found_);
    const Bucket* news = nullptr;
    for (const Bucket& one : found_) {
      if (state_.seen(one.number) == 0 && (news == nullptr || (one.is_of_code && !news->is_of_code))) news = &one;
    }
    if (news != nullptr) {
      totals_.last_new = totals_.executions;
      if (options_.guided) {
        Scenario beginning = scenario_;
        beginning.steps.resize(std::min<std::size_t>(beginning.steps.size(), news->step + 1));
        state_.keep(encode(beginning), news->number, news->is_of_code);
      }
    }
    for (const Bucket& one : found_) {
      if (state_.seen(one.number) == 0) ++totals_.buckets;
      state_.see(one.number);
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
  bool is_over_ = false;
};

}  // namespace

bool explore(engine::Subject& subject, engine::Ledger& ledger, State& state, const Vocabulary& vocabulary,
             const Options& options, const std::function<bool(const Found&)>& on_found) {
  return Explorer(subject, ledger, state, vocabulary, options, on_found).run();
}

}  // namespace bufspec::campaign
