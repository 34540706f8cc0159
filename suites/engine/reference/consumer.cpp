#include "consumer.hpp"

#include <algorithm>

#include "bufspec/functions.hpp"
#include "bufspec/misreadings.hpp"

namespace bufspec::engine {

namespace {

ElementBytes contents_of(const Scenario& scenario) noexcept {
  return bytes_of_elements(scenario.behaviours, scenario.layout->format);
}

}  // namespace

Status ReferenceConsumerSubject::LoggedExporter::build(const Scenario& scenario) {
  requests_.clear();
  behaviours_ = scenario.behaviours;
  refused_requests_ = scenario.refused_requests;
  return exporter_.build(*scenario.layout, contents_of(scenario));
}

// Which request a view is of travels in `internal`, which survives a copy of the struct.
Status ReferenceConsumerSubject::LoggedExporter::get_buffer(int word, Buffer& view, Edition edition,
                                                            std::uint32_t runtime) noexcept {
  const bool is_refused = refuses(behaviours_, refused_requests_, requests_.size(), word);
  if (is_refused) view.obj = nullptr;
  const Status status = is_refused ? Status{Error::buffer_error, "this request is refused"}
                                   : exporter_.get_buffer(word, view, edition, runtime);
  requests_.push_back({word, status.ok(), 0});
  if (!status.ok()) return status;
  exporter_.drop_reference();  // the reference that counts is the one to this object
  add_reference();
  view.obj = static_cast<Object*>(this);
  view.internal = &requests_.back();
  return status;
}

void ReferenceConsumerSubject::LoggedExporter::release_buffer(Buffer& view) noexcept {
  ++static_cast<Consumed::Request*>(view.internal)->releases;
  exporter_.release_buffer(view);
}

unsigned ReferenceConsumerSubject::observes() const noexcept { return observation::all; }

bool ReferenceConsumerSubject::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::consumer || !scenario.layout) return false;
  end();
  trace.observes = observes();
  trace.runtime = latest_runtime;
  trace.consumer = habit_.kind;
  trace.has_fallback = habit_.has_fallback;
  is_dropped_ = false;
  return exporter_.build(scenario).ok();
}

void ReferenceConsumerSubject::end() {
  for (Result& result : results_) give_up(result);
}

// Requires: `result` is not there yet.
void ReferenceConsumerSubject::call(const Scenario& scenario, Consumed& consumed, Result& result) {
  consumed.called = result.is_there = true;
  if (habit_.words.empty())
    call_memoryview(scenario, consumed, result);
  else
    consumed.error = call_in_turn(scenario, consumed, result);
  consumed.raised = consumed.error != Error::none;
  consumed.exception_name = consumed.raised ? error_name(consumed.error) : "";
}

// The memoryview is gone afterwards; what is still held then is held for ever.
void ReferenceConsumerSubject::call_memoryview(const Scenario& scenario, Consumed& consumed, Result& result) {
  const auto view = MemoryView::from_object(exporter_, scenario.edition, latest_runtime);
  consumed.error = view.error;
  if (!view.ok()) return;
  auto bytes = view.value->tobytes('C');
  consumed.error = bytes.error;
  if (!bytes.ok()) return;
  result.has_bytes = true;
  result.bytes.assign(bytes.value.data(), bytes.value.size());
  if (consumed.result != Compared::wrong)
    show_bytes(consumed, *scenario.layout, result.bytes, 0, contents_of(scenario));
}

Error ReferenceConsumerSubject::call_in_turn(const Scenario& scenario, Consumed& consumed, Result& result) {
  for (const int word : habit_.words) {
    if (!get_buffer(exporter_, result.view, word, scenario.edition).ok()) continue;
    take(scenario, result.view, consumed, result);
    if (!habit_.holds_view) release(result.view);
    return Error::none;
  }
  return habit_.has_fallback ? Error::none : Error::buffer_error;
}

// Reads the elements that `view` shows; a consumer that fills writes them as they were, having looked at readonly.
void ReferenceConsumerSubject::take(const Scenario& scenario, const Buffer& view, Consumed& consumed,
                                    Result& result) const {
  if (habit_.kind == ConsumerKind::fills) {
    if ((scenario.behaviours & behaviour::lie_readonly) != 0) return;
    consumed.filled = consumed.called ? Compared::right : Compared::not_compared;
    consumed.elements_changed = consumed.called && view.len > 0;
    return;
  }
  std::string& bytes = result.bytes;
  bytes.assign(static_cast<std::size_t>(view.len), '\0');
  if (view.ndim == 0 || view.shape == nullptr)
    std::copy_n(static_cast<const char*>(view.buf), bytes.size(), bytes.begin());
  else if (!to_contiguous(bytes, view, 'C').ok())
    return;
  result.has_bytes = true;
  show_bytes(consumed, *scenario.layout, bytes, 0, contents_of(scenario));
}

void ReferenceConsumerSubject::give_up(Result& result) {
  if (result.view.obj != nullptr) release(result.view);
  result = {};
}

void ReferenceConsumerSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  const Step& what = scenario.steps[step];
  Consumed& consumed = trace.steps.emplace_back().consumed.emplace();
  Result& result = results_[what.slot % max_slots];
  const int calls = is_dropped_                      ? 0
                    : what.kind == StepKind::repeat  ? what.count
                    : what.kind == StepKind::threads ? what.count * thread_count
                                                     : 0;
  if (what.kind == StepKind::consume && !is_dropped_) {
    give_up(result);
    call(scenario, consumed, result);
  }
  if (what.kind == StepKind::read && result.view.obj != nullptr)
    take(scenario, result.view, consumed, result);
  else if (what.kind == StepKind::read && result.has_bytes)
    show_bytes(consumed, *scenario.layout, result.bytes, 0, contents_of(scenario));
  if (what.kind == StepKind::release) give_up(result);
  if (what.kind == StepKind::drop) is_dropped_ = true;
  for (int number = 0; number < calls; ++number) {
    Result once;
    call(scenario, consumed, once);
    give_up(once);
  }
  const auto requests = static_cast<std::ptrdiff_t>(std::min(exporter_.requests().size(), max_logged_requests));
  consumed.requests.assign(exporter_.requests().begin(), exporter_.requests().begin() + requests);
  consumed.results_held =
      static_cast<int>(std::count_if(results_.begin(), results_.end(), [](const Result& one) { return one.is_there; }));
  if (consumed.results_held == 0) consumed.references_kept = exporter_.references() - 1;
}

}  // namespace bufspec::engine
