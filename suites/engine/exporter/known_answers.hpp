// Answers that are known: a request whose answer was judged clean is asked again and compared in place, which costs a
// fraction of judging it.  What differs is judged in full.
// It knows no handle, because it is hot: `Calls` says how such an object is asked, in functions that are inlined.
//
//   using Exception = ...;                      what a refusal leaves, compared with ==
//   bool ask(Buffer& view, int flags);          whether the request was granted
//   void release(Buffer& view);
//   Exception take_exception();                 the exception that is set, which is then set no more
//   bool has_exception();                       whether one is set
//   bool has_failed_itself();                   whether a refusal was a failure of ours
//   long references();                          to the object; any number where they are not counted
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "driver.hpp"

namespace bufspec::engine {

template <typename Calls>
class RepeatingDriver : public ExporterDriver {
 public:
  using ExporterDriver::ExporterDriver;

  bool memorise(const Scenario& scenario, std::size_t memory) override;
  Repeat repeat(const Scenario& scenario, std::size_t memory, Trace& trace) override;
  Repeated repeat_run(std::span<const Known> known, Breadcrumb& place, Trace& trace) override;

 protected:
  // How the object that there is now is asked.
  [[nodiscard]] virtual Calls calls() = 0;

 private:
  // The arrays of an answer that is kept for comparison; larger ones are not memorised.
  static constexpr std::size_t memorised_dimensions = 8;
  static constexpr std::size_t memorised_format = 32;

  // An answer that was judged clean, field for field.
  struct Memory {
    bool is_set = false;
    bool granted = false;
    bool counts_references = false;
    long gained = 0;
    int flags = 0;
    PoisonedView* held = nullptr;  // the struct that is used again: exporters may point into it
    typename Calls::Exception exception{};  // of a refusal
    Buffer view{};
    std::array<ssize, memorised_dimensions> shape;
    std::array<ssize, memorised_dimensions> strides;
    std::array<ssize, memorised_dimensions> suboffsets;
    std::array<char, memorised_format> format;
  };

  // What is left of a repeated request whose answer was not the memorised one.
  struct Missed {
    bool is_held = false;  // it was granted, and its view is still held
    long gained = 0;  // references, by that acquire
  };

  void forget_answers() override {
    memories_.clear();
    memory_count_ = 0;
  }
  [[nodiscard]] static bool matches(const Memory& memory, const Buffer& view) noexcept;
  // Asks a memorised request once more; whether the answer was the memorised one, its view released.  `missed` is
  // written only if it was not.
  [[nodiscard]] static bool ask_again(const Memory& kept, Calls& calls, Missed& missed) noexcept;
  // Fills the trace of a scenario whose acquire was granted, but not as memorised, and whose view is still held.
  Repeat differs(const Scenario& scenario, const Memory& kept, const Missed& missed, Trace& trace);

  std::vector<Memory> memories_;
  std::size_t memory_count_ = 0;  // memories_.size(), which is a division in the hot path
};

template <typename Calls>
bool RepeatingDriver<Calls>::memorise(const Scenario& scenario, std::size_t memory) {
  const auto& steps = scenario.steps;
  if (steps.size() != 2 || steps[0].kind != StepKind::acquire || steps[1].kind != StepKind::release) return false;
  if (memories_.size() <= memory) memories_.resize(memory + 1);
  memory_count_ = memories_.size();
  Memory& kept = memories_[memory];
  Slot& slot = slot_of(steps[0]);
  Answer answer;
  acquire(steps[0].flags, slot, answer);
  const Buffer& view = slot.held.view();
  kept.granted = answer.granted;
  kept.flags = steps[0].flags;
  kept.held = &slot.held;
  kept.view = view;
  kept.counts_references = answer.references_gained.has_value();
  kept.gained = answer.references_gained.value_or(0);
  bool fits = true;
  if (answer.granted) {
    // A copy is another block each time, and judged by what it holds.
    fits = slot.is_held && answer.block != Block::other && view.ndim >= 0 &&
           static_cast<std::size_t>(view.ndim) <= memorised_dimensions &&
           (view.format == nullptr || std::strlen(view.format) < memorised_format);
    const auto n = static_cast<std::size_t>(fits ? view.ndim : 0);
    if (fits && view.shape != nullptr) std::copy_n(view.shape, n, kept.shape.begin());
    if (fits && view.strides != nullptr) std::copy_n(view.strides, n, kept.strides.begin());
    if (fits && view.suboffsets != nullptr) std::copy_n(view.suboffsets, n, kept.suboffsets.begin());
    if (fits && view.format != nullptr) std::memcpy(kept.format.data(), view.format, std::strlen(view.format) + 1);
    StepRecord ignored;
    release(slot, ignored);
  } else {
    Calls asking = calls();
    slot.held.poison_struct();
    fits = !asking.ask(slot.held.view(), kept.flags);
    if (fits)
      kept.exception = asking.take_exception();
    else
      asking.release(slot.held.view());
    fits = fits && !asking.has_failed_itself();
  }
  kept.is_set = fits;
  return fits;
}

template <typename Calls>
[[gnu::always_inline]] inline bool RepeatingDriver<Calls>::matches(const Memory& memory, const Buffer& view) noexcept {
  const auto word_of = [](const auto value) {
    if constexpr (std::is_pointer_v<decltype(value)>)
      return reinterpret_cast<std::uintptr_t>(value);
    else
      return static_cast<std::uintptr_t>(value);
  };
  const auto same_array = [&](const ssize* array, const auto& memorised) {
    if (array == nullptr) return true;  // both null, or both not
    for (int i = 0; i < view.ndim; ++i)
      if (array[i] != memorised[static_cast<std::size_t>(i)]) return false;
    return true;
  };
  const auto same_text = [](const char* text, const char* memorised) {
    if (text == nullptr) return true;
    while (*text == *memorised) {
      if (*text == 0) return true;
      ++text;
      ++memorised;
    }
    return false;
  };
  const Buffer& kept = memory.view;
  const auto differ = [&](const auto a, const auto b) { return word_of(a) ^ word_of(b); };
  // One branch for all fields: most answers match.  Other addresses with the same contents are rare, and are
  // judged anew; the same address may have new contents.
  const std::uintptr_t fields = differ(view.buf, kept.buf) | differ(view.obj, kept.obj) | differ(view.len, kept.len) |
                                differ(view.itemsize, kept.itemsize) | differ(view.readonly, kept.readonly) |
                                differ(view.ndim, kept.ndim) | differ(view.format, kept.format) |
                                differ(view.shape, kept.shape) | differ(view.strides, kept.strides) |
                                differ(view.suboffsets, kept.suboffsets);
  return fields == 0 && same_text(view.format, memory.format.data()) && same_array(view.shape, memory.shape) &&
         same_array(view.strides, memory.strides) && same_array(view.suboffsets, memory.suboffsets);
}

template <typename Calls>
[[gnu::always_inline]] inline bool RepeatingDriver<Calls>::ask_again(const Memory& kept, Calls& calls,
                                                                     Missed& missed) noexcept {
  PoisonedView& held = *kept.held;
  held.poison_struct();  // canaries that are not intact end the fast way, so here they are
  Buffer& view = held.view();
  const long before = calls.references();
  if (!calls.ask(view, kept.flags)) {
    const bool exact = !kept.granted && calls.take_exception() == kept.exception && view.obj == kept.view.obj;
    if (calls.has_failed_itself()) return false;  // the caller asks again
    return exact && held.canaries_intact() && calls.references() == before;
  }
  const long held_references = calls.references();
  if (!kept.granted || !matches(kept, view) || (kept.counts_references && held_references != before + kept.gained)) {
    missed = {true, held_references - before};
    return false;
  }
  calls.release(view);
  // One look at the error indicator serves both calls: where one is set the caller asks again and finds which.
  return view.obj == nullptr && held.canaries_intact() && calls.references() == before && !calls.has_exception();
}

template <typename Calls>
Repeat RepeatingDriver<Calls>::repeat(const Scenario& scenario, std::size_t memory, Trace& trace) {
  if (memory >= memory_count_ || !memories_[memory].is_set) return Repeat::unsupported;
  Missed missed;
  Calls asking = calls();
  if (ask_again(memories_[memory], asking, missed)) return Repeat::accepted;
  // What holds nothing is asked again by the caller, in full.
  return missed.is_held ? differs(scenario, memories_[memory], missed, trace) : Repeat::unsupported;
}

template <typename Calls>
Repeated RepeatingDriver<Calls>::repeat_run(std::span<const Known> known, Breadcrumb& place, Trace& trace) {
  Repeated done;
  Calls asking = calls();
  Missed missed;
  for (const Known& one : known) {
    place.leave(one.memory, 0);
    if (one.memory >= memory_count_ || !memories_[one.memory].is_set) {
      done.next = Repeat::unsupported;
      return done;
    }
    const Memory& kept = memories_[one.memory];
    if (!ask_again(kept, asking, missed)) {
      done.next = missed.is_held ? differs(*one.scenario, kept, missed, trace) : Repeat::unsupported;
      return done;
    }
    ++*one.counter;
    ++done.accepted;
  }
  return done;
}

template <typename Calls>
Repeat RepeatingDriver<Calls>::differs(const Scenario& scenario, const Memory& kept, const Missed& missed,
                                       Trace& trace) {
  Slot& slot = slot_of(scenario.steps[0]);
  trace = Trace{};
  if (!begin(scenario, trace)) return Repeat::unsupported;
  trace.steps.emplace_back();
  note_differing(slot, kept.counts_references ? std::optional<long>(missed.gained) : std::nullopt,
                 trace.steps.back().answer.emplace());
  release(slot, trace.steps.emplace_back());
  return Repeat::differs;
}

}  // namespace bufspec::engine
