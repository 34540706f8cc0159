// Steps with the object: an operation that changes it, its last reference given up, a request from inside its use.
#include <algorithm>
#include <exception>
#include <utility>

#include "driver.hpp"

namespace bufspec::engine {

namespace {

// An object that grows ninefold with each operation soon takes all memory, and time: no fault of its own.
constexpr ssize most_grown = ssize{1} << 20;

}  // namespace

void ExporterDriver::mutate(std::size_t operation, StepRecord& record) {
  if (!has_object_ || operation >= exported_.operation_count() || has_outgrown()) return;
  Mutated& mutated = record.mutated.emplace();
  mutated.operation = exported_.operation_name(operation);
  for (const Slot& slot : slots_) mutated.views_held += slot.is_held ? 1 : 0;
  is_spoilt_ = true;

  exported_.forget_exception();
  Raised raised = exported_.operate(operation, Which::object);
  mutated.raised = raised.is_set;
  mutated.error = raised.error;
  mutated.exception_name = std::move(raised.name);
  if (mutated.raised) {
    if (mutated.views_held == 0) try_twin(operation, mutated);
    return;
  }
  is_changed_ = true;
  references_at_begin_.reset();  // it may have been handed to somebody
}

// Whether operations of this scenario have made the object many times what it was.
bool ExporterDriver::has_outgrown() {
  if (!is_changed_) return false;
  const ssize before = richest_ ? richest_->view.len : 0;
  return size_of_changed(flag::FULL_RO) > std::max(most_grown, before);
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

// What an object answers that an operation has changed cannot be held against what it answered before.  But the request
// may be what moves the memory from under the views that are held.
void ExporterDriver::ask_changed(int flags) { static_cast<void>(size_of_changed(flags)); }

// The bytes of an object that was changed, as it answers to `flags`; 0 if it refuses.
ssize ExporterDriver::size_of_changed(int flags) {
  PoisonedView held;
  held.poison();
  exported_.forget_exception();
  ssize size = 0;
  if (exported_.ask(held.view(), flags, Route::library) == 0) {
    size = held.view().len;
    const Owner owner = owner_of(held.view().obj);
    if (owner != Owner::untouched && owner != Owner::garbage) exported_.release(held.view());
  }
  exported_.forget_exception();
  return size;
}

void ExporterDriver::drop() {
  // Nothing else of ours refers to it: answers are value copies.
  exported_.drop();
  has_object_ = false;
}

void ExporterDriver::re_enter(int flags, StepRecord& record) {
  if (!has_object_ || is_changed_) return;
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
