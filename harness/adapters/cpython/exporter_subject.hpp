// A CPython object as a subject: requests go through PyObject_GetBuffer into poisoned structs.
// Objects come from a factory, afresh only when the last one was changed.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "harness/engine/subject.hpp"
#include "held_view.hpp"

namespace bufspec::cpython {

class ExporterSubject final : public engine::Subject {
 public:
  // `factory` is called without arguments for each object that is needed.
  explicit ExporterSubject(PyObject* factory) : factory_(Ref::borrowed(factory)) {}
  ~ExporterSubject() override;

  [[nodiscard]] unsigned observes() const noexcept override;
  // False, with the exception set, if the factory fails.
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override;
  bool memorise(const Scenario& scenario, std::size_t memory) override;
  engine::Repeat repeat(const Scenario& scenario, std::size_t memory, Trace& trace) override;
  engine::Repeated repeat_run(std::span<const engine::Known> known, engine::Breadcrumb& place, Trace& trace) override;

  // Whether the factory failed; its exception is then set.
  [[nodiscard]] bool factory_failed() const noexcept { return factory_failed_; }

 private:
  // The arrays of an answer that is kept for comparison; larger ones are not memorised.
  static constexpr std::size_t memorised_dimensions = 8;
  static constexpr std::size_t memorised_format = 32;

  // An answer that was judged clean, field for field.
  struct Memory {
    bool is_set = false;
    bool granted = false;
    bool counts_references = false;
    int flags = 0;
    HeldView* held = nullptr;       // the struct that is used again: exporters may point into it
    PyObject* exception = nullptr;  // the type of a refusal, borrowed: types of exceptions outlive the run
    Py_buffer view;
    std::array<ssize, memorised_dimensions> shape;
    std::array<ssize, memorised_dimensions> strides;
    std::array<ssize, memorised_dimensions> suboffsets;
    std::array<char, memorised_format> format;
  };

  struct Slot {
    HeldView held;
    bool is_held = false;
    bool owner_is_asked = false;
    bool was_granted = false;
    PyObject* exception = nullptr;
  };

  bool make_object();
  void survey();
  void acquire(int flags, Slot& slot, Answer& answer);
  void release(Slot& slot, StepRecord& record);
  [[nodiscard]] SameElements compare_elements(const Py_buffer& view) const;
  [[nodiscard]] static bool matches(const Memory& memory, const Py_buffer& view) noexcept;
  // What is left of a repeated request whose answer was not the memorised one.
  struct Missed {
    bool is_held = false;  // it was granted, and its view is still held
    long gained = 0;       // references, by that acquire
  };
  // Asks a memorised request once more; whether the answer was the memorised one, its view given back.  `missed` is
  // written only if it was not.
  [[nodiscard]] static bool ask_again(const Memory& kept, PyObject* asked, Missed& missed) noexcept;
  // Fills the trace of a scenario whose acquire was granted, but not as memorised, and whose view is still held.
  engine::Repeat differs(const Scenario& scenario, const Memory& kept, const Missed& missed, Trace& trace);

  Ref factory_;
  Ref object_;
  bool factory_failed_ = false;
  int richest_word_ = 0;
  std::optional<Answer> richest_;
  const void* richest_buf_ = nullptr;
  std::string richest_elements_;  // in C order, of memories small enough to keep
  bool has_richest_elements_ = false;
  std::optional<long> references_at_begin_;
  long views_of_asked_ = 0;  // held views whose obj is the object that was asked
  std::array<Slot, max_slots> slots_;
  std::vector<Memory> memories_;
  std::size_t memory_count_ = 0;  // memories_.size(), which is a division in the hot path
};

}  // namespace bufspec::cpython
