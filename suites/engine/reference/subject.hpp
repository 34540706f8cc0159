// The reference's exporter as a subject.  It keeps every rule, so whatever the judge says against it is a fault of ours.
// Its functions are a library: suites/library/.
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

}  // namespace bufspec::engine
