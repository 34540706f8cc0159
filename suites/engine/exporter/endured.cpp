// Steps with the object: an operation that changes it, its last reference given up, a request from inside its use.
#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>

#include "driver.hpp"
#include "suites/engine/memory/packed_layout.hpp"

namespace bufspec::engine {

namespace {

// An object that grows ninefold with each operation soon takes all memory, and time: no fault of its own.
constexpr ssize most_grown = ssize{1} << 20;
constexpr ssize growth_of_an_operation = 9;
constexpr ssize least_size = 64;  // what an operation may add to little

}  // namespace

void ExporterDriver::mutate(std::size_t operation, StepRecord& record) {
  if (!has_object_ || operation >= exported_.operation_count() || has_outgrown()) return;
  Mutated& mutated = record.mutated.emplace();
  mutated.operation = exported_.operation_name(operation);
  for (const Slot& slot : slots_) mutated.views_held += slot.is_held ? 1 : 0;
  if (more_) mutated.views_held += static_cast<int>(more_->count());
  is_spoilt_ = true;
  learn_content();

  exported_.forget_exception();
  // What the operation frees counts for the first answer after it.
  if (!built_layout_) RecentFrees::begin();
  Raised raised = exported_.operate(operation, Which::object);
  mutated.raised = raised.is_set;
  mutated.error = raised.error;
  mutated.exception_name = std::move(raised.name);
  // Only a BufferError is taken for a sign that nothing was done.
  if (!mutated.raised || mutated.error != Error::buffer_error)
    note_change();
  else
    RecentFrees::end();
  if (mutated.raised && mutated.views_held == 0) try_twin(operation, mutated);
}

// What was known of the memory is past: each answer from now on is judged by what it says, and by what the object says.
void ExporterDriver::note_change() {
  is_changed_ = true;
  begins_anew_ = false;  // what its kind shows, and what was declared, is not what it is now
  ++changes_;
  if (changes_ == 1) most_size_ = richest_ ? richest_->view.len : 0;
  most_size_ = std::max(most_size_, least_size);
  if (__builtin_mul_overflow(most_size_, growth_of_an_operation, &most_size_)) most_size_ = PTRDIFF_MAX;
  is_unasked_ = !built_layout_;
  references_at_begin_.reset();  // it may have been handed to somebody
}

// Whether what an object says of itself is what its answers show, while both are known.
void ExporterDriver::learn_content() {
  if (is_changed_ || is_volatile() || !richest_ || !richest_elements_.complete || richest_elements_.elements.empty())
    return;
  const auto content = exported_.content();
  exported_.forget_exception();
  if (!content || *content != richest_elements_.elements) return;
  const std::string& said = *content;
  const bool is_uniform = said.find_first_not_of(said.front()) == std::string::npos;
  says_ = is_uniform ? Says::number : Says::values;
}

// Whether operations of this scenario have made the object many times what it was.
bool ExporterDriver::has_outgrown() {
  if (!is_changed_) return false;
  const ssize most = std::max(most_grown, richest_ ? richest_->view.len : 0);
  // It is asked only where it may be: an object that is asked between any two operations is not one that nobody asked.
  if (most_size_ <= most) return false;
  most_size_ = size_of_changed(flag::FULL_RO);
  return most_size_ > most;
}

// Does the same to an object that was never exported: what that does not do either is not the fault of the views.
void ExporterDriver::try_twin(std::size_t operation, Mutated& mutated) {
  mutated.twin_tried = set_up([&] { return exported_.make_twin(); });
  if (!mutated.twin_tried) return;
  // Large objects are not kept for nothing.
  if (richest_ && richest_->view.len > large_memory) drop();
  Raised raised = exported_.operate(operation, Which::twin);
  mutated.twin_raised = raised.is_set;
  mutated.twin_exception_name = std::move(raised.name);
}

// The bytes of an object that was changed, as it answers to `flags`; 0 if it refuses.
ssize ExporterDriver::size_of_changed(int flags) {
  PoisonedView held;
  held.poison();
  exported_.forget_exception();
  ssize size = 0;
  if (exported_.ask(held.view(), flags, Route::library) == 0) {
    size = held.view().len;
    if (can_be_released(owner_of(held.view().obj))) exported_.release(held.view());
  }
  exported_.forget_exception();
  return size;
}

void ExporterDriver::drop() {
  // Nothing else of ours refers to it: answers are value copies.
  exported_.drop();
  has_object_ = false;
}

// What one object is asked is nobody else's affair.  Where objects are built the other one is of another layout.
void ExporterDriver::use_another(std::size_t operation) {
  if (!has_object_) return;
  std::optional<Layout> other;
  if (built_layout_) other = of_other_shape(*built_layout_);
  if (!set_up([&] { return exported_.use_another(other ? &*other : nullptr, operation); })) return;
  // Whoever makes objects may make them of the same memory, and keep alive the last one only.
  const bool is_unasked = is_unasked_;
  has_made_another_ = true;
  is_spoilt_ = true;
  note_change();
  is_unasked_ = is_unasked;
}

// Its first request is the scenario's, and what another object of its kind answered is not held against it.
void ExporterDriver::begin_anew(Trace& trace) {
  const bool is_spoilt = is_spoilt_;  // by what this scenario will do
  drop();
  const bool is_there = put_object(nullptr);
  is_spoilt_ = is_spoilt;
  tell_richest(trace);
  if (is_there) references_at_begin_ = exported_.references();
}

// What the object is like is found out beside its first answer, while that is held: only then does it show whether the two are of
// one memory.
void ExporterDriver::look_beside_the_first(Slot& slot, Trace& trace) {
  begins_anew_ = false;
  const std::optional<long> references = references_at_begin_;
  survey();
  references_at_begin_ = references;
  tell_richest(trace);
  Answer& answer = *trace.steps.back().answer;
  if (!slot.is_held || slot.has_lost_memory || answer.view.buf == Pointer::untouched) return;
  View beside;
  copy_view(slot.acquired, answer.view.obj, richest_buf_, true, beside);
  answer.view.buf = slot.view.buf = beside.buf;
  answer.view.buf_offset = slot.view.buf_offset = beside.buf_offset;
  compare_answer(slot, answer);
}

void ExporterDriver::re_enter(int flags, StepRecord& record) {
  if (!has_object_) return;
  // The way in reads the format to its end, wherever that is.
  if (richest_ && richest_->view.format != Pointer::null && !richest_->view.format_terminated) return;
  exported_.forget_exception();
  OwnSlot own(exported_);
  const auto ask_and_release = [&] {
    const auto before = exported_.references();
    acquire(flags, own.slot(), record.answer.emplace());
    if (!own.slot().is_held) return;
    release(own.slot(), record);
    const auto after = exported_.references();
    record.released->references_kept.reset();
    if (before && after) record.released->references_kept = *after - *before;
  };
  // Between here and there may be an interpreter, which is not to take a failure of ours for one of the object.
  std::exception_ptr thrown;
  exported_.re_enter([&] {
    try {
      ask_and_release();
    } catch (...) {
      thrown = std::current_exception();
    }
  });
  if (thrown != nullptr) std::rethrow_exception(thrown);
  exported_.forget_exception();
}

}  // namespace bufspec::engine
