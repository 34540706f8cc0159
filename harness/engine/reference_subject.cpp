#include "reference_subject.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "bufspec/functions.hpp"
#include "bufspec/memoryview.hpp"

namespace bufspec::engine {

namespace {

constexpr unsigned char poison_byte = 0xab;

// A struct between canaries.  It must not move while its view is held: exporters may point into it.
class PoisonedBuffer {
 public:
  void poison() noexcept { std::memset(&memory_, poison_byte, sizeof memory_); }
  [[nodiscard]] bool canaries_intact() const noexcept {
    const auto is_poison = [](unsigned char byte) { return byte == poison_byte; };
    return std::all_of(memory_.before.begin(), memory_.before.end(), is_poison) &&
           std::all_of(memory_.after.begin(), memory_.after.end(), is_poison);
  }
  [[nodiscard]] Buffer& view() noexcept { return memory_.view; }

 private:
  struct Memory {
    std::array<unsigned char, 16> before;
    Buffer view;
    std::array<unsigned char, 16> after;
  };
  static_assert(std::is_trivially_copyable_v<Memory>, "poison is written over the bytes of the struct");
  Memory memory_;
};

bool is_poison(const void* pointer) noexcept {
  std::array<unsigned char, sizeof pointer> bytes;
  std::memcpy(bytes.data(), &pointer, sizeof pointer);
  return std::all_of(bytes.begin(), bytes.end(), [](unsigned char byte) { return byte == poison_byte; });
}

Pointer state_of(const void* pointer) noexcept {
  if (pointer == nullptr) return Pointer::null;
  return is_poison(pointer) ? Pointer::untouched : Pointer::readable;
}

Pointer copy_array(const ssize* array, int ndim, Extents& values) noexcept {
  const Pointer state = state_of(array);
  if (state == Pointer::readable) std::copy_n(array, std::clamp(ndim, 0, max_ndim), values.begin());
  return state;
}

// After a refusal only obj means something.
void copy_view(const Buffer& view, const Object& asked, const void* richest_buf, bool granted, View& copy) noexcept {
  if (view.obj == nullptr || is_poison(view.obj)) {
    copy.obj = view.obj == nullptr ? Owner::null : Owner::untouched;
  } else {
    copy.obj = view.obj == &asked ? Owner::exporter : Owner::other;
  }
  if (!granted) return;
  copy.buf = state_of(view.buf);
  if (richest_buf != nullptr)
    copy.buf_offset =
        static_cast<ssize>(reinterpret_cast<std::uintptr_t>(view.buf) - reinterpret_cast<std::uintptr_t>(richest_buf));
  copy.len = view.len;
  copy.itemsize = view.itemsize;
  copy.readonly = view.readonly;
  copy.ndim = view.ndim;
  copy.format = state_of(view.format);
  if (copy.format == Pointer::readable) copy.format_text.assign(view.format);
  copy.shape = copy_array(view.shape, view.ndim, copy.shape_values);
  copy.strides = copy_array(view.strides, view.ndim, copy.strides_values);
  copy.suboffsets = copy_array(view.suboffsets, view.ndim, copy.suboffsets_values);
}

}  // namespace

struct ReferenceExporterSubject::Slot {
  PoisonedBuffer held;
  bool is_held = false;
};

ReferenceExporterSubject::ReferenceExporterSubject(std::optional<Layout> own, std::uint32_t runtime)
    : own_(std::move(own)), runtime_(runtime), slots_(std::make_unique<std::array<Slot, max_slots>>()) {}

ReferenceExporterSubject::~ReferenceExporterSubject() { end(); }

unsigned ReferenceExporterSubject::observes() const noexcept {
  return observation::structure | observation::canaries | observation::references | observation::exception |
         observation::memory | observation::result | observation::content;
}

bool ReferenceExporterSubject::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::exporter) return false;
  const std::optional<Layout>& wanted = scenario.layout ? scenario.layout : own_;
  if (!wanted) return false;
  if (!built_ || !(*built_ == *wanted)) {
    built_.reset();
    if (!exporter_.build(*wanted).ok()) return false;
    built_ = wanted;
  }
  trace.observes = observes();
  trace.runtime = runtime_;

  // The reference never refuses FULL_RO, so nothing poorer need be asked.
  richest_buf_ = nullptr;
  Slot& slot = slots_->front();
  acquire(flag::FULL_RO, scenario.edition, slot, trace.richest.emplace());
  trace.richest_word = flag::FULL_RO;
  richest_buf_ = slot.held.view().buf;
  StepRecord ignored;
  release(slot, ignored);
  references_at_begin_ = exporter_.references();
  return true;
}

void ReferenceExporterSubject::acquire(int word, Edition edition, Slot& slot, Answer& answer) {
  slot.held.poison();
  Buffer& view = slot.held.view();
  const long before = exporter_.references();
  const Status status = get_buffer(exporter_, view, word, edition, runtime_);
  answer.granted = status.ok();
  answer.status = status.ok() ? 0 : -1;
  answer.exception_set = !status.ok();
  answer.error = status.error;
  if (!status.ok()) answer.exception_name = error_name(status.error);
  answer.canaries_intact = slot.held.canaries_intact();
  copy_view(view, exporter_, richest_buf_, answer.granted, answer.view);
  answer.references_gained = exporter_.references() - before;
  slot.is_held = answer.granted;
  if (slot.is_held) ++held_;
}

void ReferenceExporterSubject::release(Slot& slot, StepRecord& record) {
  if (!slot.is_held) return;
  Buffer& view = slot.held.view();
  bufspec::release(view);
  slot.is_held = false;
  --held_;
  Released& released = record.released.emplace();
  released.canaries_intact = slot.held.canaries_intact();
  released.obj = view.obj == nullptr ? Owner::null : Owner::exporter;
  released.references_kept = exporter_.references() - references_at_begin_ - held_;
}

void ReferenceExporterSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  const Step& what = scenario.steps[step];
  StepRecord& record = trace.steps.emplace_back();
  Slot& slot = (*slots_)[what.slot % max_slots];
  if (what.kind == StepKind::acquire) {
    StepRecord ignored;
    release(slot, ignored);  // a scenario that acquires into a held slot gives the first view back
    acquire(what.flags, scenario.edition, slot, record.answer.emplace());
  } else if (what.kind == StepKind::release) {
    release(slot, record);
  }
}

void ReferenceExporterSubject::end() {
  for (Slot& slot : *slots_) {
    StepRecord ignored;
    release(slot, ignored);
  }
}

Status ReferenceConsumerSubject::LoggedExporter::build(const Layout& layout) {
  requests_.clear();
  return exporter_.build(layout);
}

// Which request a view is of travels in `internal`, which survives a copy of the struct.
Status ReferenceConsumerSubject::LoggedExporter::get_buffer(int word, Buffer& view, Edition edition,
                                                            std::uint32_t runtime) noexcept {
  const Status status = exporter_.get_buffer(word, view, edition, runtime);
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

unsigned ReferenceConsumerSubject::observes() const noexcept { return observation::requests | observation::result; }

bool ReferenceConsumerSubject::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::consumer || !scenario.layout) return false;
  trace.observes = observes();
  trace.runtime = latest_runtime;
  return exporter_.build(*scenario.layout).ok();
}

void ReferenceConsumerSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  StepRecord& record = trace.steps.emplace_back();
  if (scenario.steps[step].kind != StepKind::consume) return;
  Consumed& consumed = record.consumed.emplace();
  {
    const auto view = MemoryView::from_object(exporter_, scenario.edition, latest_runtime);
    consumed.error = view.error;
    if (view.ok()) {
      auto bytes = view.value->tobytes('C');
      consumed.error = bytes.error;
      if (bytes.ok()) consumed.bytes.emplace(bytes.value.begin(), bytes.value.end());
    }
    consumed.raised = consumed.error != Error::none;
  }
  // The memoryview is gone; what is still held now is held for ever.
  consumed.requests.assign(exporter_.requests().begin(), exporter_.requests().end());
}

unsigned ReferenceFunctionSubject::observes() const noexcept { return observation::result; }

bool ReferenceFunctionSubject::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::function || !scenario.layout || !well_formed(*scenario.layout).ok()) return false;
  trace.observes = observes();
  trace.runtime = latest_runtime;
  return true;
}

void ReferenceFunctionSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  StepRecord& record = trace.steps.emplace_back();
  if (scenario.steps[step].kind != StepKind::call || !scenario.layout) return;
  Layout layout = *scenario.layout;  // the arrays of a struct are not const
  Buffer view{};
  view.itemsize = layout.itemsize;
  view.ndim = layout.ndim;
  const std::span<const ssize> shape{layout.shape.data(), static_cast<std::size_t>(layout.ndim)};
  view.len = byte_length(element_count(shape).value, layout.itemsize).value;
  if (layout.ndim > 0) {
    view.shape = layout.shape.data();
    view.strides = layout.has_strides ? layout.strides.data() : nullptr;
    view.suboffsets = layout.has_suboffsets ? layout.suboffsets.data() : nullptr;
  }
  Called& called = record.called.emplace();
  switch (scenario.function) {
    case Function::is_contiguous:
      called.result = is_contiguous(view, scenario.order) ? 1 : 0;
      break;
  }
}

}  // namespace bufspec::engine
