// Steps that do one thing many times: what stays behind of a request, and what several threads do to each other.
#include <algorithm>
#include <array>
#include <system_error>
#include <thread>

#include "driver.hpp"
#include "suites/engine/forked_child.hpp"
#include "suites/engine/observe/process_bytes.hpp"
#include "suites/engine/seconds_spent.hpp"
#include "suites/engine/threads.hpp"

namespace bufspec::engine {

namespace {

constexpr std::uint64_t warm_up_pairs = 1000;       // caches fill: not measured
constexpr std::uint64_t pairs_a_beat = 1024;
constexpr std::int64_t suspicious_bytes_a_pair = 8;
constexpr int rounds_with_the_lock = 4;

// Requests may take long, as those do that copy large memory.  So long they are repeated, or as often as is needed to say
// something of the process's bytes if that takes not much longer; else a few times.
constexpr double seconds_of_repeating = 1.0;
constexpr double most_seconds_of_repeating = 4.0;
constexpr std::uint64_t pairs_timed = 4;
constexpr std::uint64_t pairs_that_say_something = 1000;
constexpr std::uint64_t fewest_pairs = 32;

std::uint64_t affordable(std::uint64_t pairs, double seconds_a_pair) noexcept {
  if (static_cast<double>(pairs) * seconds_a_pair <= seconds_of_repeating) return pairs;
  const double least = static_cast<double>(pairs_that_say_something) * seconds_a_pair;
  const std::uint64_t fewest = least <= most_seconds_of_repeating ? pairs_that_say_something : fewest_pairs;
  return std::min(pairs, std::max(fewest, static_cast<std::uint64_t>(seconds_of_repeating / seconds_a_pair)));
}

// More views than a byte counts, of memory that is looked at in no time.
constexpr std::size_t views_at_once = 300;
constexpr ssize most_bytes_at_once = 4096;
constexpr ssize most_bytes_held = ssize{64} << 20;

// What one thread came to.
struct Share {
  std::uint64_t granted = 0;
  std::uint64_t refused = 0;
  bool elements_same = true;
};

}  // namespace

// Requests and releases.  Requires: a view of such a request can be released.
void ExporterDriver::ask_often(int flags, std::uint64_t pairs, bufspec::Repeated& repeated) {
  PoisonedView held;
  for (std::uint64_t pair = 0; pair < pairs; ++pair) {
    held.poison_struct();
    if (exported_.ask(held.view(), flags, Route::library) == 0) {
      ++repeated.granted;
      exported_.release(held.view());
    } else {
      ++repeated.refused;
      exported_.forget_exception();
    }
    if (pair % pairs_a_beat != 0) continue;
    end_if_forked();
    if (ledger_ != nullptr) ledger_->beat();
  }
}

// Many views at once: whether each of them shows what one alone does, and still does when every other one is gone.
bool ExporterDriver::are_same_at_once(int flags, const Slot& once) {
  if (is_volatile() || !once.was_granted || !once.seen.complete || once.seen.readable != true ||
      once.seen.bytes > most_bytes_at_once)
    return true;
  ManyViews views(exported_, views_at_once);
  while (views.ask(flags)) {
  }
  const auto is_same = [&](std::size_t number) {
    const Buffer& view = views.at(number);
    View copy;
    copy_view(view, owner_of(view.obj), nullptr, true, copy);
    SeenMemory seen;
    look_at_memory(copy, view.buf, seen);
    return seen.has_elements() && seen.readable == true && seen.agrees_with(once.seen);
  };
  bool all_same = true;
  for (std::size_t number = 0; number < views.count(); ++number) all_same = all_same && is_same(number);
  for (std::size_t number = 0; number < views.count(); number += 2) views.release(number);
  for (std::size_t number = 1; number < views.count(); number += 2) all_same = all_same && is_same(number);
  views.release_all();
  exported_.forget_exception();
  return all_same;
}

void ExporterDriver::let_go_of_more() {
  while (more_ && more_->release_newest())
    if (more_->count() % pairs_a_beat == 0 && ledger_ != nullptr) ledger_->beat();
  more_.reset();
}

// So many as are affordable in time and, should each have a copy of the memory, in memory.
void ExporterDriver::hold(const Step& what) {
  let_go_of_more();
  if (!has_object_ || what.count < 1) return;
  const ssize size = std::max<ssize>(1, is_changed_ ? most_size_ : richest_ ? richest_->view.len : most_bytes_at_once);
  const auto most = std::min(static_cast<std::size_t>(what.count), static_cast<std::size_t>(most_bytes_held / size));
  exported_.forget_exception();
  references_at_begin_.reset();  // which of them are whose is not counted
  more_.emplace(exported_, most);
  const TimeTaken taken;
  while (more_->ask(what.flags)) {
    is_unasked_ = false;
    if (more_->count() % pairs_a_beat != 0) continue;
    end_if_forked();
    if (ledger_ != nullptr) ledger_->beat();
    if (taken.seconds(more_->count()) > seconds_of_repeating) break;
  }
}

void ExporterDriver::repeat_request(const Step& what, StepRecord& record) {
  if (!has_object_ || is_changed_ || what.count < 1) return;
  OwnSlot own(exported_);
  Slot& once = own.slot();
  {
    Answer answer;
    acquire(what.flags, once, answer);
    if (answer.granted && !once.is_held) return;  // it could not be released
    StepRecord ignored;
    release(once, ignored);
  }
  bufspec::Repeated& repeated = record.repeated.emplace();
  repeated.elements_same = are_same_at_once(what.flags, once);
  bufspec::Repeated warm_up;
  const TimeTaken taken;
  ask_often(what.flags, std::min<std::uint64_t>(pairs_timed, static_cast<std::uint64_t>(what.count)), warm_up);
  const auto pairs =
      affordable(static_cast<std::uint64_t>(what.count), taken.seconds(pairs_timed) / static_cast<double>(pairs_timed));
  const std::uint64_t half = pairs / 2;
  ask_often(what.flags, std::min(warm_up_pairs, pairs), warm_up);

  const auto before = exported_.references();
  ProcessBytes start = process_bytes();
  ask_often(what.flags, half, repeated);
  ProcessBytes middle = process_bytes();
  ask_often(what.flags, pairs - half, repeated);
  ProcessBytes end = process_bytes();
  if (before)
    if (const auto after = references_but_for_garbage(*before)) repeated.references_kept = *after - *before;
  if (!can_measure_process()) return;

  const auto suspicious = static_cast<std::int64_t>(half) * suspicious_bytes_a_pair;
  if (half > 0 && growth(start, middle) >= suspicious && growth(middle, end) >= suspicious) {
    // What only waits for the collector is no leak: once more, with the garbage collected wherever it is measured.
    bufspec::Repeated again;
    exported_.collect();
    start = process_bytes();
    ask_often(what.flags, half, again);
    exported_.collect();
    middle = process_bytes();
    ask_often(what.flags, pairs - half, again);
    exported_.collect();
    end = process_bytes();
    exported_.forget_exception();
  }
  repeated.first_half_bytes = growth(start, middle);
  repeated.second_half_bytes = growth(middle, end);
}

void ExporterDriver::ask_in_threads(const Step& what, std::size_t step, StepRecord& record) {
  if (!has_object_ || is_changed_) return;
  exported_.forget_exception();
  OwnSlot own(exported_);
  Slot& once = own.slot();  // what one view shows alone, others must show side by side
  const TimeTaken taken;
  {
    Answer answer;
    StepRecord ignored;
    acquire(what.flags, once, answer);
    if (answer.granted && !once.is_held) return;  // it could not be released
    release(once, ignored);
  }
  const auto rounds =
      static_cast<int>(affordable(static_cast<std::uint64_t>(std::max(what.count, 0)), taken.seconds(1)));
  bufspec::Repeated& repeated = record.repeated.emplace();
  const auto before = exported_.references();
  const bool compares = !is_volatile() && once.was_granted && once.seen.has_elements() && once.seen.readable == true;
  std::array<Share, thread_count> shares;

  const auto ask = [&](std::size_t number) {
    Share& share = shares[number];
    PoisonedView held;
    SeenMemory seen;
    for (int round = 0; round < rounds; ++round) {
      held.poison();
      Buffer& view = held.view();
      if (exported_.ask(view, what.flags, Route::library) != 0) {
        exported_.forget_exception();
        ++share.refused;
      } else {
        ++share.granted;
        const Owner owner = owner_of(view.obj);
        ReleasedAtEnd released(exported_, view, can_be_released(owner));
        View copy;
        copy_view(view, owner, nullptr, true, copy);
        const auto look = [&] {
          if (!compares) return;
          look_at_memory(copy, view.buf, seen);
          share.elements_same = share.elements_same && seen.has_elements() && seen.agrees_with(once.seen);
        };
        look();
        if (round % rounds_with_the_lock == 0) {
          // While the view is held the others have their turn.
          exported_.while_others_run([] { std::this_thread::yield(); });
          look();
        }
        released.now();
        exported_.forget_exception();
      }
      if (ledger_ != nullptr && round % rounds_with_the_lock == 0) ledger_->beat();
    }
  };

  if (ledger_ != nullptr)
    for (std::size_t number = 0; number < shares.size(); ++number)
      ledger_->step(ledger_->breadcrumb().case_index(), static_cast<std::uint32_t>(step), number + 1);
  exported_.while_others_run([&] {
    Threads threads(static_cast<int>(shares.size()));
    for (std::size_t number = 0; number < shares.size(); ++number)
      if (!threads.start([&, number] { exported_.in_thread([&] { ask(number); }); })) break;
    threads.join();
  });

  for (const Share& share : shares) {
    repeated.granted += share.granted;
    repeated.refused += share.refused;
    repeated.elements_same = repeated.elements_same && share.elements_same;
  }
  if (before)
    if (const auto after = references_but_for_garbage(*before)) repeated.references_kept = *after - *before;
}

}  // namespace bufspec::engine
