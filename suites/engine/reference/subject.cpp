#include "subject.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

#include "bufspec/functions.hpp"
#include "bufspec/memoryview.hpp"
#include "bufspec/misreadings.hpp"

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
  Buffer acquired{};       // the struct as it was then
  std::vector<char> elements;  // what its elements were then, in C order
};

namespace {

std::vector<char> elements_of(const Buffer& view) {
  std::vector<char> elements(static_cast<std::size_t>(view.len));
  // A view without extents shows its bytes as they lie.
  if (view.shape == nullptr && view.ndim > 0) {
    if (!elements.empty()) std::memcpy(elements.data(), view.buf, elements.size());
  } else if (!to_contiguous(elements, view, 'C').ok()) {
    elements.clear();
  }
  return elements;
}

unsigned changed_fields(const Buffer& now, const Buffer& then) noexcept {
  unsigned changed = 0;
  const auto compare = [&](bool same, unsigned bit) { changed |= same ? 0U : bit; };
  compare(now.buf == then.buf, field_bit::buf);
  compare(now.obj == then.obj, field_bit::obj);
  compare(now.len == then.len, field_bit::len);
  compare(now.itemsize == then.itemsize, field_bit::itemsize);
  compare(now.readonly == then.readonly, field_bit::readonly);
  compare(now.ndim == then.ndim, field_bit::ndim);
  compare(now.format == then.format, field_bit::format);
  compare(now.shape == then.shape, field_bit::shape);
  compare(now.strides == then.strides, field_bit::strides);
  compare(now.suboffsets == then.suboffsets, field_bit::suboffsets);
  compare(now.internal == then.internal, field_bit::internal);
  return changed;
}

}  // namespace

ReferenceExporterSubject::ReferenceExporterSubject(std::optional<Layout> own, std::uint32_t runtime)
    : own_(std::move(own)), runtime_(runtime), slots_(std::make_unique<std::array<Slot, max_slots>>()) {}

ReferenceExporterSubject::~ReferenceExporterSubject() { end(); }

unsigned ReferenceExporterSubject::observes() const noexcept {
  return observation::structure | observation::canaries | observation::references | observation::exception |
         observation::memory | observation::result | observation::mutation | observation::process |
         observation::content;
}

bool ReferenceExporterSubject::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::exporter) return false;
  const std::optional<Layout>& wanted = scenario.layout ? scenario.layout : own_;
  if (!wanted) return false;
  if (is_changed_ || !built_ || !(*built_ == *wanted)) {
    is_changed_ = false;
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

void ReferenceExporterSubject::acquire(int word, Edition edition, Slot& slot, Answer& answer, bool directly) {
  slot.held.poison();
  Buffer& view = slot.held.view();
  const long before = exporter_.references();
  const Status status = directly ? exporter_.get_buffer(word, view, edition, runtime_)
                                 : get_buffer(exporter_, view, word, edition, runtime_);
  answer.status = status.ok() ? 0 : -1;
  answer.granted = status.ok();
  answer.exception_set = !status.ok();
  answer.error = status.error;
  if (!status.ok()) answer.exception_name = error_name(status.error);
  answer.canaries_intact = slot.held.canaries_intact();
  copy_view(view, exporter_, richest_buf_, answer.granted, answer.view);
  answer.references_gained = exporter_.references() - before;
  slot.is_held = answer.granted;
  if (!slot.is_held) return;
  ++held_;
  slot.acquired = view;
  slot.elements = elements_of(view);
  answer.memory_readable = true;
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
  switch (what.kind) {
    case StepKind::acquire:
    case StepKind::acquire_direct: {
      StepRecord ignored;
      release(slot, ignored);  // a scenario that acquires into a held slot gives the first view back
      acquire(what.flags, scenario.edition, slot, record.answer.emplace(), what.kind == StepKind::acquire_direct);
      return;
    }
    case StepKind::release:
      return release(slot, record);
    case StepKind::release_copy:
      return release_copy(slot, record);
    case StepKind::read:
      return read(slot, record);
    case StepKind::write:
      return write(slot, record);
    case StepKind::mutate:
      return mutate(record);
    case StepKind::reenter:
      return reenter(what, scenario.edition, record);
    case StepKind::repeat:
    case StepKind::threads:
      return repeat(what, scenario.edition, record);
    case StepKind::collect:
    case StepKind::drop:  // it has no collector, and nobody else holds it
    case StepKind::consume:
    case StepKind::call:
      return;
  }
}

void ReferenceExporterSubject::release_copy(Slot& slot, StepRecord& record) {
  if (!slot.is_held) return;
  Buffer copy = slot.held.view();
  slot.held.poison();
  bufspec::release(copy);
  slot.is_held = false;
  --held_;
  Released& released = record.released.emplace();
  released.canaries_intact = slot.held.canaries_intact() && is_poison(slot.held.view().obj);
  released.obj = copy.obj == nullptr ? Owner::null : Owner::exporter;
  released.references_kept = exporter_.references() - references_at_begin_ - held_;
}

void ReferenceExporterSubject::read(Slot& slot, StepRecord& record) {
  if (!slot.is_held) return;
  Reread& reread = record.reread.emplace();
  reread.changed = changed_fields(slot.held.view(), slot.acquired);
  reread.elements = elements_of(slot.held.view()) == slot.elements ? SameElements::same : SameElements::different;
}

void ReferenceExporterSubject::write(Slot& slot, StepRecord& record) {
  if (!slot.is_held) return;
  Written& written = record.written.emplace();
  Buffer& view = slot.held.view();
  written.tried = view.readonly == 0 && !slot.elements.empty();
  if (!written.tried) return;
  // The element with all indices 0 is where buf points to, unless the way to it goes through pointers.
  if (view.suboffsets != nullptr) {
    written.tried = false;
    return;
  }
  auto& byte = *static_cast<unsigned char*>(view.buf);
  byte = static_cast<unsigned char>(~byte);
  written.read_back = elements_of(view) != slot.elements;
  for (Slot& other : *slots_) {
    if (&other == &slot || !other.is_held) continue;
    if (written.elsewhere == SameElements::not_compared) written.elsewhere = SameElements::same;
    if (elements_of(other.held.view()) == other.elements) written.elsewhere = SameElements::different;
  }
  byte = static_cast<unsigned char>(~byte);
  written.restored = elements_of(view) == slot.elements;
}

// Its operation is to grow by an item, which its exports forbid.
void ReferenceExporterSubject::mutate(StepRecord& record) {
  const ssize extent = exporter_.layout().shape[0] + 1;
  Mutated& mutated = record.mutated.emplace();
  mutated.operation = "resize";
  mutated.views_held = static_cast<int>(held_);
  is_changed_ = true;
  if (held_ == 0) {
    Exporter twin;
    mutated.twin_tried = twin.build(*built_).ok();
    const Status status = twin.resize(extent);
    mutated.twin_raised = !status.ok();
    if (!status.ok()) mutated.twin_exception_name = error_name(status.error);
  }
  const Status status = exporter_.resize(extent);
  mutated.raised = !status.ok();
  mutated.error = status.error;
  if (!status.ok()) mutated.exception_name = error_name(status.error);
}

void ReferenceExporterSubject::reenter(const Step& what, Edition edition, StepRecord& record) {
  Slot inner;
  acquire(what.flags, edition, inner, record.answer.emplace());
  release(inner, record);
}

void ReferenceExporterSubject::repeat(const Step& what, Edition edition, StepRecord& record) {
  bufspec::Repeated& repeated = record.repeated.emplace();
  const long before = exporter_.references();
  const int turns = what.kind == StepKind::threads ? thread_count : 1;
  for (int n = 0; n < what.count * turns; ++n) {
    Buffer view{};
    const bool granted = get_buffer(exporter_, view, what.flags, edition, runtime_).ok();
    ++(granted ? repeated.granted : repeated.refused);
    if (granted) bufspec::release(view);
  }
  repeated.references_kept = exporter_.references() - before;
  repeated.first_half_bytes = repeated.second_half_bytes = 0;  // an export of it takes no memory
}

void ReferenceExporterSubject::end() {
  for (Slot& slot : *slots_) {
    StepRecord ignored;
    release(slot, ignored);
  }
}

Status ReferenceConsumerSubject::LoggedExporter::build(const Scenario& scenario) {
  requests_.clear();
  behaviours_ = scenario.behaviours;
  refused_requests_ = scenario.refused_requests;
  return exporter_.build(*scenario.layout);
}

bool ReferenceConsumerSubject::LoggedExporter::refuses(int word) const noexcept {
  const auto is_asked = [&](std::uint32_t behaviour) { return (behaviours_ & behaviour) != 0; };
  const bool wants_contiguity =
      has(word, flag::C_CONTIGUOUS) || has(word, flag::F_CONTIGUOUS) || has(word, flag::ANY_CONTIGUOUS);
  return (requests_.size() < 8 && (refused_requests_ >> requests_.size() & 1U) != 0) ||
         (is_asked(behaviour::refuses_writable) && has(word, flag::WRITABLE)) ||
         (is_asked(behaviour::refuses_flat) && !has(word, flag::ND)) ||
         (is_asked(behaviour::refuses_strideless) && !has(word, flag::STRIDES)) ||
         (is_asked(behaviour::refuses_formatless) && !has(word, flag::FORMAT)) ||
         (is_asked(behaviour::refuses_format) && has(word, flag::FORMAT)) ||
         (is_asked(behaviour::refuses_contiguity) && wants_contiguity) || is_asked(behaviour::refuses_all);
}

// Which request a view is of travels in `internal`, which survives a copy of the struct.
Status ReferenceConsumerSubject::LoggedExporter::get_buffer(int word, Buffer& view, Edition edition,
                                                            std::uint32_t runtime) noexcept {
  const bool is_refused = refuses(word);
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

unsigned ReferenceConsumerSubject::observes() const noexcept { return observation::requests | observation::result; }

bool ReferenceConsumerSubject::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::consumer || !scenario.layout) return false;
  trace.observes = observes();
  trace.runtime = latest_runtime;
  for (auto& result : results_) result.reset();
  is_dropped_ = false;
  return exporter_.build(scenario).ok();
}

// The memoryview is gone afterwards; what is still held then is held for ever.
std::optional<std::string> ReferenceConsumerSubject::consume(const Scenario& scenario, Consumed& consumed) {
  consumed.called = true;
  const auto view = MemoryView::from_object(exporter_, scenario.edition, latest_runtime);
  consumed.error = view.error;
  std::optional<std::string> result;
  if (view.ok()) {
    auto bytes = view.value->tobytes('C');
    consumed.error = bytes.error;
    if (bytes.ok()) result.emplace(bytes.value.data(), bytes.value.size());
  }
  if (result && consumed.result != Compared::wrong) show_bytes(consumed, *scenario.layout, *result);
  consumed.raised = consumed.error != Error::none;
  return result;
}

void ReferenceConsumerSubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  const Step& what = scenario.steps[step];
  Consumed& consumed = trace.steps.emplace_back().consumed.emplace();
  auto& result = results_[what.slot];
  const int calls = what.kind == StepKind::repeat    ? what.count
                    : what.kind == StepKind::threads ? what.count * thread_count
                                                     : 0;
  if (what.kind == StepKind::consume && !is_dropped_) result = consume(scenario, consumed);
  if (what.kind == StepKind::read && result) show_bytes(consumed, *scenario.layout, *result);
  if (what.kind == StepKind::release) result.reset();
  if (what.kind == StepKind::drop) is_dropped_ = true;
  for (int call = 0; call < calls && !is_dropped_; ++call) static_cast<void>(consume(scenario, consumed));
  const auto requests = static_cast<std::ptrdiff_t>(std::min(exporter_.requests().size(), max_logged_requests));
  consumed.requests.assign(exporter_.requests().begin(), exporter_.requests().begin() + requests);
  for (const auto& held : results_) consumed.results_held += held ? 1 : 0;
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
