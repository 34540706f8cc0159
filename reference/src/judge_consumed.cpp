// Judging a consumer by what our exporter saw of it and what it returned, step by step.
// Records are snapshots: what one of them told is not told again.
#include <array>
#include <bitset>
#include <optional>

#include "bufspec/misreadings.hpp"
#include "judge_consumer.hpp"

namespace bufspec::judging {

namespace {

constexpr unsigned arrays_of_struct = field_bit::format | field_bit::shape | field_bit::strides | field_bit::suboffsets;

// What makes it our own doing that a memory is not accepted, or may be: a consumer need not work in another thread, nor while it
// works already.
constexpr std::uint32_t reasons_to_refuse =
    behaviour::lies | behaviour::refuses_writable | behaviour::refuses_flat | behaviour::refuses_strideless |
    behaviour::refuses_formatless | behaviour::refuses_format | behaviour::refuses_contiguity | behaviour::refuses_all |
    behaviour::other_thread | behaviour::reenters_consumer;

std::string granted_for(const Consumed::Request& request) {
  return "the view granted for " + flags_name(request.flags);
}

std::string times_text(int times) { return times == 2 ? "twice" : std::to_string(times) + " times"; }

std::string names_of_capabilities(unsigned set) {
  std::string names;
  for (; set != 0; set &= set - 1)
    names += (names.empty() ? "" : ", ") + std::string(capability_name(set & (0U - set)));
  return names;
}

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
      judge_result(scenario_.steps[step], seen, notes);
    }
    known_requests_ = std::max(known_requests_, all.size());
  }

  // Missing releases count once every result was given up and garbage was collected behind it.
  void judge_releases(const Consumed& consumed, Requests all, bool is_last, Notes& notes) {
    const bool is_over = is_last && consumed.results_held == 0 && is_collected_;
    std::string again;
    std::string missing;
    std::string never_granted;
    int missing_views = 0;
    for (std::size_t k = 0; k < all.size(); ++k) {
      const Consumed::Request& one = all[k];
      if (one.granted && one.releases < 1 && is_over && ++missing_views == 1)
        missing = granted_for(one) + " was not released";
      if (one.releases <= (one.granted ? 1 : 0) || wrongly_released_[k]) continue;
      wrongly_released_.set(k);
      if (one.granted)
        again = granted_for(one) + " was released " + times_text(one.releases);
      else
        never_granted = "the struct of the refused request for " + flags_name(one.flags) + " was released";
    }
    if (missing_views > 1) missing += ", nor were " + std::to_string(missing_views - 1) + " others";
    if (consumed.stray_releases > known_strays_) {
      never_granted = "a struct was released that no request had filled in";
      known_strays_ = consumed.stray_releases;
    }
    const bool was_granted = std::any_of(all.begin(), all.end(), [](const auto& one) { return one.granted; });
    if (was_granted)
      notes.check(
          Rule::consumer_release_exactly_once, again.empty() && missing.empty(),
          [] { return "each view released exactly once"; }, [&] { return again.empty() ? missing : again; });
    if (!all.empty() || !never_granted.empty())
      notes.check(
          Rule::consumer_release_never_granted, never_granted.empty(),
          [] { return "only what was granted is released"; }, [&] { return never_granted; });
  }

  void judge_structs(Requests all, Notes& notes) {
    for (std::size_t k = 0; k < all.size(); ++k) {
      const Consumed::Request& one = all[k];
      if (!one.granted || one.releases < 1 || struct_judged_[k]) continue;
      struct_judged_.set(k);
      const auto check = [&](Rule rule, unsigned fields) {
        notes.check(
            rule, (one.changed & fields) == 0, [&] { return names_of_fields(fields) + " as they were handed out"; },
            [&] {
              return "another " + names_of_fields(one.changed & fields) + " at the release of " + granted_for(one);
            });
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
    if (!may_write)
      check_once(notes, Rule::consumer_write_only_if_asked, !consumed.elements_changed, elements_told_,
                 "the memory as it was, since WRITABLE was not granted", "elements changed");
    check_once(notes, Rule::consumer_write_inside_elements, !consumed.gaps_changed, gaps_told_,
               "the bytes between and beside the elements as they were", "some of them changed");
  }

  static void check_once(Notes& notes, Rule rule, bool holds, bool& told, const char* expected, const char* found) {
    if (told) return;
    told = !holds;
    notes.check(rule, holds, [&] { return expected; }, [&] { return found; });
  }

  // A view that was not released keeps its reference; that is told by exactly_once.
  void judge_kept(const Consumed& consumed, Requests all, Notes& notes) {
    if (consumed.results_held != 0 || !is_collected_ || !consumed.references_kept || kept_told_) return;
    long owed = 0;
    for (const Consumed::Request& one : all) owed += one.granted ? 1 - one.releases : 0;
    const long kept = *consumed.references_kept - owed;
    kept_told_ = kept != 0;
    notes.check(
        Rule::consumer_release_nothing_kept, kept == 0, [] { return "no reference to the exporter kept"; },
        [&] {
          const std::string number = std::to_string(kept < 0 ? -kept : kept);
          return kept > 0 ? number + " more references than before" : number + " fewer references than before";
        });
  }

  void judge_call(const Seen& seen, Notes& notes) {
    const Consumed& consumed = seen.consumed;
    notes.check(
        Rule::consumer_error_exception_set, !consumed.result_and_exception_disagree,
        [] { return "a result, or an exception"; }, [] { return "both at once, or neither"; });
    if (seen.requests.empty()) return;
    const bool was_granted = seen.is_granted();
    if (!was_granted && !trace_.has_fallback)
      notes.check(
          Rule::consumer_error_refusal_told, consumed.raised, [] { return "an exception, since all was refused"; },
          [] { return "a result"; });
    if (trace_.consumer == ConsumerKind::reads) judge_needless_write(seen, notes);
    judge_acceptance(seen, was_granted, notes);
  }

  static void judge_needless_write(const Seen& seen, Notes& notes) {
    const auto* const asked = std::find_if(seen.requests.data(), seen.requests.data() + seen.requests.size(),
                                           [](const auto& one) { return has(one.flags, flag::WRITABLE); });
    const bool is_needless = asked != seen.requests.data() + seen.requests.size();
    notes.check(
        Rule::consumer_request_no_needless_write, !is_needless, [] { return "requests without WRITABLE"; },
        [&] { return "a request for " + flags_name(asked->flags); });
  }

  void judge_acceptance(const Seen& seen, bool was_granted, Notes& notes) {
    if (layout_ == nullptr || trace_.accepts == 0 || scenario_.refused_requests != 0 ||
        (scenario_.behaviours & reasons_to_refuse) != 0 ||
        (trace_.consumer == ConsumerKind::fills && layout_->readonly))
      return;
    const unsigned needed = capabilities_needed(*layout_);
    if ((needed & ~trace_.accepts) != 0) return;
    notes.check(
        has_many_dimensions(*layout_) ? Rule::consumer_dimensions_up_to_64 : Rule::consumer_capability_accepted,
        !seen.consumed.raised && was_granted, [&] { return "accepted, as declared: " + names_of_capabilities(needed); },
        [&] { return seen.consumed.raised ? seen.consumed.exception_name : "a result without a granted request"; });
  }

  void judge_result(const Step& step, const Seen& seen, Notes& notes) {
    const Consumed& consumed = seen.consumed;
    if (consumed.filled != Compared::not_compared)
      notes.check(
          Rule::consumer_fill_elements_right, consumed.filled == Compared::right, [&] { return consumed.expected; },
          [&] { return consumed.found; });
    if (layout_ == nullptr || consumed.result == Compared::not_compared) return;
    const std::size_t slot = step.slot % max_slots;
    const bool is_wrong = consumed.result == Compared::wrong;
    const bool is_of_released = is_wrong && consumed.misreading == Misreading::released;
    if (consumed.called) {
      if (step.kind == StepKind::consume) {
        was_right_[slot] = !is_wrong;
        hold_told_[slot] = is_of_released;
      }
      // A result that nothing was granted for is refusal_told's affair.
      if (seen.is_granted()) judge_read(seen, notes);
    } else if (step.kind == StepKind::read && !hold_told_[slot] && (was_right_[slot] || is_of_released)) {
      hold_told_[slot] = is_wrong;
      notes.check(
          Rule::consumer_hold_while_used, !is_wrong, [&] { return "the same result as before: " + consumed.expected; },
          [&] { return text_of_wrong_result(consumed); });
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
  std::array<bool, max_slots> was_right_{};  // the result in this slot, when it was new
  std::array<bool, max_slots> hold_told_{};
  bool elements_told_ = false;
  bool gaps_told_ = false;
  bool kept_told_ = false;
};

}  // namespace

void judge_consumer(const Scenario& scenario, const Trace& trace, const RuleSet& judgeable, Judgement& judgement) {
  ConsumerCourse(scenario, trace, judgeable, judgement).judge();
}

}  // namespace bufspec::judging
