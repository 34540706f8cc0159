// Judging a consumer by what our exporter saw of it and what it returned, step by step.
// Records are snapshots: what one of them told is not told again.
#include <array>
#include <bitset>
#include <optional>

#include "bufspec/misreadings.hpp"
#include "judge_consumer.hpp"
#include "layout_hazards.hpp"

namespace bufspec::judging {

namespace {

constexpr unsigned arrays_of_struct = field_bit::format | field_bit::shape | field_bit::strides | field_bit::suboffsets;

// What makes it our own doing that a memory is not accepted, or may be: a consumer need not work in another thread, nor while it
// works already.
constexpr std::uint32_t reasons_to_refuse =
    behaviour::reasons_to_refuse | behaviour::other_thread | behaviour::reenters_consumer;

// A consumer's trace in the order of its records.
class ConsumerCourse {
 public:
  ConsumerCourse(const Scenario& scenario, const Trace& trace, const RuleSet& judgeable, Judgement& judgement)
      : scenario_(scenario), trace_(trace), judgeable_(judgeable), judgement_(judgement) {
    if (scenario.layout && well_formed(*scenario.layout).ok()) layout_ = &*scenario.layout;
  }

  void judge() {
    const std::size_t count = std::min(scenario_.steps.size(), trace_.steps.size());
    std::size_t last = count;
    for (std::size_t step = 0; step < count; ++step)
      if (trace_.steps[step].consumed) last = step;
    for (std::size_t step = 0; step < count; ++step) {
      const StepKind kind = scenario_.steps[step].kind;
      is_collected_ = kind == StepKind::collect || (is_collected_ && !is_call(kind));
      if (trace_.steps[step].consumed) judge_record(step, *trace_.steps[step].consumed, step == last);
    }
  }

 private:
  static bool is_call(StepKind kind) noexcept {
    return kind == StepKind::consume || kind == StepKind::repeat || kind == StepKind::threads;
  }

  void judge_record(std::size_t step, const Consumed& consumed, bool is_last) {
    Notes notes(judgement_, step, judgeable_);
    const Requests all{consumed.requests.data(), std::min(consumed.requests.size(), max_logged_requests)};
    const Seen seen{scenario_, trace_, consumed, layout_, all.subspan(std::min(known_requests_, all.size()))};
    if ((scenario_.behaviours & behaviour::lies) != 0) {
      judge_hardening(seen, notes);
    } else {
      judge_releases(consumed, all, is_last, notes);
      judge_structs(all, notes);
      judge_writes(seen, all, notes);
      judge_kept(consumed, all, notes);
      if (consumed.called) judge_call(seen, notes);
      judge_held(scenario_.steps[step], seen, all, notes);
      if ((scenario_.behaviours & behaviour::null_if_empty) == 0)
        judge_result(scenario_.steps[step], seen, notes);
      else if (consumed.called && seen.is_granted())
        notes.kept(Rule::consumer_data_empty);  // it lives; what it makes of NULL, no text says (AMB-21)
    }
    known_requests_ = std::max(known_requests_, all.size());
  }

  // Missing releases count once every result was given up and garbage was collected behind it.
  void judge_releases(const Consumed& consumed, Requests all, bool is_last, Notes& notes) {
    const bool is_over = is_last && consumed.results_held == 0 && is_collected_;
    std::optional<Finding> again;
    std::optional<Finding> missing;
    std::optional<Finding> never_granted;
    for (std::size_t k = 0; k < all.size(); ++k) {
      const Consumed::Request& one = all[k];
      if (one.granted && one.releases < 1 && is_over) {
        if (!missing) missing = {.aspect = Aspect::not_released, .flags = one.flags};
        ++missing->times;
      }
      if (one.releases <= (one.granted ? 1 : 0) || wrongly_released_[k]) continue;
      wrongly_released_.set(k);
      if (one.granted)
        again = {.aspect = Aspect::released_again, .flags = one.flags, .owed = ssize{1}, .found = ssize{one.releases}};
      else
        never_granted = {.aspect = Aspect::released_refused, .flags = one.flags};
    }
    if (consumed.stray_releases > known_strays_) {
      never_granted = {.aspect = Aspect::released_stray};
      known_strays_ = consumed.stray_releases;
    }
    const bool was_granted = std::any_of(all.begin(), all.end(), [](const auto& one) { return one.granted; });
    if (was_granted)
      notes.check(Rule::consumer_release_exactly_once, !again && !missing, [&] { return again ? *again : *missing; });
    if (!all.empty() || never_granted)
      notes.check(Rule::consumer_release_never_granted, !never_granted, [&] { return *never_granted; });
  }

  void judge_structs(Requests all, Notes& notes) {
    for (std::size_t k = 0; k < all.size(); ++k) {
      const Consumed::Request& one = all[k];
      if (!one.granted || one.releases < 1 || struct_judged_[k]) continue;
      struct_judged_.set(k);
      const auto check = [&](Rule rule, unsigned fields) {
        const unsigned changed = one.changed & fields;
        notes.check(rule, changed == 0,
                    [&] { return Finding{.aspect = Aspect::changed, .fields = changed, .flags = one.flags}; });
      };
      check(Rule::consumer_struct_arrays_unchanged, arrays_of_struct);
      check(Rule::consumer_struct_internal_unchanged, field_bit::internal);
    }
  }

  void judge_writes(const Seen& seen, Requests all, Notes& notes) {
    if (all.empty()) return;
    const Consumed& consumed = seen.consumed;
    // What fills a memory may also go by `readonly`, which is 0 for all views of it or for none.
    const bool may_fill = trace_.consumer == ConsumerKind::fills && layout_ != nullptr && !layout_->readonly;
    const bool may_write = may_fill || std::any_of(all.begin(), all.end(), [](const auto& one) {
                             return one.granted && has(one.flags, flag::WRITABLE);
                           });
    if (!may_write) check_once(notes, Rule::consumer_write_only_if_asked, !consumed.elements_changed, elements_told_);
    check_once(notes, Rule::consumer_write_inside_elements, !consumed.gaps_changed, gaps_told_);
  }

  static void check_once(Notes& notes, Rule rule, bool holds, bool& told) {
    if (told) return;
    told = !holds;
    notes.check(rule, holds, Aspect::changed);
  }

  // A view that was not released keeps its reference; that is told by exactly_once.
  void judge_kept(const Consumed& consumed, Requests all, Notes& notes) {
    if (consumed.results_held != 0 || !is_collected_ || !consumed.references_kept || kept_told_) return;
    long owed = 0;
    for (const Consumed::Request& one : all) owed += one.granted ? 1 - one.releases : 0;
    const long kept = *consumed.references_kept - owed;
    kept_told_ = kept != 0;
    notes.check(Rule::consumer_release_nothing_kept, kept == 0,
                [&] { return Finding{.aspect = Aspect::references, .owed = ssize{0}, .found = kept}; });
  }

  void judge_call(const Seen& seen, Notes& notes) {
    const Consumed& consumed = seen.consumed;
    notes.check(Rule::consumer_error_exception_set, !consumed.result_and_exception_disagree, Aspect::value);
    if (seen.requests.empty()) return;
    const bool was_granted = seen.is_granted();
    if (!was_granted && !trace_.has_fallback)
      notes.check(Rule::consumer_error_refusal_told, consumed.raised, Aspect::nothing_granted);
    if (trace_.consumer == ConsumerKind::reads) judge_needless_write(seen, notes);
    judge_refusal(seen, was_granted, notes);
    judge_acceptance(seen, was_granted, notes);
  }

  // Whether nothing but the memory itself can be the reason of an exception.
  [[nodiscard]] bool is_willing() const noexcept {
    return scenario_.refused_requests == 0 && (scenario_.behaviours & reasons_to_refuse) == 0;
  }

  static bool is_refusal(const Consumed& consumed) noexcept {
    return consumed.is_declared_refusal || consumed.error == Error::buffer_error ||
           consumed.error == Error::type_error || consumed.error == Error::value_error ||
           consumed.error == Error::not_implemented_error;
  }

  void judge_refusal(const Seen& seen, bool was_granted, Notes& notes) const {
    const Consumed& consumed = seen.consumed;
    if (!was_granted || !is_willing() || consumed.is_raised_by_bytes || consumed.result_and_exception_disagree ||
        may_be_for_its_contents(seen, was_granted))
      return;
    notes.check(Rule::consumer_error_refusal_type, !consumed.raised || is_refusal(consumed),
                [&] { return Finding{.aspect = Aspect::raised, .found = value::Exception{consumed.exception_name}}; });
  }

  // What keeps the memory holds a view as long as its result lives; a result that can be read shows it by its elements.
  void judge_held(const Step& step, const Seen& seen, Requests all, Notes& notes) const {
    const Consumed& consumed = seen.consumed;
    if (trace_.consumer != ConsumerKind::keeps || step.kind != StepKind::consume || !consumed.called ||
        consumed.raised || consumed.returned_none || consumed.result != Compared::not_compared || layout_ == nullptr ||
        hazards::has_no_bytes(*layout_) || !seen.is_granted())
      return;
    const bool is_held =
        std::any_of(all.begin(), all.end(), [](const auto& one) { return one.granted && one.releases < 1; });
    notes.check(Rule::consumer_hold_while_used, is_held, Aspect::not_held);
  }

  static void judge_needless_write(const Seen& seen, Notes& notes) {
    const auto* const asked = std::find_if(seen.requests.data(), seen.requests.data() + seen.requests.size(),
                                           [](const auto& one) { return has(one.flags, flag::WRITABLE); });
    const bool is_needless = asked != seen.requests.data() + seen.requests.size();
    notes.check(Rule::consumer_request_no_needless_write, !is_needless, [&] { return Finding{.flags = asked->flags}; });
  }

  void judge_acceptance(const Seen& seen, bool was_granted, Notes& notes) {
    if (layout_ == nullptr || trace_.accepts == 0 || !is_willing() ||
        (seen.consumed.is_raised_by_bytes && !is_refusal(seen.consumed)) ||
        may_be_for_its_contents(seen, was_granted) || (trace_.consumer == ConsumerKind::fills && layout_->readonly))
      return;
    const unsigned needed = capabilities_needed(*layout_);
    if ((needed & ~trace_.accepts) != 0) return;
    const Rule rule =
        has_many_dimensions(*layout_) ? Rule::consumer_dimensions_up_to_64 : Rule::consumer_capability_accepted;
    notes.check(rule, !seen.consumed.raised && was_granted, [&] {
      if (!seen.consumed.raised) return Finding{.aspect = Aspect::nothing_granted, .owed = value::Capabilities{needed}};
      return Finding{.aspect = Aspect::raised,
                     .owed = value::Capabilities{needed},
                     .found = value::Exception{seen.consumed.exception_name}};
    });
  }

  // Whether a consumer raised that has seen elements which it may have reason to refuse: negative ones, or bytes that are
  // no text.
  [[nodiscard]] bool may_be_for_its_contents(const Seen& seen, bool was_granted) const noexcept {
    return (scenario_.behaviours & behaviour::no_zero_byte) != 0 && was_granted && seen.consumed.raised;
  }

  // Whether somebody said that it takes such memory, and takes it by requests alone.
  [[nodiscard]] bool is_declared_for_this() const {
    return trace_.accepts != 0 && !trace_.has_fallback && is_willing() &&
           (capabilities_needed(*layout_) & ~trace_.accepts) == 0;
  }

  static void judge_filled(const Seen& seen, Notes& notes) {
    notes.kept(Rule::consumer_fill_elements_right);
    if (seen.consumed.filled == Compared::right) return;
    const bool is_order = follows_memory_order(seen) && notes.judges(Rule::consumer_data_memory_order);
    const Rule rule = is_order ? Rule::consumer_data_memory_order : Rule::consumer_fill_elements_right;
    notes.kept(rule);
    notes.broken(rule, finding_of(seen.consumed.difference));
  }

  // Whether what a call returned, or left, may be what it makes of an object that refuses.  Of many calls nobody knows whose request
  // was refused: not every request is kept.
  [[nodiscard]] bool may_have_fallen_back(const Step& step, const Seen& seen) const {
    if (!trace_.has_fallback) return false;
    if (step.kind != StepKind::consume && scenario_.refused_requests != 0) return true;
    return seen.requests.empty() || !seen.requests.back().granted;
  }

  void judge_result(const Step& step, const Seen& seen, Notes& notes) {
    const Consumed& consumed = seen.consumed;
    const bool is_fallback = may_have_fallen_back(step, seen);
    if (consumed.filled != Compared::not_compared && !is_fallback) judge_filled(seen, notes);
    if (layout_ == nullptr || consumed.result == Compared::not_compared) return;
    Compared& first = first_result_[step.slot % max_slots];
    if (consumed.called) {
      if (step.kind == StepKind::consume) first = consumed.result;
      // A result that nothing was granted for is refusal_told's affair, and who asks for nothing may be no consumer.
      if (seen.is_granted() ? !is_fallback : seen.requests.empty() && is_declared_for_this()) judge_read(seen, notes);
    } else if (step.kind == StepKind::read &&
               (first == Compared::right || consumed.misreading == Misreading::released)) {
      notes.check(Rule::consumer_hold_while_used, consumed.result == Compared::right,
                  [&] { return wrong_result(consumed); });
    }
  }

  const Scenario& scenario_;
  const Trace& trace_;
  const RuleSet& judgeable_;
  Judgement& judgement_;
  const Layout* layout_ = nullptr;

  bool is_collected_ = false;  // garbage, since the last call
  std::size_t known_requests_ = 0;
  int known_strays_ = 0;
  std::bitset<max_logged_requests> wrongly_released_;
  std::bitset<max_logged_requests> struct_judged_;
  std::array<Compared, max_slots> first_result_{};
  bool elements_told_ = false;
  bool gaps_told_ = false;
  bool kept_told_ = false;
};

}  // namespace

void judge_consumer(const Scenario& scenario, const Trace& trace, const RuleSet& judgeable, Judgement& judgement) {
  ConsumerCourse(scenario, trace, judgeable, judgement).judge();
}

}  // namespace bufspec::judging
