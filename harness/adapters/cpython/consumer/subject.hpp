// A consumer as a subject: a callable of one argument is handed an instrumented exporter, its results are kept in slots.
// How results are compared is in result.hpp, what the exporter does in instrumented_exporter.hpp.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "acceptance.hpp"
#include "harness/adapters/cpython/api/collector.hpp"
#include "instrumented_exporter.hpp"
#include "result.hpp"
#include "suites/engine/forked_child.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::cpython {

class ConsumerSubject final : public engine::Subject {
 public:
  explicit ConsumerSubject(ConsumerDeclaration declared);
  ~ConsumerSubject() override;

  // Calls the consumer on plain bytes and on typed memory before anything is judged: what it does once is done, and what its
  // result is, where nobody declared it, shows.  No exception is left.
  void warm_up();
  [[nodiscard]] const Acceptance& acceptance() const noexcept { return acceptance_; }
  // What its result was taken for, where that was found out; empty where it was declared, or compared with that of bytes.
  [[nodiscard]] const char* inferred() const noexcept;
  [[nodiscard]] const ResultComparison& comparison() const noexcept { return comparison_; }

  [[nodiscard]] unsigned observes() const noexcept override;
  void attach(engine::Ledger& ledger) override { ledger_ = &ledger; }
  // False for a memory that cannot be made, or is larger than is handed to consumers.
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override;
  // Scenarios that hand over one memory and give the result up, where that is the elements as bytes.
  bool memorise(const Scenario& scenario, std::size_t memory) override;
  engine::Repeat repeat(const Scenario& scenario, std::size_t memory, Trace& trace) override;

 private:
  // What one call came to.
  struct Call {
    Ref result;
    bool raised = false;
    Error error = Error::none;
    std::string exception_name;
    Ref exception;  // its type
    bool is_declared_refusal = false;
    bool disagrees = false;
  };

  // A call that was judged clean, and what it was given.
  struct Memory {
    std::shared_ptr<engine::PlannedMemory> plan;
    std::shared_ptr<Instrumented> exporter;
    Ref object;
    bool raised = false;
    PyObject* exception = nullptr;  // its type, borrowed: types of exceptions outlive the run
    std::vector<std::pair<int, bool>> requests;  // the flags of each, and whether it was granted
  };
  [[nodiscard]] static bool is_as_memorised(const Memory& kept, PyObject* result);

  [[nodiscard]] bool can_run(const Scenario& scenario) const noexcept;
  void fill_in(Trace& trace) const;
  [[nodiscard]] Call call_here();
  [[nodiscard]] Call call(const Scenario& scenario);
  void note(const Call& made, Consumed& consumed);
  // The memory as it was at first, unless a view of it is held.
  void renew_memory();
  void consume(const Scenario& scenario, std::size_t slot, Consumed& consumed);
  void read(std::size_t slot, Consumed& consumed);
  void consume_often(const Scenario& scenario, int count, Consumed& consumed);
  void consume_in_threads(const Scenario& scenario, std::size_t step, Consumed& consumed);
  void look(Consumed& consumed) const;
  [[nodiscard]] Returns returns_of_typed();
  [[nodiscard]] bool was_told_all(const Consumed& consumed) const;
  // Whether it fills memory of this format with values, of which nobody said which.
  [[nodiscard]] bool writes_values();
  [[nodiscard]] bool writes_values_over(ElementBytes contents);
  // Whether such a memory, which stays where it is, is refused, read right, or filled right.
  [[nodiscard]] bool takes_rightly(const std::shared_ptr<engine::PlannedMemory>& plan);
  // The same of memory of several segments: of this one with gaps.
  [[nodiscard]] bool takes_gaps_rightly();

  ConsumerDeclaration declared_;
  ResultComparison comparison_;
  Acceptance acceptance_;
  std::optional<bool> takes_gaps_;  // once it was asked
  std::map<std::string, bool> writes_values_;  // by format and number of dimensions
  long calls_on_memory_ = 0;  // since it was renewed
  bool is_warm_ = false;
  Collector collector_;
  engine::ForkWatch forks_;
  engine::Ledger* ledger_ = nullptr;
  std::shared_ptr<engine::PlannedMemory> plan_;
  std::shared_ptr<Instrumented> exporter_;
  Ref object_;
  std::array<Ref, max_slots> results_;
  std::vector<Memory> memories_;
};

}  // namespace bufspec::cpython
