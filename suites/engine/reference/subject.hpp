// The reference as a subject, in all three directions of the seam: its exporter is asked, its memoryview asks us, its
// functions are called.  It keeps every rule, so whatever the judge says against it is a fault of ours.
// Driven as a stranger would be: through the library's functions, into poisoned structs between canaries.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "bufspec/exporter.hpp"
#include "bufspec/requests.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::engine {

// The reference exporter of the scenario's layout or, where the scenario has none, of a layout of its own.
class ReferenceExporterSubject final : public Subject {
 public:
  // With `own` it also runs scenarios for ready-made objects; `runtime` is the interpreter that it answers as.
  explicit ReferenceExporterSubject(std::optional<Layout> own = std::nullopt, std::uint32_t runtime = latest_runtime);
  ~ReferenceExporterSubject() override;

  [[nodiscard]] unsigned observes() const noexcept override;
  // False for other targets, without a layout, and for a memory that an Exporter does not make.
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override;

  [[nodiscard]] long exports() const noexcept { return exporter_.exports(); }
  [[nodiscard]] long references() const noexcept { return exporter_.references(); }

 private:
  struct Slot;

  // With `directly` the exporter's own slot is called, not the library's function.
  void acquire(int word, Edition edition, Slot& slot, Answer& answer, bool directly = false);
  void release(Slot& slot, StepRecord& record);
  void release_copy(Slot& slot, StepRecord& record);
  void read(Slot& slot, StepRecord& record);
  void write(Slot& slot, StepRecord& record);
  void mutate(StepRecord& record);
  void reenter(const Step& what, Edition edition, StepRecord& record);
  // Of both kinds that ask many times; the threads of this subject take turns.
  void repeat(const Step& what, Edition edition, StepRecord& record);

  std::optional<Layout> own_;
  std::uint32_t runtime_;
  Exporter exporter_;
  std::optional<Layout> built_;  // what exporter_ was last made from
  bool is_changed_ = false;      // by an operation: it is made anew for the next scenario
  const void* richest_buf_ = nullptr;
  long references_at_begin_ = 0;
  long held_ = 0;
  std::unique_ptr<std::array<Slot, max_slots>> slots_;
};

// The reference's memoryview, which is given an exporter of the scenario's layout and copies out its elements.  Of
// behaviours the exporter has the refusals alone.
class ReferenceConsumerSubject final : public Subject {
 public:
  [[nodiscard]] unsigned observes() const noexcept override;
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override {}

 private:
  // Hands each request on to an exporter and writes it down.
  class LoggedExporter final : public Object {
   public:
    LoggedExporter() noexcept : Object(ObjectKind::exporter) {}
    [[nodiscard]] Status build(const Scenario& scenario);
    [[nodiscard]] const std::deque<Consumed::Request>& requests() const noexcept { return requests_; }

    [[nodiscard]] bool is_exporter() const noexcept override { return true; }
    [[nodiscard]] bool has_release_slot() const noexcept override { return true; }
    [[nodiscard]] Status get_buffer(int word, Buffer& view, Edition edition, std::uint32_t runtime) noexcept override;
    void release_buffer(Buffer& view) noexcept override;

   private:
    [[nodiscard]] bool refuses(int word) const noexcept;

    Exporter exporter_;
    std::uint32_t behaviours_ = 0;
    std::uint8_t refused_requests_ = 0;
    std::deque<Consumed::Request> requests_;  // which do not move: held views point at theirs
  };

  [[nodiscard]] std::optional<std::string> consume(const Scenario& scenario, Consumed& consumed);

  LoggedExporter exporter_;
  std::array<std::optional<std::string>, max_slots> results_;
  bool is_dropped_ = false;  // our reference to the exporter
};

// is_contiguous() of the reference, called on the struct that the scenario's layout describes.
class ReferenceFunctionSubject final : public Subject {
 public:
  [[nodiscard]] unsigned observes() const noexcept override;
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override {}
};

}  // namespace bufspec::engine
