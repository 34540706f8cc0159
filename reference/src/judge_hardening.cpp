// What does a consumer make of an exporter that lies to it?
// A lie is judged only where the consumer asked for the field that shows it.
#include "judge_consumer.hpp"

namespace bufspec::judging {

namespace {

void judge_len(const Seen& seen, Notes& notes) {
  if (!seen.is_granted(flag::ND)) return;  // without a shape there is nothing that len contradicts
  if (seen.consumed.raised)
    notes.reads(Rule::consumer_hardening_len_or_shape, "refuses");
  else if (seen.consumed.result == Compared::right)
    notes.reads(Rule::consumer_hardening_len_or_shape, "trusts_shape");
  else if (seen.consumed.result == Compared::wrong)
    notes.reads(Rule::consumer_hardening_len_or_shape, "trusts_len");
}

void judge_format(const Seen& seen, Notes& notes) {
  if (seen.is_granted(flag::FORMAT))
    notes.reads(Rule::consumer_hardening_bad_format, seen.consumed.raised ? "refuses" : "ignores");
}

}  // namespace

void judge_hardening(const Seen& seen, Notes& notes) {
  const Consumed& consumed = seen.consumed;
  if (!consumed.called) return;
  const auto tells = [&](std::uint32_t lie) { return (seen.scenario.behaviours & lie) != 0; };
  if (tells(behaviour::lie_len)) judge_len(seen, notes);
  if (tells(behaviour::lie_format)) judge_format(seen, notes);
  if (tells(behaviour::lie_readonly) && seen.is_granted(flag::WRITABLE))
    notes.check(Rule::consumer_hardening_readonly_answer, !consumed.elements_changed, Aspect::changed);
  if (tells(behaviour::lie_suboffsets) && seen.is_granted(flag::INDIRECT) &&
      (consumed.raised || consumed.result != Compared::not_compared) &&
      consumed.misreading != Misreading::counted_items)
    notes.check(Rule::consumer_hardening_negative_suboffsets, consumed.result != Compared::wrong,
                [&] { return wrong_result(consumed); });
  if (tells(behaviour::lie_obj) && seen.is_refused()) {
    const bool released =
        consumed.stray_releases > 0 || std::any_of(seen.requests.begin(), seen.requests.end(),
                                                   [](const auto& one) { return !one.granted && one.releases > 0; });
    notes.check(Rule::consumer_hardening_failed_obj, !released, Aspect::released_refused);
  }
}

}  // namespace bufspec::judging
