#include "effects.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "bufspec/trace.hpp"

namespace bufspec::mutants::exporters {

namespace {

constexpr unsigned yield_microseconds = 50;

// Where a view that is alone is acquired and released a million times, pages would take minutes.
Ground ground_of(const Occasion& now) noexcept { return now.held > 1 ? Ground::pages : Ground::heap; }

template <typename Field>
void own_copy(Field*& field, std::size_t bytes, Storage& place, Ground ground) {
  if (field == nullptr) return;
  place = Storage(ground, {reinterpret_cast<const char*>(field), bytes});
  field = reinterpret_cast<Field*>(place.data());
}

// Lets others run, and longer where somebody else is at the same place.
void give_up_the_gil(Machine& machine) {
  ++machine.racing;
  Py_BEGIN_ALLOW_THREADS;
  sched_yield();
  Py_END_ALLOW_THREADS;
  if (machine.racing > 1) {
    Py_BEGIN_ALLOW_THREADS;
    usleep(yield_microseconds);
    Py_END_ALLOW_THREADS;
  }
  --machine.racing;
}

}  // namespace

void leave_unwritten(const Behaviour& behaviour, Occasion& now) {
  Py_buffer& view = *now.view;
  const Py_buffer& before = now.before;
  const auto keep = [&](unsigned bit, auto& field, const auto& old) {
    if ((behaviour.fields & bit) != 0) field = old;
  };
  keep(field_bit::buf, view.buf, before.buf);
  keep(field_bit::len, view.len, before.len);
  keep(field_bit::itemsize, view.itemsize, before.itemsize);
  keep(field_bit::readonly, view.readonly, before.readonly);
  keep(field_bit::ndim, view.ndim, before.ndim);
  keep(field_bit::format, view.format, before.format);
  keep(field_bit::shape, view.shape, before.shape);
  keep(field_bit::strides, view.strides, before.strides);
  keep(field_bit::suboffsets, view.suboffsets, before.suboffsets);
}

// `number` bytes after the struct, or before it if negative.
void write_beside(const Behaviour& behaviour, Occasion& now) {
  char* end = reinterpret_cast<char*>(now.view + 1);
  if (behaviour.number >= 0)
    std::memset(end, 0, static_cast<std::size_t>(behaviour.number));
  else
    std::memset(reinterpret_cast<char*>(now.view) + behaviour.number, 0, static_cast<std::size_t>(-behaviour.number));
}

void leave_exception(const Behaviour& behaviour, Occasion&) {
  PyErr_Clear();
  if (behaviour.error != Error::none) cpython::raise_error(behaviour.error, "left on purpose");
}

void give_fresh_block(const Behaviour&, Occasion& now) {
  Machine& machine = now.machine;
  if (now.kept == nullptr || machine.shared(Shared::memory).data() == nullptr) return;
  now.kept->block = Storage(ground_of(now), machine.shared(Shared::memory).bytes());
  now.view->buf = now.kept->block.data() + machine.buf_offset();
}

void give_contiguous_copy(const Behaviour&, Occasion& now) {
  if (now.kept == nullptr) return;
  Py_buffer& view = *now.view;
  const std::string elements = now.machine.elements();
  now.kept->block = Storage(ground_of(now), elements);
  view.buf = now.kept->block.data();
  view.readonly = 1;
  if (view.strides == nullptr || view.shape == nullptr) return;
  std::vector<ssize> strides(static_cast<std::size_t>(view.ndim));
  ssize step = view.itemsize;
  for (std::size_t d = strides.size(); d-- > 0; step *= view.shape[d]) strides[d] = step;
  now.kept->arrays[2] = Storage(Ground::heap, bytes_of(strides));
  view.strides = reinterpret_cast<Py_ssize_t*>(now.kept->arrays[2].data());
}

void give_own_arrays(const Behaviour&, Occasion& now) {
  if (now.kept == nullptr) return;
  Py_buffer& view = *now.view;
  const auto bytes = static_cast<std::size_t>(view.ndim) * sizeof(Py_ssize_t);
  auto& arrays = now.kept->arrays;
  const Ground ground = ground_of(now);
  own_copy(view.format, view.format == nullptr ? 0 : std::strlen(view.format) + 1, arrays[0], ground);
  own_copy(view.shape, bytes, arrays[1], ground);
  own_copy(view.strides, bytes, arrays[2], ground);
  own_copy(view.suboffsets, bytes, arrays[3], ground);
}

void give_static_arrays(const Behaviour&, Occasion& now) {
  using Numbers = std::array<Py_ssize_t, PyBUF_MAX_NDIM>;
  static Numbers shape, strides, suboffsets;
  Py_buffer& view = *now.view;
  const auto tell = [&](Py_ssize_t*& field, Numbers& place) {
    if (field == nullptr) return;
    std::copy_n(field, view.ndim, place.begin());
    field = place.data();
  };
  tell(view.shape, shape);
  tell(view.strides, strides);
  tell(view.suboffsets, suboffsets);
}

void renew_arrays(const Behaviour&, Occasion& now) {
  Py_buffer& view = *now.view;
  const auto bytes = static_cast<std::size_t>(view.ndim) * sizeof(Py_ssize_t);
  auto& arrays = now.machine.renewed;
  const auto renew = [](auto*& field, std::size_t size, Storage& place) {
    if (field == nullptr) return;
    place = Storage();
    own_copy(field, size, place, Ground::heap);
  };
  renew(view.format, view.format == nullptr ? 0 : std::strlen(view.format) + 1, arrays[0]);
  renew(view.shape, bytes, arrays[1]);
  renew(view.strides, bytes, arrays[2]);
  renew(view.suboffsets, bytes, arrays[3]);
}

// Other contents in the same place: a text that reads otherwise, numbers one larger, bytes one higher.
void overwrite(const Behaviour& behaviour, Occasion& now) {
  const std::span<char> bytes = now.machine.shared(behaviour.what).bytes();
  if (behaviour.what == Shared::format) {
    for (char& one : bytes)
      if (one != 0) one = one == 'B' ? 'b' : 'B';
    return;
  }
  const std::size_t step = behaviour.what == Shared::memory ? 1 : sizeof(Py_ssize_t);
  for (std::size_t i = 0; i < bytes.size(); i += step) ++bytes[i];
}

// Between two halves of one change others may run.
void race(const Behaviour& behaviour, Occasion& now) {
  Machine& machine = now.machine;
  if (behaviour.word == "memory") {
    const std::span<char> bytes = machine.shared(Shared::memory).bytes();
    std::fill(bytes.begin(), bytes.end(), '\xee');
    give_up_the_gil(machine);
    const auto whole = machine.pristine();
    std::copy(whole.begin(), whole.end(), bytes.begin());
    return;
  }
  // One reference is held while anybody holds a view; who counts in a stale way keeps or drops one too many.
  const long before = machine.raced;
  give_up_the_gil(machine);
  if (now.moment == Moment::granted) {
    machine.raced = before + 1;
    if (before == 0) Py_INCREF(now.self);
  } else {
    machine.raced = before - 1;
    if (before == 1) Py_DECREF(now.self);
  }
}

}  // namespace bufspec::mutants::exporters
