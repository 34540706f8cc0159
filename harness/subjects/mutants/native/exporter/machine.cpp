#include "machine.hpp"

#include <algorithm>
#include <cstring>

#include "behaviours.hpp"
#include "bufspec/element_values.hpp"
#include "harness/subjects/mutants/native/behaviour_table.hpp"

namespace bufspec::mutants::exporters {

namespace {

// Storages that were retired are kept a while, so that their addresses are not used again under a held view.
constexpr std::size_t most_retired = 64;

Buffer& buffer_of(Py_buffer& view) noexcept { return reinterpret_cast<Buffer&>(view); }

template <typename Field>
void point_at(Field*& field, const Storage& storage) noexcept {
  if (field != nullptr && storage.data() != nullptr) field = reinterpret_cast<Field*>(storage.data());
}

}  // namespace

Machine::Machine() = default;
Machine::~Machine() = default;

bool Machine::build(const Layout& layout) {
  if (const Status status = exporter_.build(layout); !status.ok()) {
    cpython::raise_error(status.error, status.reason);
    return false;
  }
  return true;
}

bool Machine::take_behaviours(const TableValue& behaviours) {
  std::vector<TableProblem> problems;
  behaviours_ = behaviours_from(behaviours, *this, problems);
  return raise_problems(problems);
}

std::span<const char> Machine::original(Shared what) const noexcept {
  const Layout& layout = exporter_.layout();
  const auto n = static_cast<std::size_t>(layout.ndim);
  switch (what) {
    case Shared::format:
      return {layout.format.c_str(), layout.format.size() + 1};
    case Shared::shape:
      return bytes_of({layout.shape.data(), n});
    case Shared::strides:
      return bytes_of({layout.strides.data(), n});
    case Shared::suboffsets:
      return bytes_of({layout.suboffsets.data(), n});
    case Shared::memory:
      break;
  }
  return exporter_.block();
}

bool Machine::share(Shared what, Ground ground) {
  if (what == Shared::memory && !is_movable()) return true;
  const std::span<const char> contents = original(what);
  if (ground == Ground::object) {
    // What comes in its place later is not in the object.
    if (contents.size() > room_.size()) return false;
    shared(what) = Storage(room_.data(), contents);
    return true;
  }
  grounds_[static_cast<std::size_t>(what)] = ground;
  shared(what) = Storage(ground, contents);
  return true;
}

void Machine::put(Shared what, std::span<const char> contents) {
  Storage& place = shared(what);
  if (place.data() == nullptr) return;
  Storage made(grounds_[static_cast<std::size_t>(what)], contents);
  std::swap(place, made);
  made.retire();
  retired_.push_back(std::move(made));
  if (retired_.size() > most_retired) retired_.erase(retired_.begin());
}

void Machine::replace(Shared what) { put(what, std::string(shared(what).data(), shared(what).size())); }

std::string Machine::elements() const {
  const Layout& layout = exporter_.layout();
  const auto n = static_cast<std::size_t>(layout.ndim);
  const auto count = element_count({layout.shape.data(), n});
  std::string made;
  if (!count.ok()) return made;
  std::string element(static_cast<std::size_t>(layout.itemsize), '\0');
  for (ssize k = 0; k < count.value; ++k) {
    element_bytes(k, element);
    made += element;
  }
  return made;
}

void Machine::run(Occasion& now) {
  for (const Behaviour& behaviour : behaviours_)
    if (behaviour.moment == now.moment && behaviour.when.holds(now)) behaviour.act(behaviour, now);
}

// Every field as the flags of `word` ask for it, whatever the memory allows.
void Machine::answer_everything(Py_buffer& view, int word) {
  constexpr int everything = flag::FULL_RO;
  if (!exporter_.get_buffer(everything, buffer_of(view)).ok()) return;
  view.readonly = has(word, flag::WRITABLE) ? 0 : view.readonly;
  if (!has(word, flag::FORMAT)) view.format = nullptr;
  if (!has(word, flag::ND)) view.shape = nullptr;
  if (!has(word, flag::STRIDES)) view.strides = nullptr;
  if (!has(word, flag::INDIRECT)) view.suboffsets = nullptr;
}

int Machine::get_buffer(PyObject* self, Py_buffer* view, int word) {
  Occasion now(*this, self, Moment::request);
  now.view = view;
  now.asked = now.word = word;
  now.call = ++calls_;
  now.held = static_cast<long>(exports_.size()) + 1;
  now.before = *view;
  run(now);
  if (now.redirected != nullptr) return PyObject_GetBuffer(now.redirected, view, now.word);
  if (is_closed_ && !now.reopens) return refused(now, Error::value_error, "the memory was closed");
  if (now.refuses) return refused(now, refusal_error, "refused on purpose");
  if (now.grants) {
    answer_everything(*view, now.word);
    return granted(now);
  }
  const Status status =
      exporter_.get_buffer(now.word, buffer_of(*view), Edition::current, static_cast<std::uint32_t>(Py_Version));
  if (status.ok()) return granted(now);
  return refused(now, status.error == Error::buffer_error ? refusal_error : status.error, status.reason);
}

int Machine::refused(Occasion& now, Error error, const char* reason) {
  now.view->obj = nullptr;
  cpython::raise_error(error, reason);
  now.moment = Moment::refused;
  if (counting == Counting::refusals_too) ++lock;
  run(now);
  return now.status.value_or(-1);
}

int Machine::granted(Occasion& now) {
  Py_buffer& view = *now.view;
  exporter_.release_buffer(buffer_of(view));  // the reference counts views, but the lock of this object is `lock`
  exporter_.drop_reference();
  if (shared(Shared::memory).data() != nullptr) view.buf = shared(Shared::memory).data() + buf_offset();
  if (is_closed_ && given_up_ != nullptr) view.buf = given_up_ + buf_offset();
  point_at(view.format, shared(Shared::format));
  point_at(view.shape, shared(Shared::shape));
  point_at(view.strides, shared(Shared::strides));
  point_at(view.suboffsets, shared(Shared::suboffsets));
  Py_INCREF(now.self);
  view.obj = now.self;
  exports_.push_back(std::make_unique<Export>());
  now.kept = exports_.back().get();
  now.kept->made_for = &view;
  view.internal = now.kept;
  count_one_more();
  now.moment = Moment::granted;
  run(now);
  return now.status.value_or(0);
}

void Machine::count_one_more() noexcept {
  switch (counting) {
    case Counting::no_lock:
      return;
    case Counting::at_most_one:
      lock = 1;
      return;
    case Counting::at_most_255:
      lock = std::min(lock + 1, 255L);
      return;
    case Counting::in_a_byte:
      lock = static_cast<std::uint8_t>(lock + 1);
      return;
    case Counting::right:
    case Counting::never_falls:
    case Counting::refusals_too:
      ++lock;
  }
}

std::size_t Machine::find(const Py_buffer* view) const noexcept {
  for (std::size_t i = exports_.size(); i-- > 0;) {
    if (find_by == FindBy::last) return i;
    if (find_by == FindBy::address ? exports_[i]->made_for == view : exports_[i].get() == view->internal) return i;
  }
  return exports_.size();
}

void Machine::release_buffer(PyObject* self, Py_buffer* view) {
  const std::size_t place = find(view);
  if (place == exports_.size()) {
    // The view stays on the list as one that is held, and what is held keeps its exporter.
    if (find_by == FindBy::address) Py_INCREF(self);
    return;
  }
  Occasion now(*this, self, Moment::released);
  now.view = view;
  now.held = static_cast<long>(exports_.size());
  now.call = calls_;
  now.kept = exports_[place].get();
  run(now);
  if (lock > 0 && !now.keeps_count && counting != Counting::never_falls) --lock;
  exports_.erase(exports_.begin() + static_cast<std::ptrdiff_t>(place));
}

void Machine::forget(const Export* kept) {
  std::erase_if(exports_, [&](const auto& one) { return one.get() == kept; });
  if (lock > 0) --lock;
}

bool Machine::begin_operation(PyObject* self) {
  Occasion now(*this, self, Moment::operation);
  now.held = static_cast<long>(exports_.size());
  now.is_locked = lock > 0;
  run(now);
  if (PyErr_Occurred() != nullptr) return false;
  if (is_closed_) {
    PyErr_SetString(PyExc_ValueError, "the memory was closed");
    return false;
  }
  if (!now.is_locked) return true;
  PyErr_SetString(PyExc_BufferError, "the memory is exported");
  return false;
}

bool Machine::resize(ssize extent) {
  if (const Status status = exporter_.resize(std::max<ssize>(extent, 0)); !status.ok()) {
    cpython::raise_error(status.error, status.reason);
    return false;
  }
  for (const Shared what : {Shared::format, Shared::shape, Shared::strides, Shared::suboffsets, Shared::memory})
    put(what, original(what));
  ++operations;
  return true;
}

void Machine::close() noexcept {
  is_closed_ = true;
  given_up_ = shared(Shared::memory).data();
  ++operations;
  shared(Shared::memory).retire();
}

}  // namespace bufspec::mutants::exporters
