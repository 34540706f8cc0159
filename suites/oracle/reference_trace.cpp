#include "reference_trace.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "bufspec/functions.hpp"
#include "oracle.hpp"
#include "reference_consumer.hpp"

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
  answer.status = status.ok() ? 0 : -1;
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

}  // namespace

Answer answer_of(Exporter& exporter, int word, Edition edition, std::uint32_t runtime) {
  Buffer held{};
  Answer answer = acquire(exporter, word, edition, runtime, held);
  release(held);
  return answer;
}

namespace {

// A view that a scenario holds, and what it was when it was acquired.
struct Held {
  Buffer buffer{};
  View view;
  std::string elements;
  bool is_compared = false;  // its elements were read
};

bool is_held(const Held& held) noexcept { return held.buffer.obj != nullptr; }

bool read_elements(const Buffer& buffer, std::string& elements) {
  elements.resize(static_cast<std::size_t>(buffer.len));
  return to_contiguous(elements, buffer, 'C').ok();
}

// READ and WRITE are reserved by the library's function, not by the slot.
Answer acquire_into(Held& held, Exporter& exporter, const Step& step, Edition edition, std::uint32_t runtime) {
  const bool is_reserved = step.flags == flag::READ || step.flags == flag::WRITE;
  if (step.kind == StepKind::acquire_direct && is_reserved) runtime = python_3_12;
  Answer answer = acquire(exporter, step.flags, edition, runtime, held.buffer);
  held.view = answer.view;
  held.is_compared = answer.granted && read_elements(held.buffer, held.elements);
  return answer;
}

// Gives the view back; of a copy the release must not miss the original.
Released give_back(Held& held, Exporter& exporter, bool by_copy) {
  Released released;
  const long references = exporter.references();
  Buffer copy = held.buffer;
  if (by_copy) std::memset(static_cast<void*>(&held.buffer), 0xa5, sizeof held.buffer);
  Buffer& given = by_copy ? copy : held.buffer;
  release(given);
  released.obj = given.obj == nullptr ? Owner::null : Owner::exporter;
  released.references_kept = exporter.references() - (references - 1);
  held.buffer.obj = nullptr;
  return released;
}

bool same_values(Pointer state, const Extents& left, const Extents& right, int ndim) {
  return state != Pointer::readable || std::equal(left.begin(), left.begin() + ndim, right.begin());
}

Reread read_again(const Held& held, Exporter& exporter) {
  const View& then = held.view;
  const View now = view_of(held.buffer, exporter);
  Reread reread;
  const auto compare = [&](unsigned field, bool same) { reread.changed |= same ? 0 : field; };
  compare(field_bit::buf, now.buf == then.buf && now.buf_offset == then.buf_offset);
  compare(field_bit::obj, now.obj == then.obj);
  compare(field_bit::len, now.len == then.len);
  compare(field_bit::itemsize, now.itemsize == then.itemsize);
  compare(field_bit::readonly, now.readonly == then.readonly);
  compare(field_bit::ndim, now.ndim == then.ndim);
  compare(field_bit::format, now.format == then.format && now.format_text.text() == then.format_text.text());
  compare(field_bit::shape,
          now.shape == then.shape && same_values(now.shape, now.shape_values, then.shape_values, now.ndim));
  compare(field_bit::strides,
          now.strides == then.strides && same_values(now.strides, now.strides_values, then.strides_values, now.ndim));
  compare(field_bit::suboffsets, now.suboffsets == then.suboffsets && same_values(now.suboffsets, now.suboffsets_values,
                                                                                  then.suboffsets_values, now.ndim));
  std::string elements;
  if (held.is_compared && read_elements(held.buffer, elements))
    reread.elements = elements == held.elements ? SameElements::same : SameElements::different;
  return reread;
}

// The first byte of the first element.
char& first_byte(const Buffer& buffer) {
  const Extents zeros{};
  const std::span<const ssize> index{zeros.data(), buffer.shape == nullptr ? 0 : static_cast<std::size_t>(buffer.ndim)};
  return *element_pointer(static_cast<char*>(buffer.buf), geometry_of(buffer), index);
}

Written write_and_restore(const std::array<Held, max_slots>& all, const Held& held) {
  Written written;
  written.tried = held.buffer.readonly == 0 && held.buffer.len > 0;
  if (!written.tried) return written;
  char& byte = first_byte(held.buffer);
  const char before = byte;
  const char other = static_cast<char>(~before);
  byte = other;
  written.read_back = first_byte(held.buffer) == other;
  for (const Held& one : all) {
    if (!is_held(one) || &one == &held) continue;
    const bool shows = first_byte(one.buffer) == other;
    if (written.elsewhere != SameElements::different)
      written.elsewhere = shows ? SameElements::same : SameElements::different;
  }
  byte = before;
  written.restored = first_byte(held.buffer) == before;
  return written;
}

// The counts of all pairs, of which a few are made: one is like another.
Repeated repeat(Exporter& exporter, const Step& step, Edition edition, std::uint32_t runtime) {
  Repeated repeated;
  const long before = exporter.references();
  const int count = std::clamp(step.count, 0, 16);
  bool granted = false;
  for (int i = 0; i < count; ++i) granted = answer_of(exporter, step.flags, edition, runtime).granted;
  (granted ? repeated.granted : repeated.refused) = static_cast<std::uint64_t>(std::max(step.count, 0));
  repeated.references_kept = exporter.references() - before;
  return repeated;
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

bool run_on_reference(const Scenario& scenario, const Layout& otherwise, Trace& trace) {
  if (scenario.target == Target::consumer) return run_consumer(scenario, ConsumerHabit{}, trace);
  trace = {};
  trace.observes = observation::all;
  trace.runtime = latest_runtime;
  Exporter exporter;
  if (!exporter.build(scenario.layout ? *scenario.layout : otherwise).ok()) return false;
  for (const int word : {flag::FULL_RO, flag::FULL}) {
    Answer richest = answer_of(exporter, word, scenario.edition);
    if (!richest.granted) continue;
    trace.richest_word = word;
    trace.richest = std::move(richest);
    break;
  }
  std::array<Held, max_slots> all;
  for (const Step& step : scenario.steps) {
    StepRecord record;
    Held& held = all[step.slot % max_slots];
    switch (step.kind) {
      case StepKind::acquire:
      case StepKind::acquire_direct:
        release(held.buffer);
        record.answer = acquire_into(held, exporter, step, scenario.edition, trace.runtime);
        break;
      case StepKind::release:
      case StepKind::release_copy:
        if (is_held(held)) record.released = give_back(held, exporter, step.kind == StepKind::release_copy);
        break;
      case StepKind::read:
        if (is_held(held)) record.reread = read_again(held, exporter);
        break;
      case StepKind::write:
        if (is_held(held)) record.written = write_and_restore(all, held);
        break;
      case StepKind::reenter: {
        Held inner;
        record.answer = acquire_into(inner, exporter, step, scenario.edition, trace.runtime);
        if (record.answer->granted) record.released = give_back(inner, exporter, false);
        break;
      }
      case StepKind::repeat:
        record.repeated = repeat(exporter, step, scenario.edition, trace.runtime);
        break;
      case StepKind::consume:
        break;  // not a step of an exporter
      case StepKind::call:
        record.called = call(exporter, scenario.order);
        break;
      case StepKind::mutate:
      case StepKind::collect:
      case StepKind::drop:
      case StepKind::threads:
        break;  // the reference has no operations and no threads
    }
    trace.steps.push_back(std::move(record));
  }
  for (Held& held : all) release(held.buffer);
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
