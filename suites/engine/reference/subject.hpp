// The reference's exporter and its functions as subjects.  They keep every rule, so whatever the judge says against them is a
// fault of ours.
#pragma once

#include <optional>

#include "exported.hpp"
#include "suites/engine/exporter/driver.hpp"

namespace bufspec::engine {

// Holds the handle for a driver that is constructed after it.
struct ReferenceHandle {
  ReferenceExported reference;
};

// The reference exporter of the scenario's layout or, where the scenario has none, of a layout of its own.
class ReferenceExporterSubject final : private ReferenceHandle, public ExporterDriver {
 public:
  // With `own` it also runs scenarios for ready-made objects; `runtime` is the interpreter that it answers as.
  explicit ReferenceExporterSubject(std::optional<Layout> own = std::nullopt, std::uint32_t runtime = latest_runtime)
      : ReferenceHandle{ReferenceExported(std::move(own), runtime)}, ExporterDriver(reference, Survey::all) {}

  // False for other targets, without a layout, and for memory that an Exporter does not make.
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;

  [[nodiscard]] long exports() const noexcept { return reference.exporter().exports(); }
  [[nodiscard]] long references() const noexcept { return reference.exporter().references(); }

 private:
  std::optional<Edition> answered_by_;  // at the last begin()
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
