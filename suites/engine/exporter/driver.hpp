// The driver of exporters: takes an object through the steps of a scenario, by way of its handle, and writes the trace.
// The steps are in steps.cpp (one view), held.cpp (views that are held), endured.cpp (the object), often.cpp (many times);
// which object is asked, and what is found out before it is judged, in objects.cpp.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exported.hpp"
#include "many_views.hpp"
#include "suites/engine/forked_child.hpp"
#include "suites/engine/observe/fault_guard.hpp"
#include "suites/engine/observe/free_watch.hpp"
#include "suites/engine/observe/poisoned_view.hpp"
#include "suites/engine/observe/view_memory.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::engine {

// Of which objects the richest answer is found out before the steps: of ready-made ones, where nothing else says what their
// memory is, or of those built from a layout, too.
enum class Survey : std::uint8_t { ready_made, all };

class ExporterDriver : public Subject {
 public:
  // The handle belongs to the caller and outlives the driver.
  explicit ExporterDriver(Exported& exported, Survey survey = Survey::ready_made);
  ~ExporterDriver() override;

  [[nodiscard]] unsigned observes() const noexcept override;
  void attach(Ledger& ledger) override { ledger_ = &ledger; }
  [[nodiscard]] bool is_lost() const noexcept override { return is_lost_; }
  void renew() override { forget_object(); }
  // False for a scenario that is not for this subject, and where there is no object for it.
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override;

  // Whether there is a ready-made object, made now if need be.
  [[nodiscard]] bool has_object();

 protected:
  struct Slot {
    PoisonedView held;
    bool is_held = false;
    bool owner_is_asked = false;
    bool was_granted = false;
    long gained = 0;  // references to the object that was asked, by the acquire
    Buffer acquired;  // the struct as it was then
    View view;  // and what it said
    SeenMemory seen;  // the memory as it was then
    bool has_lost_memory = false;  // it was freed: nobody writes there any more
    WatchedMemory watched;
    std::array<WatchedMemory, 4> watched_arrays;  // format, shape, strides, suboffsets
    std::uint64_t looked_at = 0;  // events_ at the last look at the memory
    std::uint64_t changes = 0;  // changes_ when it was acquired
  };

  // A slot of one step alone.  A view that is still held when it goes, since something was thrown, is released.
  class OwnSlot {
   public:
    explicit OwnSlot(Exported& exported) noexcept : exported_(exported) {}
    ~OwnSlot() {
      if (slot_.is_held) exported_.release(slot_.held.view());
    }
    OwnSlot(const OwnSlot&) = delete;
    OwnSlot& operator=(const OwnSlot&) = delete;
    [[nodiscard]] Slot& slot() noexcept { return slot_; }

   private:
    Exported& exported_;
    Slot slot_;
  };

  // The next scenario gets another object.
  void forget_object() noexcept { is_spoilt_ = true; }
  // Called when the object is another one: what was known of the old one is void.
  virtual void forget_answers() {}

  void acquire(int flags, Slot& slot, Answer& answer);
  void release(Slot& slot, StepRecord& record, bool is_raising = false);
  [[nodiscard]] Slot& slot_of(const Step& step) noexcept { return slots_[step.slot % max_slots]; }
  [[nodiscard]] const void* richest_buf() const noexcept { return richest_buf_; }
  // What `obj` holds.
  [[nodiscard]] Owner owner_of(const void* obj) const noexcept;
  // Fills the answer of a view that was granted, with so many references gained, and not looked at yet.
  void note_differing(Slot& slot, std::optional<long> gained, Answer& answer);

 private:
  // Objects.
  // What `make` gives, which may take as long as it takes.
  template <typename Make>
  bool set_up(Make&& make) {
    if (ledger_ != nullptr) ledger_->set_up(true);
    const bool is_made = make();
    if (ledger_ != nullptr) ledger_->set_up(false);
    is_lost_ = is_lost_ || exported_.has_failed();
    return is_made;
  }
  [[nodiscard]] bool put_object(const Layout* layout);
  [[nodiscard]] bool makes_fresh_objects();
  void survey();
  void tell_richest(Trace& trace) const;
  void perform_step(const Scenario& scenario, std::size_t step, Trace& trace);

  // Steps with one view.
  [[nodiscard]] bool acquire_by(Route route, int flags, Slot& slot, Answer& answer);
  void acquire_direct(int flags, Slot& slot, StepRecord& record);
  void release_copy(Slot& slot, StepRecord& record);
  void note_release(Slot& slot, Buffer& released_view, Released& released);
  // Whether the bytes that `view` shows lie in the order of the elements.
  [[nodiscard]] bool shows_elements_in_order(const View& view) const noexcept;
  // Where the elements of an answer lie, and which of them are wrong.
  void compare_answer(Slot& slot, Answer& answer);
  // The same of an object that was changed: with what it says itself.
  void compare_with_content(Slot& slot, Answer& answer);
  void find_wrong(const Slot& slot, std::string_view owed, Answer& answer) const;
  [[nodiscard]] static bool is_of_one_element(const Slot& slot);
  [[nodiscard]] Unchanging unchanging_of(const Slot& slot);
  [[nodiscard]] SameElements compare(const SeenMemory& seen, const SeenMemory& other) const noexcept;
  [[nodiscard]] SameElements compare_with_expected(const Slot& slot, std::string_view elements);
  // Whether the memory of a view that was just granted had been freed by then.
  [[nodiscard]] bool is_freed_already(const Buffer& view) const noexcept;
  void look_at_acquired(Slot& slot);
  static void watch_arrays(Slot& slot);
  static void end_watch(Slot& slot) noexcept;
  [[nodiscard]] bool is_volatile() const noexcept { return (observed_ & observation::content) == 0; }

  // Steps with views that are held.
  [[nodiscard]] bool may_have_lost_memory(const Slot& slot) const noexcept;
  [[nodiscard]] bool is_handed_out(const Slot& slot, FreshBlocks& blocks, const SeenMemory& seen) const;
  void read(Slot& slot, StepRecord& record);
  void write(Slot& slot, StepRecord& record);
  void write_element(Slot& slot, char* element, std::size_t number, Written& written);

  // Steps with the object.
  void mutate(std::size_t operation, StepRecord& record);
  void drop();
  void begin_anew(Trace& trace);
  void use_another(std::size_t operation);
  void look_beside_the_first(Slot& slot, Trace& trace);
  void re_enter(int flags, StepRecord& record);
  void try_twin(std::size_t operation, Mutated& mutated);
  void note_change();
  void learn_content();
  // How many references there are, after a collection where there are not `owed`: what waits for the collector is kept by nobody.
  [[nodiscard]] std::optional<long> references_but_for_garbage(long owed);
  [[nodiscard]] ssize size_of_changed(int flags);
  [[nodiscard]] bool has_outgrown();

  // What the scenario's check says; nothing is recorded where the object has nothing that it is about.
  void check(const Scenario& scenario, StepRecord& record);

  // Steps that do one thing many times.
  void repeat_request(const Step& what, StepRecord& record);
  [[nodiscard]] bool are_same_at_once(int flags, const Slot& once);
  void hold(const Step& what);
  void let_go_of_more();
  void ask_often(int flags, std::uint64_t pairs, bufspec::Repeated& repeated);
  void ask_in_threads(const Step& what, std::size_t step, StepRecord& record);

  Exported& exported_;
  std::optional<ManyViews> more_;  // views that are held beside those of the slots
  Survey survey_;
  unsigned observed_;  // what observes() says
  ForkWatch forks_;
  FaultGuard faults_;
  Ledger* ledger_ = nullptr;
  bool has_object_ = false;
  std::optional<Layout> built_layout_;  // what the object was built from; absent for one that is ready-made
  std::optional<bool> is_fresh_each_time_;
  bool is_lost_ = false;
  bool is_surveyed_ = false;
  bool is_spoilt_ = false;  // the object was changed: the next scenario gets another
  bool is_watching_ = false;  // this scenario looks at held memory again
  bool looks_at_whole_ = false;  // the next view of large memory is read whole, now and at its first read
  bool begins_anew_ = false;  // the first step of this scenario takes another object, which has not answered yet
  bool is_unasked_ = false;  // nobody has asked the object yet
  bool is_stale_ = false;  // its first answer showed memory that was freed
  bool is_changed_ = false;  // by an operation of this scenario: what was known of its memory is past
  std::uint64_t changes_ = 0;  // so often
  bool has_made_another_ = false;  // object: this one's memory need not be there any more
  ssize most_size_ = 0;  // more bytes than these it cannot have by now
  // Whether the object says of itself what its elements are, and whether it does so by their values or, where all were alike,
  // by their number alone.
  enum class Says : std::uint8_t { nothing, number, values } says_ = Says::nothing;
  int richest_word_ = 0;
  std::optional<Answer> richest_;
  const void* richest_buf_ = nullptr;
  bool is_c_contiguous_ = true;  // the memory, by the richest answer or the layout
  SeenMemory richest_elements_;
  std::optional<Unchanging> unchanging_;  // of the object; absent while nobody asked
  struct ExpectedDigest {
    std::uint64_t digest;
    std::vector<ssize> order;  // in which the elements were digested
  };
  std::optional<ExpectedDigest> expected_digest_;  // of what ready-made objects must show
  std::optional<long> references_at_begin_;
  long held_references_ = 0;  // of the object that was asked, gained with the views that are held
  long usual_change_ = -1;  // of the references to the object, by the last release of a view of it
  int collected_in_vain_ = 0;
  std::uint64_t events_ = 0;  // what may have made the object give up memory
  std::array<Slot, max_slots> slots_;
};

}  // namespace bufspec::engine
