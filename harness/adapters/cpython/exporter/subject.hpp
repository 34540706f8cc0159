// A CPython object as a subject: the driver of exporters over its handle, and the fast way for answers that are known,
// which knows the C API and no handle, because it is hot.
#pragma once

#include <array>
#include <vector>

#include "exported_object.hpp"
#include "suites/engine/exporter/driver.hpp"

namespace bufspec::cpython {

// Holds the handle for a driver that is constructed after it.
struct HandleFirst {
  ExportedObject object;
};

class ExporterSubject final : private HandleFirst, public engine::ExporterDriver {
 public:
  explicit ExporterSubject(ExporterDeclaration declared)
      : HandleFirst{ExportedObject(std::move(declared))}, engine::ExporterDriver(HandleFirst::object) {}

  bool memorise(const Scenario& scenario, std::size_t memory) override;
  engine::Repeat repeat(const Scenario& scenario, std::size_t memory, Trace& trace) override;
  engine::Repeated repeat_run(std::span<const engine::Known> known, engine::Breadcrumb& place, Trace& trace) override;

  // What went wrong when an object was built from a layout, for the first layout with which that happened.
  [[nodiscard]] const std::string& build_failure() const noexcept { return object.build_failure(); }
  // Sets the exception with which the factory ended the run; false if it did not.
  [[nodiscard]] bool raise_failure() {
    if (!object.has_failed()) return false;
    object.raise_failure();
    return true;
  }

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
    engine::PoisonedView* held = nullptr;  // the struct that is used again: exporters may point into it
    PyObject* exception = nullptr;  // the type of a refusal, borrowed: types of exceptions outlive the run
    Py_buffer view;
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

  void forget_answers() override;
  [[nodiscard]] static bool matches(const Memory& memory, const Py_buffer& view) noexcept;
  // Asks a memorised request once more; whether the answer was the memorised one, its view released.  `missed` is
  // written only if it was not.
  [[nodiscard]] static bool ask_again(const Memory& kept, PyObject* asked, Missed& missed) noexcept;
  // Fills the trace of a scenario whose acquire was granted, but not as memorised, and whose view is still held.
  engine::Repeat differs(const Scenario& scenario, const Memory& kept, const Missed& missed, Trace& trace);

  std::vector<Memory> memories_;
  std::size_t memory_count_ = 0;  // memories_.size(), which is a division in the hot path
};

}  // namespace bufspec::cpython
