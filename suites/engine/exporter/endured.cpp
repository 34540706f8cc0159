// Steps with the object: an operation that changes it, its last reference given up, a request from inside its use.
#include <utility>

#include "driver.hpp"

namespace bufspec::engine {

void ExporterDriver::mutate(std::size_t operation, StepRecord& record) {
  if (!has_object_ || operation >= exported_.operation_count()) return;
  Mutated& mutated = record.mutated.emplace();
  mutated.operation = exported_.operation_name(operation);
  for (const Slot& slot : slots_) mutated.views_held += slot.is_held ? 1 : 0;
  is_spoilt_ = true;

  exported_.forget_exception();
  mutated.twin_tried = mutated.views_held == 0 && set_up([&] { return exported_.make_twin(); });
  Raised raised = exported_.operate(operation, Which::object);
  mutated.raised = raised.is_set;
  mutated.error = raised.error;
  mutated.exception_name = std::move(raised.name);
  if (!mutated.raised) {
    is_changed_ = true;
    references_at_begin_.reset();  // it may have been handed to somebody
  }
  if (!mutated.twin_tried) return;
  Raised twin_raised = exported_.operate(operation, Which::twin);
  mutated.twin_raised = twin_raised.is_set;
  mutated.twin_exception_name = std::move(twin_raised.name);
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
  Slot inner;
  exported_.re_enter([&] {
    const auto before = exported_.references();
    acquire(flags, inner, record.answer.emplace());
    if (!inner.is_held) return;
    release(inner, record);
    const auto after = exported_.references();
    record.released->references_kept.reset();
    if (before && after) record.released->references_kept = *after - *before;
  });
  exported_.forget_exception();
}

}  // namespace bufspec::engine
