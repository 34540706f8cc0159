// A CPython object as a subject: requests go through PyObject_GetBuffer, or the type's own slot, into poisoned structs.
// Objects come from a factory, or are built from a layout, afresh only when the last one was changed.
// The steps are in steps.cpp (one view), held.cpp (views that are held), endured.cpp (the
// object), often.cpp (many times); how objects are made in objects.cpp, the fast way for known answers
// in known_answers.cpp.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "built_objects.hpp"
#include "poisoned_view.hpp"
#include "suites/engine/forked_child.hpp"
#include "suites/engine/observe/fault_guard.hpp"
#include "suites/engine/observe/view_memory.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::cpython {

// Something that may be done to an object: a name for records, and a callable of the object.
struct Operation {
  std::string name;
  Ref callable;
};

// What a subject is declared to be.
struct ExporterDeclaration {
  Ref factory;  // called without arguments for each object that is needed
  Ref build;  // called with a Layout; null for one that builds nothing
  std::optional<std::string> expect;  // the elements in C order of each object of the factory
  std::vector<Operation> operations;  // a mutate step names one by its number
  bool is_volatile = false;  // others may change the memory at any time
};

class ExporterSubject final : public engine::Subject {
 public:
  explicit ExporterSubject(ExporterDeclaration declared);
  ~ExporterSubject() override;

  [[nodiscard]] unsigned observes() const noexcept override;
  void attach(engine::Ledger& ledger) override { ledger_ = &ledger; }
  [[nodiscard]] bool is_lost() const noexcept override { return factory_failed_; }
  // False for a scenario that is not for this subject, and, with the exception set, if the factory fails.  An object that
  // cannot be built is noted in build_failure().
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override;
  bool memorise(const Scenario& scenario, std::size_t memory) override;
  engine::Repeat repeat(const Scenario& scenario, std::size_t memory, Trace& trace) override;
  engine::Repeated repeat_run(std::span<const engine::Known> known, engine::Breadcrumb& place, Trace& trace) override;

  // Whether there is an object of the factory, made now if need be; the factory's exception is set if not.
  [[nodiscard]] bool has_object();
  // What went wrong when an object was built from a layout, for the first layout with which that happened.
  [[nodiscard]] const std::string& build_failure() const noexcept { return build_failure_; }

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
    HeldView* held = nullptr;  // the struct that is used again: exporters may point into it
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
    long gained = 0;  // references to the object that was asked, by the acquire
    PyObject* exception = nullptr;
    Py_buffer acquired;  // the struct as it was then
    View view;  // and what it said
    engine::SeenMemory seen;  // the memory as it was then
    bool has_lost_memory = false;  // it was given to somebody else: nobody writes there any more
    std::uint64_t looked_at = 0;  // events_ at the last look at the memory
  };

  using GetBuffer = int (*)(PyObject*, Py_buffer*, int);

  // Objects.
  [[nodiscard]] bool build_object(const Layout& layout);
  [[nodiscard]] bool makes_fresh_objects();
  void survey();
  void forget_object();

  // Steps with one view.
  void acquire(int flags, Slot& slot, Answer& answer, GetBuffer get_buffer = PyObject_GetBuffer);
  void acquire_direct(int flags, Slot& slot, StepRecord& record);
  void release(Slot& slot, StepRecord& record);
  void release_copy(Slot& slot, StepRecord& record);
  void note_release(Slot& slot, Py_buffer& released_view, Released& released);
  [[nodiscard]] std::optional<long> references_of_asked() const noexcept;
  // Whether the bytes that `view` shows lie in the order of the elements.
  [[nodiscard]] bool shows_elements_in_order(const View& view) const noexcept;
  [[nodiscard]] SameElements compare(const engine::SeenMemory& seen, const std::string& elements) const noexcept;

  // Steps with views that are held.
  [[nodiscard]] bool may_have_lost_memory(const Slot& slot) const noexcept;
  void read(Slot& slot, StepRecord& record);
  void write(Slot& slot, StepRecord& record);
  void write_element(Slot& slot, char* element, std::size_t number, Written& written);

  // Steps with the object.
  void mutate(std::size_t operation, StepRecord& record);
  void drop();
  void reenter(int flags, StepRecord& record);

  // Steps that do one thing many times.
  void repeat_request(const Step& what, StepRecord& record);
  void ask_often(int flags, std::uint64_t pairs, bufspec::Repeated& repeated);
  void ask_in_threads(const Step& what, std::size_t step, StepRecord& record);

  [[nodiscard]] static bool matches(const Memory& memory, const Py_buffer& view) noexcept;
  // What is left of a repeated request whose answer was not the memorised one.
  struct Missed {
    bool is_held = false;  // it was granted, and its view is still held
    long gained = 0;  // references, by that acquire
  };
  // Asks a memorised request once more; whether the answer was the memorised one, its view given back.  `missed` is
  // written only if it was not.
  [[nodiscard]] static bool ask_again(const Memory& kept, PyObject* asked, Missed& missed) noexcept;
  // Fills the trace of a scenario whose acquire was granted, but not as memorised, and whose view is still held.
  engine::Repeat differs(const Scenario& scenario, const Memory& kept, const Missed& missed, Trace& trace);

  ExporterDeclaration declared_;
  BuiltObjects built_;
  engine::ForkWatch forks_;
  engine::FaultGuard faults_;
  engine::Ledger* ledger_ = nullptr;
  Ref object_;
  PyObject* asked_ = nullptr;  // the object, also when it was dropped: for comparing, not for use
  std::optional<Layout> built_layout_;  // what the object was built from; absent for one of the factory
  std::string build_failure_;
  std::optional<bool> is_fresh_each_time_;
  bool factory_failed_ = false;
  bool is_surveyed_ = false;
  bool is_spoilt_ = false;  // the object was changed: the next scenario gets another
  bool is_changed_ = false;  // by an operation of this scenario: what it holds now is its own affair
  int richest_word_ = 0;
  std::optional<Answer> richest_;
  const void* richest_buf_ = nullptr;
  bool is_c_contiguous_ = true;  // the memory, by the richest answer or the layout
  engine::SeenMemory richest_elements_;
  std::optional<long> references_at_begin_;
  long held_references_ = 0;  // of the object that was asked, gained with the views that are held
  long usual_change_ = -1;  // of the references to the object, by the last release of a view of it
  std::uint64_t events_ = 0;  // what may have made the object give up memory
  std::array<Slot, max_slots> slots_;
  std::vector<Memory> memories_;
  std::size_t memory_count_ = 0;  // memories_.size(), which is a division in the hot path
};

}  // namespace bufspec::cpython
