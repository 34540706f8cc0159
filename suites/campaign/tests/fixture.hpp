// A campaign against the reference's exporter, whole or with a fault that a few steps in one order bring out.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "suites/campaign/campaign.hpp"
#include "suites/engine/reference/subject.hpp"

namespace bufspec::campaign {

inline Layout matrix() {
  Layout layout;
  layout.format = "i";
  layout.itemsize = 4;
  layout.ndim = 2;
  layout.shape = {2, 3};
  layout.has_strides = false;
  layout.block = 24;
  return layout;
}

// The reference exporter of a matrix; `spoil` is called after each step, `renew` before each scenario.
class Spoilt final : public engine::Subject {
 public:
  using Spoil = std::function<void(const Step&, StepRecord&)>;

  explicit Spoilt(Spoil spoil = {}, std::function<void()> renew = {})
      : reference_(matrix()), spoil_(std::move(spoil)), renew_(std::move(renew)) {}

  [[nodiscard]] unsigned observes() const noexcept override { return reference_.observes(); }
  void renew() override {
    reference_.renew();
    if (renew_) renew_();
  }
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override {
    return reference_.begin(scenario, trace);
  }
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override {
    reference_.perform(scenario, step, trace);
    if (spoil_) spoil_(scenario.steps[step], trace.steps[step]);
  }
  void end() override { reference_.end(); }

 private:
  engine::ReferenceExporterSubject reference_;
  Spoil spoil_;
  std::function<void()> renew_;
};

// A state and a ledger in memory of their own.
struct Fixture {
  Fixture()
      : state_memory(std::make_unique<StateData>()),
        ledger_memory(std::make_unique<engine::LedgerData>()),
        state(state_memory.get(), true),
        ledger(ledger_memory.get(), true) {
    vocabulary.builds = true;
  }

  bool explore(engine::Subject& subject, const Options& options) {
    return campaign::explore(subject, ledger, state, vocabulary, options, [this](const Found& one) {
      found.push_back({one.violation.rule, one.execution, {one.encoded.begin(), one.encoded.end()}});
      return !stops_at_first;
    });
  }

  struct One {
    Rule rule;
    std::uint64_t execution;
    std::vector<std::uint8_t> scenario;
  };
  std::unique_ptr<StateData> state_memory;
  std::unique_ptr<engine::LedgerData> ledger_memory;
  State state;
  engine::Ledger ledger;
  Vocabulary vocabulary;
  std::vector<One> found;
  bool stops_at_first = false;
};

inline Options options(std::uint64_t seed, std::uint64_t until, bool guided = true) {
  Options made;
  made.seed = seed;
  made.until = until;
  made.seconds = 1e6;
  made.guided = guided;
  return made;
}

}  // namespace bufspec::campaign
