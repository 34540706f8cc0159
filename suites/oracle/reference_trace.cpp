#include "reference_trace.hpp"

#include <array>
#include <cstring>

#include "bufspec/functions.hpp"

namespace bufspec::oracle {

namespace {

Pointer state_of(const void* pointer) { return pointer == nullptr ? Pointer::null : Pointer::readable; }

void copy(const ssize* from, int ndim, Extents& to) {
  if (from != nullptr) std::memcpy(to.data(), from, static_cast<std::size_t>(ndim) * sizeof(ssize));
}

View view_of(const Buffer& buffer, Exporter& exporter) {
  View view;
  view.buf = state_of(buffer.buf);
  view.buf_offset = static_cast<const char*>(buffer.buf) - exporter.buf();
  view.obj = buffer.obj == static_cast<Object*>(&exporter) ? Owner::exporter : Owner::other;
  view.len = buffer.len;
  view.itemsize = buffer.itemsize;
  view.readonly = buffer.readonly;
  view.ndim = buffer.ndim;
  view.format = state_of(buffer.format);
  if (buffer.format != nullptr) view.format_text.assign(buffer.format);
  view.shape = state_of(buffer.shape);
  view.strides = state_of(buffer.strides);
  view.suboffsets = state_of(buffer.suboffsets);
  copy(buffer.shape, buffer.ndim, view.shape_values);
  copy(buffer.strides, buffer.ndim, view.strides_values);
  copy(buffer.suboffsets, buffer.ndim, view.suboffsets_values);
  return view;
}

Answer acquire(Exporter& exporter, int word, Edition edition, std::uint32_t runtime, Buffer& held) {
  Answer answer;
  const long before = exporter.references();
  Object untouched(ObjectKind::other);
  held = {};
  held.obj = &untouched;
  const Status status = exporter.get_buffer(word, held, edition, runtime);
  answer.granted = status.ok();
  answer.error = status.error;
  answer.exception_set = !status.ok();
  answer.exception_name = std::string(error_name(status.error));
  if (answer.granted) {
    answer.view = view_of(held, exporter);
    answer.references_gained = exporter.references() - before;
  } else {
    answer.view.obj = held.obj == nullptr ? Owner::null : Owner::untouched;
    held.obj = nullptr;
  }
  return answer;
}

// Asks for everything, reads it, gives it back.
Consumed consume(Exporter& exporter) {
  Consumed consumed;
  Buffer view{};
  const long before = exporter.exports();
  const bool granted = get_buffer(exporter, view, flag::FULL_RO).ok();
  consumed.requests.push_back({flag::FULL_RO, granted, 0});
  if (!granted) {
    consumed.raised = true;
    return consumed;
  }
  std::string bytes(static_cast<std::size_t>(view.len), '\0');
  if (to_contiguous(bytes, view, 'C').ok()) consumed.bytes = bytes;
  release(view);
  consumed.requests.back().releases = exporter.exports() == before ? 1 : 0;
  return consumed;
}

Called call(Exporter& exporter, char order) {
  Called called;
  Buffer view{};
  const Status granted = get_buffer(exporter, view, flag::FULL_RO);
  called.error = granted.error;
  called.result = granted.ok() && is_contiguous(view, order) ? 1 : 0;
  release(view);
  return called;
}

}  // namespace

Answer answer_of(Exporter& exporter, int word, Edition edition, std::uint32_t runtime) {
  Buffer held{};
  Answer answer = acquire(exporter, word, edition, runtime, held);
  release(held);
  return answer;
}

bool run_on_reference(const Scenario& scenario, const Layout& otherwise, Trace& trace) {
  trace = {};
  trace.observes = observation::all;
  trace.runtime = latest_runtime;
  Exporter exporter;
  if (!exporter.build(scenario.layout ? *scenario.layout : otherwise).ok()) return false;
  for (const int word : {flag::FULL, flag::FULL_RO}) {
    Answer richest = answer_of(exporter, word, scenario.edition);
    if (!richest.granted) continue;
    trace.richest_word = word;
    trace.richest = std::move(richest);
    break;
  }
  std::array<Buffer, max_slots> held{};
  for (const Step& step : scenario.steps) {
    StepRecord record;
    Buffer& slot = held[step.slot % max_slots];
    switch (step.kind) {
      case StepKind::acquire:
        if (slot.obj != nullptr) release(slot);
        record.answer = acquire(exporter, step.flags, scenario.edition, trace.runtime, slot);
        break;
      case StepKind::release: {
        if (slot.obj == nullptr) break;
        Released released;
        const long references = exporter.references();
        release(slot);
        released.obj = slot.obj == nullptr ? Owner::null : Owner::exporter;
        released.references_kept = exporter.references() - (references - 1);
        record.released = released;
        break;
      }
      case StepKind::consume:
        record.consumed = consume(exporter);
        break;
      case StepKind::call:
        record.called = call(exporter, scenario.order);
        break;
      default:
        break;
    }
    trace.steps.push_back(std::move(record));
  }
  for (Buffer& slot : held) release(slot);
  return true;
}

Scenario asking(const Layout& layout, const std::vector<int>& words, Edition edition) {
  Scenario scenario;
  scenario.edition = edition;
  scenario.layout = layout;
  for (const int word : words) {
    scenario.steps.push_back({StepKind::acquire, 0, word});
    scenario.steps.push_back({StepKind::release, 0, 0});
  }
  return scenario;
}

}  // namespace bufspec::oracle
