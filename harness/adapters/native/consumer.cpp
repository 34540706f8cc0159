#include "consumer.hpp"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "buffer.hpp"
#include "bufspec/misreadings.hpp"
#include "suites/engine/threads.hpp"

namespace bufspec::native {

namespace {

constexpr int calls_a_beat = 256;
constexpr std::uint32_t nothing_reserved = 0x030c0000;

Layout plain_layout(std::size_t bytes) {
  Layout layout;
  layout.shape[0] = static_cast<ssize>(bytes);
  layout.has_strides = false;
  layout.block = static_cast<ssize>(bytes);
  return layout;
}

// What a consumer still holds when its case is over, it may touch later: such an object is kept for ever.
void keep(std::shared_ptr<Lent> lent) {
  static auto& kept = *new std::vector<std::shared_ptr<Lent>>;
  kept.push_back(std::move(lent));
}

}  // namespace

unsigned NativeConsumerSubject::observes() const noexcept {
  const bool shows = calls_.bytes != nullptr || kind() == ConsumerKind::fills;
  return observation::structure | observation::references | observation::exception | observation::memory |
         observation::requests | (shows ? observation::result : 0U);
}

std::string NativeConsumerSubject::plain_error() const {
  const Plain plain = call_plain("plain bytes");
  return plain.error == Error::none ? std::string() : std::string(error_name(plain.error));
}

bool NativeConsumerSubject::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::consumer || !scenario.layout) return false;
  end();
  const bool in_threads = std::any_of(scenario.steps.begin(), scenario.steps.end(),
                                      [](const Step& step) { return step.kind == StepKind::threads; });
  if (in_threads && !has(BUFSPEC_FREE_THREADED)) return false;
  if ((scenario.behaviours & behaviour::reenters_consumer) != 0 && has(BUFSPEC_NOT_REENTRANT)) return false;
  plan_ = engine::PlannedMemory::of(*scenario.layout, bytes_of_elements(scenario.behaviours, scenario.layout->format));
  if (plan_ == nullptr) return false;
  if (is_compared_with_plain()) plain_ = call_plain(plan_->elements());
  LentHabits habits{scenario.behaviours, scenario.refused_requests, {}};
  habits.consume_plain = [this] { static_cast<void>(call_plain(plan_->elements())); };
  lent_ = std::make_shared<Lent>(plan_, std::move(habits));
  if (!lent_->is_set()) return false;
  is_ours_ = true;
  is_counted_ = scenario.refused_requests == 0 && (scenario.behaviours & behaviour::reasons_to_refuse) == 0 &&
                (kind() != ConsumerKind::fills || !scenario.layout->readonly);
  needed_ = is_counted_ ? capabilities_needed(*scenario.layout) : 0;
  trace.observes = observes();
  trace.runtime = nothing_reserved;
  trace.consumer = kind();
  trace.accepts = calls_.accepts;
  trace.has_fallback = has(BUFSPEC_HAS_FALLBACK);
  return true;
}

void NativeConsumerSubject::end() {
  for (Result& result : results_) give_up(result);
  if (lent_ == nullptr) return;
  if (is_ours_) lent_->let_go();
  is_ours_ = false;
  if (lent_->is_held()) keep(std::move(lent_));
  lent_.reset();
}

void NativeConsumerSubject::give_up(Result& result) const {
  if (result.is_there && calls_.give_up != nullptr) calls_.give_up(result.made);
  result = {};
}

NativeConsumerSubject::Call NativeConsumerSubject::call_here() {
  Call made;
  made.error = error_from(calls_.consume(&lent_->object(), &made.result.made));
  made.result.is_there = made.error == Error::none;
  return made;
}

// On an object of its own, of which nothing is judged.
NativeConsumerSubject::Plain NativeConsumerSubject::call_plain(const std::string& elements) const {
  const auto plan = engine::PlannedMemory::of(plain_layout(elements.size()));
  Plain plain;
  if (plan == nullptr) return plain;
  auto lent = std::make_shared<Lent>(plan, LentHabits{});
  if (!lent->is_set()) return plain;
  std::copy(elements.begin(), elements.end(), const_cast<char*>(lent->memory()));
  Result result;
  plain.error = error_from(calls_.consume(&lent->object(), &result.made));
  result.is_there = plain.error == Error::none;
  plain.bytes = bytes_of(result);
  plain.memory = lent->elements();
  give_up(result);
  lent->let_go();
  if (lent->is_held()) keep(std::move(lent));
  return plain;
}

std::optional<std::string> NativeConsumerSubject::bytes_of(const Result& result) const {
  if (!result.is_there || calls_.bytes == nullptr) return std::nullopt;
  bufspec_ssize length = 0;
  const void* const bytes = calls_.bytes(result.made, &length);
  if (bytes == nullptr || length < 0) return std::nullopt;
  return std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

void NativeConsumerSubject::compare(const Result& result, Consumed& consumed) {
  const auto bytes = bytes_of(result);
  if (!bytes) return;
  if (!has(BUFSPEC_OF_BYTES))
    return show_bytes(consumed, plan_->described(), *bytes, reinterpret_cast<std::uintptr_t>(lent_->memory()),
                      plan_->contents());
  if (!plain_.bytes) return;
  consumed.result = *bytes == *plain_.bytes ? Compared::right : Compared::wrong;
  if (consumed.result == Compared::right) return;
  consumed.difference = difference_of(*plain_.bytes, *bytes);
  // It read in a known wrong way if it makes the same of plain bytes as that way gives them.
  for (const auto& [way, read] :
       misreadings_of(plan_->described(), reinterpret_cast<std::uintptr_t>(lent_->memory()), plan_->contents())) {
    if (call_plain(read).bytes != bytes) continue;
    consumed.misreading = way;
    return;
  }
}

void NativeConsumerSubject::compare_filled(Consumed& consumed) {
  if (plain_.error != Error::none || plan_->described().readonly) return;
  const std::string found = lent_->elements();
  consumed.filled = found == plain_.memory ? Compared::right : Compared::wrong;
  if (consumed.filled == Compared::wrong) consumed.difference = difference_of(plain_.memory, found);
}

// What is said of a call; of several the first that went wrong.
void NativeConsumerSubject::note(Call& made, Consumed& consumed) {
  consumed.called = true;
  consumed.raised = made.error != Error::none;
  consumed.error = made.error;
  consumed.exception_name = consumed.raised ? error_name(made.error) : "";
  consumed.requests = lent_->requests();
  const bool was_granted = std::any_of(consumed.requests.begin(), consumed.requests.end(),
                                       [](const Consumed::Request& one) { return one.granted; });
  if (consumed.raised && was_granted) consumed.is_raised_by_bytes = call_plain(plan_->elements()).error == made.error;
  if (!consumed.raised && consumed.result != Compared::wrong) compare(made.result, consumed);
  if (!consumed.raised && kind() == ConsumerKind::fills && consumed.filled != Compared::wrong) compare_filled(consumed);
}

void NativeConsumerSubject::count(const Consumed& consumed) {
  if (!is_counted_) return;
  is_counted_ = false;
  if (consumed.raised) ++refused_[consumed.exception_name];
  const bool was_granted =
      std::any_of(consumed.requests.begin(), consumed.requests.end(), [](const auto& one) { return one.granted; });
  if (ledger_ != nullptr) ledger_->add_memory(needed_, !consumed.raised && was_granted);
}

void NativeConsumerSubject::consume(const Scenario& scenario, Result& slot, Consumed& consumed) {
  give_up(slot);
  if (!is_ours_) return;
  if (lent_->views_held() == 0) lent_->renew_memory();
  Call made;
  if ((scenario.behaviours & behaviour::other_thread) != 0) {
    engine::Threads threads(1);
    if (!threads.start([&] { made = call_here(); })) made = call_here();
    threads.join();
  } else {
    made = call_here();
  }
  note(made, consumed);
  count(consumed);
  slot = made.result;
}

void NativeConsumerSubject::consume_often(int count, Consumed& consumed) {
  for (int number = 0; number < count && is_ours_; ++number) {
    if (lent_->views_held() == 0) lent_->renew_memory();
    Call made = call_here();
    note(made, consumed);
    give_up(made.result);
    if (number % calls_a_beat != 0) continue;
    engine::end_if_forked();
    if (ledger_ != nullptr) ledger_->beat();
  }
}

void NativeConsumerSubject::consume_in_threads(const Scenario& scenario, std::size_t step, Consumed& consumed) {
  if (!is_ours_) return;
  const int count = scenario.steps[step].count;
  if (lent_->views_held() == 0) lent_->renew_memory();
  std::array<Call, thread_count> last;
  engine::Threads threads(thread_count);
  for (Call& kept : last) {
    const bool is_started = threads.start([&] {
      for (int round = 0; round < count; ++round) {
        give_up(kept.result);
        kept = call_here();
        if (ledger_ != nullptr && round % calls_a_beat == 0) ledger_->beat();
      }
    });
    if (!is_started) break;
  }
  const int started = threads.count();
  threads.join();
  for (int number = 0; number < started && count > 0; ++number) {
    Call& made = last[static_cast<std::size_t>(number)];
    note(made, consumed);
    give_up(made.result);
  }
}

void NativeConsumerSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  const Step& what = scenario.steps[step];
  Consumed& consumed = trace.steps.emplace_back().consumed.emplace();
  Result& slot = results_[what.slot % max_slots];
  switch (what.kind) {
    case StepKind::consume:
      consume(scenario, slot, consumed);
      break;
    case StepKind::read:
      consumed.requests = lent_->requests();
      compare(slot, consumed);
      break;
    case StepKind::release:
      give_up(slot);
      break;
    case StepKind::drop:
      if (is_ours_) lent_->let_go();
      is_ours_ = false;
      break;
    case StepKind::repeat:
      consume_often(what.count, consumed);
      break;
    case StepKind::threads:
      consume_in_threads(scenario, step, consumed);
      break;
    default:
      break;  // not for consumers, or of a collector that is not there: only what was seen so far is recorded
  }
  look(consumed);
}

void NativeConsumerSubject::look(Consumed& consumed) const {
  consumed.requests = lent_->requests();
  consumed.stray_releases = lent_->stray_releases();
  for (const Result& result : results_) consumed.results_held += result.is_there ? 1 : 0;
  const engine::MemoryChange change = lent_->change();
  consumed.elements_changed = change.elements;
  consumed.gaps_changed = change.gaps;
  if (consumed.results_held == 0) consumed.references_kept = lent_->references_kept();
}

}  // namespace bufspec::native
