#include "reference_consumer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "bufspec/exporter.hpp"
#include "bufspec/functions.hpp"
#include "bufspec/misreadings.hpp"

namespace bufspec::oracle {

namespace {

constexpr int most_calls = 16;  // of one step

bool refuses(const Scenario& scenario, std::size_t number, int word) {
  const auto does = [&](std::uint32_t behaviour) { return (scenario.behaviours & behaviour) != 0; };
  constexpr int contiguity = 0x0e0;
  return (number < 8 && (scenario.refused_requests >> number & 1) != 0) || does(behaviour::refuses_all) ||
         (does(behaviour::refuses_writable) && has(word, flag::WRITABLE)) ||
         (does(behaviour::refuses_flat) && !has(word, flag::ND)) ||
         (does(behaviour::refuses_strideless) && !has(word, flag::STRIDES)) ||
         (does(behaviour::refuses_formatless) && !has(word, flag::FORMAT)) ||
         (does(behaviour::refuses_format) && has(word, flag::FORMAT)) ||
         (does(behaviour::refuses_contiguity) && (word & contiguity) != 0);
}

class RightConsumer {
 public:
  RightConsumer(const Scenario& scenario, const ConsumerHabit& habit) : scenario_(scenario), habit_(habit) {}

  bool run(Trace& trace) {
    if (!scenario_.layout || !exporter_.build(*scenario_.layout).ok()) return false;
    references_ = exporter_.references();
    for (const Step& step : scenario_.steps) {
      StepRecord record;
      Consumed& consumed = record.consumed.emplace();
      perform(step, consumed);
      consumed.requests = requests_;
      consumed.results_held = static_cast<int>(
          std::count_if(results_.begin(), results_.end(), [](const auto& result) { return result.has_value(); }));
      if (consumed.results_held == 0) consumed.references_kept = exporter_.references() - references_;
      trace.steps.push_back(std::move(record));
    }
    for (std::size_t slot = 0; slot < max_slots; ++slot) give_up(slot);
    return true;
  }

 private:
  struct Result {
    Buffer view{};
    std::optional<std::size_t> request;  // whose view it holds
  };

  void perform(const Step& step, Consumed& consumed) {
    const std::size_t slot = step.slot % max_slots;
    switch (step.kind) {
      case StepKind::consume:
        give_up(slot);
        results_[slot] = call(consumed);
        break;
      case StepKind::read:
        if (results_[slot] && results_[slot]->request) compare(results_[slot]->view, consumed);
        break;
      case StepKind::release:
        give_up(slot);
        break;
      case StepKind::repeat:
      case StepKind::threads:
        for (int n = 0; n < std::min(step.count, most_calls); ++n) {
          Result result = call(consumed);
          release_view(result);
        }
        break;
      default:
        break;
    }
  }

  Result call(Consumed& consumed) {
    consumed.called = true;
    consumed.raised = false;
    Result result;
    for (const int word : habit_.words) {
      const bool granted = !refuses(scenario_, requests_.size(), word) &&
                           get_buffer(exporter_, result.view, word, scenario_.edition).ok();
      if (requests_.size() == max_logged_requests) requests_.clear();
      requests_.push_back({word, granted, 0, 0});
      if (!granted) continue;
      result.request = requests_.size() - 1;
      compare(result.view, consumed);
      if (!habit_.holds_view) release_view(result);
      return result;
    }
    consumed.raised = !habit_.has_fallback;
    if (consumed.raised) consumed.exception_name = "BufferError";
    return result;
  }

  void compare(const Buffer& view, Consumed& consumed) const {
    if (habit_.kind == ConsumerKind::fills) {
      if ((scenario_.behaviours & behaviour::lie_readonly) != 0) return;  // it looks at readonly before it writes
      consumed.filled = consumed.called ? Compared::right : Compared::not_compared;
      consumed.elements_changed = consumed.called && view.len > 0;
      return;
    }
    std::string bytes(static_cast<std::size_t>(view.len), '\0');
    if (view.ndim == 0 || view.shape == nullptr)
      std::copy_n(static_cast<const char*>(view.buf), bytes.size(), bytes.begin());
    else if (!to_contiguous(bytes, view, 'C').ok())
      return;
    show_bytes(consumed, *scenario_.layout, bytes);
  }

  void release_view(Result& result) {
    if (!result.request) return;
    if (*result.request < requests_.size()) ++requests_[*result.request].releases;
    bufspec::release(result.view);
    result.request.reset();
  }

  void give_up(std::size_t slot) {
    if (results_[slot]) release_view(*results_[slot]);
    results_[slot].reset();
  }

  const Scenario& scenario_;
  const ConsumerHabit& habit_;
  Exporter exporter_;
  long references_ = 0;
  std::vector<Consumed::Request> requests_;
  std::array<std::optional<Result>, max_slots> results_;
};

}  // namespace

const std::vector<ConsumerHabit>& consumer_habits() {
  using enum ConsumerKind;
  static const std::vector<ConsumerHabit> habits{
      {},
      {"holds its view", {flag::FULL_RO}, keeps, true},
      {"asks for bytes", {flag::SIMPLE}},
      {"asks for a shape", {flag::ND}},
      {"asks for strides", {flag::STRIDES}, reads, true},
      {"asks for a contiguous memory", {flag::ANY_CONTIGUOUS | flag::FORMAT, flag::C_CONTIGUOUS}},
      {"asks for less and less", {flag::FULL_RO, flag::RECORDS_RO, flag::STRIDED_RO, flag::ND, flag::SIMPLE}},
      {"tries to write first", {flag::FULL, flag::FULL_RO}, keeps, true},
      {"has a fallback", {flag::SIMPLE}, reads, false, true},
      {"fills", {flag::FULL}, fills},
      {"fills bytes and holds them", {flag::WRITABLE}, fills, true},
  };
  return habits;
}

bool run_consumer(const Scenario& scenario, const ConsumerHabit& habit, Trace& trace) {
  trace = {};
  trace.observes = observation::all;
  trace.runtime = latest_runtime;
  trace.consumer = habit.kind;
  trace.has_fallback = habit.has_fallback;
  return RightConsumer(scenario, habit).run(trace);
}

}  // namespace bufspec::oracle
